"""The host's pages: the code as the hero, the list of codes, a code with other options."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gateway_svc import services
from gateway_svc.errors import Refused
from gateway_svc.selectors import chats, people
from gateway_svc.selectors import invitations as selectors
from gateway_svc.selectors.api import part
from gateway_svc.views.chats import app_context, problem_of
from gateway_svc.views.methods import require_http_methods, require_POST, require_safe
from gateway_svc.views.page import SeeOther, api_of, me, signed_in, together
from gateway_svc.views.rendering import render

OPTION_FIELDS = ("ttl", "uses", "guests", "label", "approval", "rotating")
PATH = "/api/auth/invitations"


@dataclass(frozen=True)
class ListPage:
    invitations: list[selectors.Invitation]
    is_unavailable: bool
    options: selectors.Options


@dataclass(frozen=True)
class InvitationPage:
    options: selectors.Options


@dataclass(frozen=True)
class MyCodePage:
    options: selectors.Options
    register_url: str = "/register?next=/me/code"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def invitations(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    if request.method != "POST":
        return await _list(request, chat_id)
    if "show" in request.POST:
        invitation_id = await services.show_code(api_of(request), chat_id=str(chat_id))
        return SeeOther(f"/chats/{chat_id}/invitations/{invitation_id}")
    return await _make(request, chat_id)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def my_code(request: HttpRequest) -> HttpResponse:
    """A code for a chat with oneself: the living one, else how to make one."""
    if request.method == "POST":
        return await _make(request, None)
    living = await services.living_code(api_of(request), direct="true")
    return SeeOther(f"{selectors.MY_CODES}/{living['id']}") if living else await _my_code(request)


@require_safe
@signed_in
async def invitation(request: HttpRequest, invitation_id: UUID, chat_id: UUID | None = None) -> HttpResponse:
    viewer, found = await shown_code(request, invitation_id, chat_id)
    template = "invitations/show.html" if "show" in request.GET else "invitations/invitation.html"
    shown = {"viewer": viewer, "invitation": found, "page": InvitationPage(selectors.options(found.codes_path))}
    return render(request, template, shown)


async def shown_code(
    request: HttpRequest, invitation_id: UUID, chat_id: UUID | None
) -> tuple[people.Viewer, selectors.Invitation]:
    """The host and the code, with its picture. Raises Refused, also where it is no code of that chat."""
    api = api_of(request)
    viewer, answer, chat, svg, link = await together(
        people.known_viewer(api, me(request)),
        api.get("auth", f"{PATH}/{invitation_id}"),
        part(api.get("chat", f"/api/chats/{chat_id}")) if chat_id else _no_chat(),
        part(selectors.picture(api, str(invitation_id))),
        part(selectors.link(api, str(invitation_id))),
    )
    if answer["chat"] != (str(chat_id) if chat_id else None):
        raise Refused(404, "invitation_unknown")
    link = link or {}
    found = selectors.invitation(
        answer,
        chat_title=chats.title_of(chat or {"title": ""}) if chat_id else _("Your chats"),
        url=link.get("url", ""),
        svg=link.get("svg") or svg or "",
        rotates_at=link.get("rotates_at") or "",
    )
    return viewer, found


async def _no_chat() -> None:
    return None


@require_POST
@signed_in
async def revoke(request: HttpRequest, invitation_id: UUID, chat_id: UUID | None = None) -> HttpResponse:
    await services.revoke(api_of(request), invitation_id=str(invitation_id))
    return SeeOther(_path(chat_id, invitation_id))


@require_POST
@signed_in
async def evict(request: HttpRequest, chat_id: UUID, invitation_id: UUID) -> HttpResponse:
    await services.revoke(api_of(request), invitation_id=str(invitation_id), evict=True)
    return SeeOther(f"/chats/{chat_id}/invitations/{invitation_id}")


@require_POST
@signed_in
async def renew(request: HttpRequest, invitation_id: UUID, chat_id: UUID | None = None) -> HttpResponse:
    fresh_id = await services.renew(api_of(request), invitation_id=str(invitation_id))
    return SeeOther(_path(chat_id, fresh_id))


def _codes_path(chat_id: UUID | None) -> str:
    return f"/chats/{chat_id}/invitations" if chat_id else selectors.MY_CODES


def _path(chat_id: UUID | None, invitation_id: UUID | str) -> str:
    return f"{_codes_path(chat_id)}/{invitation_id}"


async def _make(request: HttpRequest, chat_id: UUID | None) -> HttpResponse:
    chosen = {name: request.POST.get(name, "") for name in OPTION_FIELDS}
    try:
        made = await services.make_code(
            api_of(request),
            chat_id=str(chat_id or ""),
            ttl=chosen["ttl"],
            uses=chosen["uses"],
            guests=bool(chosen["guests"]),
            label=chosen["label"].strip(),
            approval=bool(chosen["approval"]),
            rotating=bool(chosen["rotating"]),
            password=request.POST.get("password", ""),
        )
    except Refused as refusal:
        if refusal.status != 422 and refusal.code != "account_required":
            raise
        return await (_list(request, chat_id, chosen, refusal) if chat_id else _my_code(request, chosen, refusal))
    return SeeOther(_path(chat_id, made["id"]))


async def _my_code(
    request: HttpRequest, chosen: dict[str, str] | None = None, refusal: Refused | None = None
) -> HttpResponse:
    shown = MyCodePage(selectors.options(selectors.MY_CODES, chosen, refusal.fields if refusal else None))
    return render(
        request,
        "invitations/my_code.html",
        {**await app_context(request), "page": shown, "notice": _notice(refusal)},
        status=refusal.status if refusal else 200,
    )


def _notice(refusal: Refused | None) -> str:
    """What is wrong, unless it stands at its field."""
    at_their_fields = refusal is not None and {"label", "password"} & set(refusal.fields)
    return problem_of(refusal) if refusal and not at_their_fields else ""


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
        options=selectors.options(_codes_path(chat_id), chosen, refusal.fields if refusal else None),
    )
    notice = _notice(refusal)
    status = refusal.status if refusal else 200
    return render(
        request, "invitations/list.html", {**context, "chat": found, "page": shown, "notice": notice}, status=status
    )
