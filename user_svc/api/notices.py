"""What staff let me know."""

from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import person_of
from abdre.operations import operation
from abdre.views import ApiView
from abdre.wire import Items
from user_svc import selectors, services
from user_svc.errors import NoticeNotFound
from user_svc.events import NoticeJson


class NoticesView(ApiView):
    @operation(
        "List what staff let me know",
        {200: Items[NoticeJson]},
        note="The newest first, a hundred at most. `seen_at` null: not read yet.",
    )
    def get(self, request: Request) -> Response:
        return Response({"items": selectors.recent_notices(person_of(request).id)})


class NoticeSeenView(ApiView):
    @operation("Say that I have read it", {204: None}, refusals=[NoticeNotFound])
    def post(self, request: Request, notice_id: int) -> Response:
        services.note_seen(user_id=person_of(request).id, notice_id=notice_id)
        return Response(status=204)
