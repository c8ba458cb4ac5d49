"""Who came, went, or was given a role."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import person_of
from abdre.errors import Invalid
from abdre.operations import Parameter, operation
from abdre.views import ApiView
from chat_svc import selectors
from chat_svc.api.queries import SEQ, number
from chat_svc.errors import ChatNotFound


class MembershipLogView(ApiView):
    @operation(
        "Read the membership log",
        {200: selectors.LogPage},
        note="What happened to memberships after a message, for who was away: a resume tells states alone. "
        "Of more than 500 entries the newest.",
        parameters=[Parameter("after", "A message's `seq`; 0, the default, for the beginning.", SEQ)],
        refusals=[ChatNotFound, Invalid],
    )
    def get(self, request: Request, chat_id: UUID) -> Response:
        after = number(request.query_params, "after", default=0, lowest=0)
        return Response(selectors.membership_log(chat_id=chat_id, user_id=person_of(request).id, after=after))
