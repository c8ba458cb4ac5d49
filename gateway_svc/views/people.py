"""Somebody else: their profile, and what one does about them."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from gateway_svc.errors import Refused
from gateway_svc.selectors import people, profiles
from gateway_svc.selectors.api import part
from gateway_svc.views.chats import problem_of
from gateway_svc.views.methods import require_POST, require_safe
from gateway_svc.views.page import SeeOther, api_of, me, signed_in, together
from gateway_svc.views.rendering import render


@require_safe
@signed_in
async def person(request: HttpRequest, user_id: UUID) -> HttpResponse:
    return await _person(request, user_id)


@require_POST
@signed_in
async def write(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Into the chat with them: the one there is, else a new one."""
    try:
        facts = {"kind": "direct", "members": [str(user_id)]}
        chat = await api_of(request).post("chat", "/api/chats", facts)
    except Refused as refusal:
        return await _person(request, user_id, refusal)
    return SeeOther(f"/chats/{chat['id']}")


@require_POST
@signed_in
async def block(request: HttpRequest, user_id: UUID) -> HttpResponse:
    try:
        await api_of(request).put("user", f"/api/users/blocks/{user_id}")
    except Refused as refusal:
        return await _person(request, user_id, refusal)
    return SeeOther(f"/people/{user_id}")


@require_POST
@signed_in
async def unblock(request: HttpRequest, user_id: UUID) -> HttpResponse:
    await api_of(request).delete("user", f"/api/users/blocks/{user_id}")
    return SeeOther("/settings/blocked" if "list" in request.POST else f"/people/{user_id}")


async def _person(request: HttpRequest, user_id: UUID, refusal: Refused | None = None) -> HttpResponse:
    """The page; after a refused deed with the reason."""
    if refusal is not None and (refusal.is_fault or refusal.status in (401, 404, 429)):
        raise refusal
    api = api_of(request)
    viewer, user, shared = await together(
        people.known_viewer(api, me(request)),
        api.get("user", f"/api/users/{user_id}"),
        part(api.get("chat", "/api/chats", **{"with": str(user_id)})),
    )
    chats = shared["items"] if shared else []
    shown = profiles.profile(user, viewer_id=viewer.id, viewer_is_guest=viewer.is_guest, chats=chats)
    context = {"viewer": viewer, "person": shown, "notice": problem_of(refusal) if refusal else ""}
    return render(request, "people/person.html", context, status=refusal.status if refusal else 200)
