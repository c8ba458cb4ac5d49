"""About a chat: who is in it and what may be done about them, what one wants of it, what it demands."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from gateway_svc import services
from gateway_svc.errors import Refused
from gateway_svc.selectors import about, chats, people
from gateway_svc.selectors.api import Json, part
from gateway_svc.selectors.forms import Field, Text
from gateway_svc.selectors.knocks import Knock, knocks_of
from gateway_svc.selectors.security import Line
from gateway_svc.views.chats import app_context, problem_of
from gateway_svc.views.later import reader_zone
from gateway_svc.views.methods import require_http_methods, require_POST
from gateway_svc.views.page import SeeOther, api_of, me, signed_in, together
from gateway_svc.views.pictures import hand_on
from gateway_svc.views.rendering import render

DEEDS = ("owner", "transfer", "admin", "member", "remove", "ban")
NAME_LOWEST = 3  # the user service looks for no shorter ones
PERSON = Field("person", _("Name"), is_plain=True, maxlength=60)


# Asked before what cannot be taken back, or not easily: what it is, and what comes of it.
QUESTIONS: Mapping[str, tuple[Text, Text]] = {
    "transfer": (
        _("Hand the chat over to %(name)s?"),
        _("It is theirs then, and you stay as an admin. Only they can give it back."),
    ),
    "ban": (
        _("Remove %(name)s for good?"),
        _("They read and write here no more, and no code lets them in again, until those who manage the chat do."),
    ),
}


@dataclass(frozen=True)
class QuestionPage:
    title: str
    text: Text
    label: str
    deed: str
    action: str
    back_url: str


@dataclass(frozen=True)
class SettingsPage:
    places: list[Line]
    preferences: about.Preferences
    zone: str
    rules: about.Rules | None  # for those who manage the chat
    keeping: str
    may_be_public: bool
    members: list[people.Member]
    blanks: list[people.Member]
    is_unavailable: bool
    banned: list[people.Person]
    person_field: Field
    words: str  # of a name that is looked for
    found: list[people.Person]
    day_field: Field = about.DAY
    knocks: list[Knock] = field(default_factory=list)
    open: str = ""  # the part in which something was wrong


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def settings_page(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    if request.method != "POST":
        return await _settings(request, chat_id)
    facts = about.ruled(request.POST, may_be_public=settings.PUBLIC_CHATS)
    try:
        await api_of(request).patch("chat", f"/api/chats/{chat_id}", facts)
    except Refused as refusal:
        return await _settings(request, chat_id, refusal, opened="rules")
    return _back(chat_id)


@require_POST
@signed_in
async def prefer(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    try:
        wishes = about.wished(request.POST, reader_zone(request))
        await api_of(request).patch("chat", f"/api/chats/{chat_id}/mine", wishes)
    except Refused as refusal:
        return await _settings(request, chat_id, refusal, opened="mine")
    return _back(chat_id)


@require_POST
@signed_in
async def picture(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    try:
        problem = await hand_on(request, "chat", f"/api/chats/{chat_id}/picture")
    except Refused as refusal:
        return await _settings(request, chat_id, refusal, opened="picture")
    return await _settings(request, chat_id, opened="picture", problem=problem) if problem else _back(chat_id)


@require_POST
@signed_in
async def add(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    try:
        await api_of(request).post("chat", f"/api/chats/{chat_id}/members", {"user": request.POST.get("user", "")})
    except Refused as refusal:
        return await _settings(request, chat_id, refusal)
    return _back(chat_id)


@require_POST
@signed_in
async def unban(request: HttpRequest, chat_id: UUID, user_id: UUID) -> HttpResponse:
    try:
        await api_of(request).delete("chat", f"/api/chats/{chat_id}/banned/{user_id}")
    except Refused as refusal:
        return await _settings(request, chat_id, refusal)
    return _back(chat_id)


def _back(chat_id: UUID) -> HttpResponse:
    return SeeOther(f"/chats/{chat_id}/settings")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def change(request: HttpRequest, chat_id: UUID, user_id: UUID) -> HttpResponse:
    if request.method != "POST":
        return await _ask_first(request, chat_id, user_id)
    deed = request.POST.get("deed", "")
    if deed not in DEEDS:
        raise Refused(400)
    try:
        await services.change_member(api_of(request), chat_id=str(chat_id), user_id=str(user_id), deed=deed)
    except Refused as refusal:
        return await _settings(request, chat_id, refusal)
    return _back(chat_id)


async def _ask_first(request: HttpRequest, chat_id: UUID, user_id: UUID) -> HttpResponse:
    """Raises Refused where there is nobody such, and nothing such to be done about them."""
    api, path = api_of(request), f"/api/chats/{chat_id}"
    context, detail, listed = await together(
        app_context(request, str(chat_id)), api.get("chat", path), part(api.get("chat", f"{path}/members"))
    )
    role, items = _managing_role(chats.chat(detail)), listed["items"] if listed else []
    found = next((item for item in items if item["user"]["id"] == str(user_id) != me(request)), None)
    member = people.member(found, viewer_id=me(request), viewer_role=role) if found else None
    deed = next((deed for deed in member.deeds if deed.name == request.GET.get("deed")), None) if member else None
    if member is None or deed is None or deed.name not in QUESTIONS:
        raise Refused(404)
    title, text = QUESTIONS[deed.name]
    page = QuestionPage(
        title=str(title) % {"name": member.name},
        text=text,
        label=deed.text,
        deed=deed.name,
        action=request.path,
        back_url=f"/chats/{chat_id}/settings",
    )
    return render(request, "chats/question.html", {**context, "page": page})


@require_POST
@signed_in
async def leave(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    try:
        await api_of(request).delete("chat", f"/api/chats/{chat_id}/members/{me(request)}")
    except Refused as refusal:
        return await _settings(request, chat_id, refusal)
    return SeeOther("/chats")


@require_POST
@signed_in
async def clear(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    await api_of(request).post("chat", f"/api/chats/{chat_id}/clear")
    return SeeOther(f"/chats/{chat_id}")


@require_POST
@signed_in
async def close(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    await api_of(request).delete("chat", f"/api/chats/{chat_id}")
    return SeeOther(f"/chats/{chat_id}")


async def _settings(
    request: HttpRequest, chat_id: UUID, refusal: Refused | None = None, *, opened: str = "", problem: str = ""
) -> HttpResponse:
    """The page; after a refused deed, or one with a `problem`, with the reason.

    A refusal that leaves no page to show is its own page.
    """
    if refusal is not None and (refusal.is_fault or refusal.status in (401, 429)):
        raise refusal
    knocking = part(api_of(request).get("auth", "/api/auth/knocks", chat=str(chat_id)))
    context, (detail, *parts), waiting = await together(
        app_context(request, str(chat_id)), _chat_and_people(request, str(chat_id)), knocking
    )
    found = chats.chat(detail)
    page = _page(request, found, detail, *parts, sent=request.POST if opened == "mine" else {})
    page = replace(page, knocks=knocks_of(waiting), open=opened)
    notice = problem_of(refusal) if refusal else problem
    shown = {**context, "chat": found, "page": page, "notice": notice}
    return render(request, "chats/settings.html", shown, status=refusal.status if refusal else 422 if problem else 200)


async def _chat_and_people(request: HttpRequest, chat_id: str) -> tuple[Json, Json | None, list[Json], list[Json]]:
    """The chat, and then its members, as `chats.chat_with` has it; beside them what is there for who manages it."""
    api, path = api_of(request), f"/api/chats/{chat_id}"
    detail = await api.get("chat", path)
    chat = chats.chat(detail)
    listed, banned, found = await together(
        part(api.get("chat", f"{path}/members")), _banned(request, chat), _people_named(request, _words(request, chat))
    )
    return detail, listed, banned, found


def _page(
    request: HttpRequest,
    chat: chats.Chat,
    detail: Json,
    listed: Json | None,
    banned: list[Json],
    found: list[Json],
    *,
    sent: Mapping[str, str],
) -> SettingsPage:
    role, words = _managing_role(chat), _words(request, chat)
    return SettingsPage(
        places=about.places(chat),
        preferences=about.preferences(detail, sent),
        zone=str(reader_zone(request)),
        keeping=about.keeping(detail),
        rules=about.rules(detail, may_be_public=settings.PUBLIC_CHATS) if chat.may_manage else None,
        may_be_public=settings.PUBLIC_CHATS and chat.kind == "group",
        members=[
            people.member(item, viewer_id=me(request), viewer_role=role) for item in (listed["items"] if listed else [])
        ],
        blanks=people.blank_members(viewer_role=role),
        is_unavailable=listed is None,
        banned=[people.person(item["user"]) for item in banned],
        person_field=replace(PERSON, value=words),
        words=words,
        found=[people.person(item) for item in found],
    )


def _words(request: HttpRequest, chat: chats.Chat) -> str:
    """Of a name that is looked for."""
    return request.GET.get("person", "").strip() if chat.may_manage else ""


async def _banned(request: HttpRequest, chat: chats.Chat) -> list[Json]:
    if not chat.may_manage:
        return []
    answer = await part(api_of(request).get("chat", f"/api/chats/{chat.id}/banned"))
    return list(answer["items"]) if answer else []


async def _people_named(request: HttpRequest, words: str) -> list[Json]:
    if len(words) < NAME_LOWEST:
        return []
    answer = await part(api_of(request).get("user", "/api/users", q=words))
    return list(answer["items"]) if answer else []


def _managing_role(chat: chats.Chat) -> str:
    """The viewer's role where there is anything to manage."""
    return "" if chat.is_over or chat.kind == "direct" else chat.role
