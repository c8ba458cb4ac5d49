"""Who is in a chat, and what may be done about it."""

from dataclasses import dataclass, replace
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from gateway_svc import services
from gateway_svc.errors import Refused
from gateway_svc.selectors import chats, knocks, people
from gateway_svc.selectors.api import part
from gateway_svc.selectors.forms import TITLE, Field
from gateway_svc.views.chats import app_context, problem_of
from gateway_svc.views.methods import require_POST, require_safe
from gateway_svc.views.page import SeeOther, api_of, me, signed_in, together
from gateway_svc.views.rendering import render

DEEDS = ("owner", "admin", "member", "remove", "ban")


@dataclass(frozen=True)
class MembersPage:
    members: list[people.Member]
    blanks: list[people.Member]
    is_unavailable: bool
    knocks: list[knocks.Knock]
    title_field: Field


@require_safe
@signed_in
async def members(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    return await _members(request, chat_id)


@require_POST
@signed_in
async def change(request: HttpRequest, chat_id: UUID, user_id: UUID) -> HttpResponse:
    deed = request.POST.get("deed", "")
    if deed not in DEEDS:
        raise Refused(400)
    try:
        await services.change_member(api_of(request), chat_id=str(chat_id), user_id=str(user_id), deed=deed)
    except Refused as refusal:
        return await _members(request, chat_id, refusal)
    return SeeOther(f"/chats/{chat_id}/members")


@require_POST
@signed_in
async def rename(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    try:
        await api_of(request).patch("chat", f"/api/chats/{chat_id}", {"title": request.POST.get("title", "")})
    except Refused as refusal:
        return await _members(request, chat_id, refusal)
    return SeeOther(f"/chats/{chat_id}/members")


@require_POST
@signed_in
async def leave(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    try:
        await api_of(request).delete("chat", f"/api/chats/{chat_id}/members/{me(request)}")
    except Refused as refusal:
        return await _members(request, chat_id, refusal)
    return SeeOther("/chats")


@require_POST
@signed_in
async def close(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    await api_of(request).delete("chat", f"/api/chats/{chat_id}")
    return SeeOther(f"/chats/{chat_id}")


async def _members(request: HttpRequest, chat_id: UUID, refusal: Refused | None = None) -> HttpResponse:
    """The panel; after a refused deed with the reason. A refusal that leaves no panel to show is its own page."""
    if refusal is not None and (refusal.is_fault or refusal.status in (401, 429)):
        raise refusal
    api = api_of(request)
    asked = chats.chat_with(api, str(chat_id), "members")
    knocking = part(api.get("auth", "/api/auth/knocks", chat=str(chat_id)))
    context, (detail, listed), waiting = await together(app_context(request, str(chat_id)), asked, knocking)
    found = chats.chat(detail)
    role = _managing_role(found)
    items = listed["items"] if listed else []
    shown = MembersPage(
        members=[people.member(item, viewer_id=me(request), viewer_role=role) for item in items],
        blanks=people.blank_members(viewer_role=role),
        is_unavailable=listed is None,
        knocks=knocks.knocks_of(waiting),
        title_field=replace(TITLE, value=detail["title"], required=False),
    )
    notice = problem_of(refusal) if refusal else ""
    status = refusal.status if refusal else 200
    return render(
        request, "chats/members.html", {**context, "chat": found, "page": shown, "notice": notice}, status=status
    )


def _managing_role(chat: chats.Chat) -> str:
    """The viewer's role where there is anything to manage."""
    return "" if chat.is_over or chat.kind == "direct" else chat.role
