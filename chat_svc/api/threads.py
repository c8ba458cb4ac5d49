"""What hangs on a message."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import person_of
from abdre.errors import Invalid
from abdre.operations import Parameter, operation
from abdre.views import ApiView
from chat_svc import selectors
from chat_svc.api.queries import LIMIT, PAGE_LIMIT, SEQ, number, optional_number
from chat_svc.errors import ChatNotFound, MessageNotFound
from chat_svc.selectors.messages import ThreadPage


class ThreadView(ApiView):
    @operation(
        "Read a thread",
        {200: ThreadPage},
        note="The message and its replies, ascending by `seq`: those just after `after`, just before `before`, else "
        "the newest. One replies by Send a message, with `thread`.",
        parameters=[
            Parameter("before", "A reply's `seq`.", SEQ),
            Parameter("after", "A reply's `seq`. It wins over `before`.", SEQ),
            LIMIT,
        ],
        refusals=[ChatNotFound, MessageNotFound, Invalid],
    )
    def get(self, request: Request, chat_id: UUID, seq: int) -> Response:
        query = request.query_params
        page = selectors.thread(
            chat_id=chat_id,
            user_id=person_of(request).id,
            seq=seq,
            before=optional_number(query, "before"),
            after=optional_number(query, "after"),
            limit=number(query, "limit", default=50, lowest=1, highest=PAGE_LIMIT),
        )
        return Response(page)
