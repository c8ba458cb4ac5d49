"""Search over all of one's chats, or in one of them."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from gateway_svc.errors import Refused
from gateway_svc.selectors import chats
from gateway_svc.selectors.api import Api, Json, part
from gateway_svc.selectors.search import Asked, search_page
from gateway_svc.views.chats import app_context, problem_of
from gateway_svc.views.methods import require_safe
from gateway_svc.views.page import api_of, me, signed_in, together
from gateway_svc.views.rendering import render


@require_safe
@signed_in
async def search(request: HttpRequest) -> HttpResponse:
    chat_id = _chat_id(request)
    context, (answer, error), title = await together(
        app_context(request, chat_id), _answer(api_of(request), _query(request, chat_id)), _title(request, chat_id)
    )
    asked = Asked(request.GET.get("q", ""), request.GET.get("cursor", ""), chat_id, title)
    page = search_page(asked, answer, viewer_id=me(request), error=error)
    shown = {**context, "page": page, "is_search_page": True}
    return render(request, "chats/search.html", shown, status=422 if error else 200)


def _chat_id(request: HttpRequest) -> str:
    try:
        return str(UUID(request.GET["chat"])) if request.GET.get("chat") else ""
    except ValueError as problem:
        raise Refused(404, "chat_not_found") from problem


def _query(request: HttpRequest, chat_id: str) -> dict[str, Any]:
    return {"q": request.GET.get("q"), "chat": chat_id or None, "cursor": request.GET.get("cursor") or None}


async def _answer(api: Api, query: dict[str, Any]) -> tuple[Json | None, str]:
    """What was found, or what is wrong with the question."""
    if not query["q"]:
        return None, ""
    try:
        return await part(api.get("chat", "/api/chats/search", **query)), ""
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return None, problem_of(refusal)


async def _title(request: HttpRequest, chat_id: str) -> str:
    """Raises Refused where the chat is not the visitor's."""
    if not chat_id:
        return ""
    found = await part(api_of(request).get("chat", f"/api/chats/{chat_id}"))
    return chats.title_of(found) if found else ""
