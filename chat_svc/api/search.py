"""Search over all my chats, or in one of them."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response

from abdre.api import person_of
from abdre.errors import Invalid, TooMany
from abdre.limits import limit as limit_rate
from abdre.operations import Parameter, operation
from abdre.views import ApiView
from chat_svc import selectors
from chat_svc.api.queries import number
from chat_svc.errors import ChatNotFound
from chat_svc.selectors.searching import SearchPage
from chat_svc.selectors.searching.query import FLAGS, QUERY_LIMIT, Filters

PAGE_LIMIT = 50
# Somebody who types slowly with a page that looks at every letter stays below it.
SEARCHES_PER_MINUTE = 120
DAY = {"type": "string", "format": "date"}


class SearchView(ApiView):
    @operation(
        "Search messages",
        {200: SearchPage},
        note=(
            "The newest first, out of all chats that one is in. `q` holds words and parts of words, all of which stand "
            'in a hit, `"phrases"`, and filters: `from:ada`, `from:me`, `in:tea`, `before:2026-11-26`, '
            "`after:2026-11-01`, `has:link`, `has:file`, `has:image`, `has:mention`. The same filters have parameters "
            "of their own. New messages do not move the pages that follow."
        ),
        parameters=[
            Parameter("q", "Needed, unless a filter is given.", {"type": "string", "maxLength": QUERY_LIMIT}),
            Parameter("chat", "Only there.", {"type": "string", "format": "uuid"}),
            Parameter("sender", "Only what this person said.", {"type": "string", "format": "uuid"}),
            Parameter("after", "Not before this day, in UTC.", DAY),
            Parameter("before", "Before this day, in UTC.", DAY),
            Parameter("has", "Only messages with one.", {"type": "string", "enum": list(FLAGS)}),
            Parameter("cursor", "The `next` of the page before.", {"type": "string"}),
            Parameter("limit", "", {"type": "integer", "minimum": 1, "maximum": PAGE_LIMIT, "default": 20}),
        ],
        refusals=[ChatNotFound, Invalid, TooMany],
    )
    def get(self, request: Request) -> Response:
        query, person = request.query_params, person_of(request)
        page = number(query, "limit", default=20, lowest=1, highest=PAGE_LIMIT)
        limit_rate("search", str(person.id), limit=SEARCHES_PER_MINUTE, window_s=60)
        return Response(
            selectors.search(
                user_id=person.id,
                text=query.get("q", ""),
                chat_id=_id(query, "chat"),
                filters=Filters(
                    _id(query, "sender"), query.get("after", ""), query.get("before", ""), query.get("has", "")
                ),
                cursor=query.get("cursor", ""),
                limit=page,
            )
        )


def _id(query: Any, name: str) -> UUID | None:
    if name not in query:
        return None
    try:
        return UUID(query[name])
    except ValueError as problem:
        raise Invalid(fields={name: [_("An id.")]}) from problem
