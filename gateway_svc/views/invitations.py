"""The host's pages: the code as the hero, the list of codes, a code with other options."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from gateway_svc import services
from gateway_svc.errors import Refused
from gateway_svc.selectors import chats, people
from gateway_svc.selectors import invitations as selectors
from gateway_svc.selectors.api import part
from gateway_svc.views.chats import app_context, problem_of
from gateway_svc.views.methods import require_http_methods, require_POST, require_safe
from gateway_svc.views.page import SeeOther, api_of, me, signed_in, together
from gateway_svc.views.rendering import render

OPTION_FIELDS = ("ttl", "uses", "guests", "label")
PATH = "/api/auth/invitations"


@dataclass(frozen=True)
class ListPage:
    invitations: list[selectors.Invitation]
    is_unavailable: bool
    options: selectors.Options


@dataclass(frozen=True)
class InvitationPage:
    options: selectors.Options


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def invitations(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    if request.method != "POST":
        return await _list(request, chat_id)
    if "show" in request.POST:
        invitation_id = await services.show_code(api_of(request), chat_id=str(chat_id))
        return SeeOther(f"/chats/{chat_id}/invitations/{invitation_id}")
    return await _make(request, chat_id)


@require_safe
@signed_in
async def invitation(request: HttpRequest, chat_id: UUID, invitation_id: UUID) -> HttpResponse:
    api = api_of(request)
    viewer, answer, chat, svg, url = await together(
        people.known_viewer(api, me(request)),
        api.get("auth", f"{PATH}/{invitation_id}"),
        part(api.get("chat", f"/api/chats/{chat_id}")),
        part(selectors.picture(api, str(invitation_id))),
        part(selectors.link(api, str(invitation_id))),
    )
    if answer["chat"] != str(chat_id):
        raise Refused(404, "invitation_unknown")
    title = chats.title_of(chat or {"title": ""})
    found = selectors.invitation(answer, chat_title=title, url=url or "", svg=svg or "")
    template = "invitations/show.html" if "show" in request.GET else "invitations/invitation.html"
    shown = {"viewer": viewer, "invitation": found, "page": InvitationPage(selectors.options())}
    return render(request, template, shown)


@require_POST
@signed_in
async def revoke(request: HttpRequest, chat_id: UUID, invitation_id: UUID) -> HttpResponse:
    await services.revoke(api_of(request), invitation_id=str(invitation_id))
    return SeeOther(f"/chats/{chat_id}/invitations/{invitation_id}")


@require_POST
@signed_in
async def evict(request: HttpRequest, chat_id: UUID, invitation_id: UUID) -> HttpResponse:
    await services.revoke(api_of(request), invitation_id=str(invitation_id), evict=True)
    return SeeOther(f"/chats/{chat_id}/invitations/{invitation_id}")


@require_POST
@signed_in
async def renew(request: HttpRequest, chat_id: UUID, invitation_id: UUID) -> HttpResponse:
    fresh_id = await services.renew(api_of(request), invitation_id=str(invitation_id))
    return SeeOther(f"/chats/{chat_id}/invitations/{fresh_id}")


async def _make(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    chosen = {name: request.POST.get(name, "") for name in OPTION_FIELDS}
    try:
        made = await services.make_code(
            api_of(request),
            chat_id=str(chat_id),
            ttl=chosen["ttl"],
            uses=chosen["uses"],
            guests=bool(chosen["guests"]),
            label=chosen["label"].strip(),
        )
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return await _list(request, chat_id, chosen, refusal)
    return SeeOther(f"/chats/{chat_id}/invitations/{made['id']}")


async def _list(
    request: HttpRequest, chat_id: UUID, chosen: dict[str, str] | None = None, refusal: Refused | None = None
) -> HttpResponse:
    api = api_of(request)
    context, detail, listed = await together(
        app_context(request, str(chat_id)),
        api.get("chat", f"/api/chats/{chat_id}"),
        part(api.get("auth", PATH, chat=str(chat_id))),
    )
    found = chats.chat(detail)
    shown = ListPage(
        invitations=[selectors.invitation(item, chat_title=found.title) for item in (listed or {}).get("items", [])],
        is_unavailable=listed is None,
        options=selectors.options(chosen, refusal.fields if refusal else None),
    )
    notice = problem_of(refusal) if refusal and "label" not in refusal.fields else ""
    status = refusal.status if refusal else 200
    return render(
        request, "invitations/list.html", {**context, "chat": found, "page": shown, "notice": notice}, status=status
    )
