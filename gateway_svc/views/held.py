"""What waits for approval in a chat: listed and decided on by who manages it; one's own, taken back."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from gateway_svc.errors import Refused
from gateway_svc.selectors import chats
from gateway_svc.selectors.held import held_page
from gateway_svc.views.chats import app_context, problem_of
from gateway_svc.views.methods import require_POST, require_safe
from gateway_svc.views.page import SeeOther, api_of, signed_in, together
from gateway_svc.views.rendering import render

# Somebody else was quicker, its author has gone, or the chat is over: said above what is left to decide on.
SAYS = (403, 404, 409, 410)


@require_safe
@signed_in
async def held(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    return await _held(request, chat_id)


@require_POST
@signed_in
async def approve(request: HttpRequest, chat_id: UUID, held_id: UUID) -> HttpResponse:
    return await _decided(request, chat_id, f"{held_id}/approve")


@require_POST
@signed_in
async def reject(request: HttpRequest, chat_id: UUID, held_id: UUID) -> HttpResponse:
    return await _decided(request, chat_id, f"{held_id}/reject")


@require_POST
@signed_in
async def drop(request: HttpRequest, chat_id: UUID, held_id: UUID) -> HttpResponse:
    await api_of(request).delete("chat", f"/api/chats/{chat_id}/held/{held_id}")
    return SeeOther(f"/chats/{chat_id}")


async def _decided(request: HttpRequest, chat_id: UUID, deed: str) -> HttpResponse:
    try:
        await api_of(request).post("chat", f"/api/chats/{chat_id}/held/{deed}")
    except Refused as refusal:
        if refusal.status not in SAYS:
            raise
        return await _held(request, chat_id, problem=problem_of(refusal), status=refusal.status)
    return SeeOther(f"/chats/{chat_id}/held")


async def _held(request: HttpRequest, chat_id: UUID, *, problem: str = "", status: int = 200) -> HttpResponse:
    """Raises Refused for who may not see it."""
    path = f"/api/chats/{chat_id}"
    context, detail, waiting = await together(
        app_context(request, str(chat_id)),
        api_of(request).get("chat", path),
        api_of(request).get("chat", f"{path}/held"),
    )
    found = chats.chat(detail)
    shown = {**context, "chat": found, "page": held_page(waiting, found.url), "problem": problem}
    return render(request, "chats/held.html", shown, status=status)
