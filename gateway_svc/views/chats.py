"""The list of chats, one chat, and what is written in it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gateway_svc.errors import Refused
from gateway_svc.proxy.form_files import FormFiles
from gateway_svc.selectors import chats, messages, people
from gateway_svc.selectors.api import Json, part
from gateway_svc.selectors.pins import bar
from gateway_svc.views.methods import require_http_methods, require_POST, require_safe
from gateway_svc.views.page import SeeOther, api_of, me, signed_in, together
from gateway_svc.views.rendering import render

LARGEST_SEQ = 2**63 - 1
WORDS_LONGEST = 100  # of a chat's name


# What is wrong with a message, or with the moment: said beside it, so that nothing typed is lost.
COMPOSER_SAYS = (403, 409, 422, 429)


@dataclass(frozen=True)
class Composer:
    action: str
    label: str
    client_id: str = ""
    body: str = ""
    reply_to: str = ""
    error: str = ""
    has_focus: bool = False
    is_hidden: bool = False
    later_url: str = ""
    draft: str = ""
    draft_reply_to: str = ""

    @property
    def has_draft(self) -> bool:
        return bool(self.draft)


@dataclass(frozen=True)
class Deed:
    """What a page asks about a message before it is done."""

    text: str
    label: str
    away: str
    is_danger: bool = False


@dataclass(frozen=True)
class MessagePage:
    """One message, and what is to be done with it: for browsers without scripts."""

    title: str
    message: messages.Message
    deed: Deed | None
    composer: Composer
    reactions: tuple[str, ...] = ()  # to choose from


@require_safe
@signed_in
async def chat_list(request: HttpRequest) -> HttpResponse:
    shown = await app_context(request)
    return render(request, "chats/list.html", shown)


@require_safe
@signed_in
async def chat(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    day = request.GET.get("date")
    if not day:
        return await _chat(request, chat_id)
    try:
        found = await api_of(request).get("chat", f"/api/chats/{chat_id}/messages/at", date=day)
    except Refused as refusal:
        if refusal.status != 404:
            raise
        return SeeOther(f"/chats/{chat_id}")  # where nothing was said yet; a stranger is refused there
    return SeeOther(f"/chats/{chat_id}?at={found['seq']}")


@require_POST
@signed_in
async def post_message(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    body, files = posted_text(request, "body"), files_of(request)
    if files.problem:
        return await _chat(request, chat_id, body=body, error=files.problem)
    sent: Json = {"client_id": client_id_of(request), "body": body}
    reply_to = number(request.POST.get("reply_to"))
    if reply_to is not None:
        sent["reply_to"] = reply_to
    if files.ids:
        sent["attachments"] = files.ids
    try:
        await api_of(request).post("chat", f"/api/chats/{chat_id}/messages", sent)
    except Refused as refusal:
        if refusal.status not in COMPOSER_SAYS:
            raise
        again = _("Please choose the files again.") if files.ids else ""
        return await _chat(request, chat_id, body=body, error=f"{problem_of(refusal)} {again}".strip())
    if "has_draft" in request.POST:
        await api_of(request).delete("chat", f"/api/chats/{chat_id}/draft")
    return SeeOther(f"/chats/{chat_id}")


@require_POST
@signed_in
async def mark_read(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    seq = number(request.POST.get("seq")) or 0
    await api_of(request).post("chat", f"/api/chats/{chat_id}/read", {"seq": seq})
    return SeeOther(f"/chats/{chat_id}")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def reply(request: HttpRequest, chat_id: UUID, seq: int) -> HttpResponse:
    if request.method == "POST":
        return await post_message(request, chat_id)
    return await message_page(request, chat_id, seq, _("Reply"), reply_to=str(seq), client_id=str(uuid4()))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def edit(request: HttpRequest, chat_id: UUID, seq: int) -> HttpResponse:
    if request.method != "POST":
        return await message_page(request, chat_id, seq, _("Edit"), body=None, may=attrgetter("may_edit"))
    body = posted_text(request, "body")
    try:
        await api_of(request).patch("chat", f"/api/chats/{chat_id}/messages/{seq}", {"body": body})
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return await message_page(request, chat_id, seq, _("Edit"), body=body, error=problem_of(refusal))
    return SeeOther(f"/chats/{chat_id}")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def delete(request: HttpRequest, chat_id: UUID, seq: int) -> HttpResponse:
    if request.method != "POST":
        deed = Deed(_("It goes away for everybody."), _("Delete"), _("Keep it"), is_danger=True)
        return await message_page(
            request, chat_id, seq, _("Delete this message?"), deed=deed, may=attrgetter("may_delete")
        )
    await api_of(request).delete("chat", f"/api/chats/{chat_id}/messages/{seq}")
    return SeeOther(f"/chats/{chat_id}")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def react(request: HttpRequest, chat_id: UUID, seq: int) -> HttpResponse:
    if request.method != "POST":
        return await message_page(request, chat_id, seq, _("React"), reactions=messages.QUICK_REACTIONS)
    emoji = request.POST.get("give") or request.POST.get("take") or ""
    if emoji.isascii():  # no emoji, and in an address it could mean something
        raise Refused(422, "invalid")
    ask = api_of(request).put if "give" in request.POST else api_of(request).delete
    await ask("chat", f"/api/chats/{chat_id}/messages/{seq}/reactions/{quote(emoji, safe='')}")
    return SeeOther(f"/chats/{chat_id}")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def mark_unread(request: HttpRequest, chat_id: UUID, seq: int) -> HttpResponse:
    if request.method != "POST":
        deed = Deed(_("From this message on, on all your devices."), _("Mark as unread"), _("Back"))
        return await message_page(request, chat_id, seq, _("Mark as unread?"), deed=deed)
    await api_of(request).post("chat", f"/api/chats/{chat_id}/unread", {"seq": seq})
    return SeeOther("/chats")


async def app_context(request: HttpRequest, current_id: str = "") -> dict[str, Any]:
    """Who looks, and their list of chats: what stands on every page of the app."""
    api, listing = api_of(request), _listing(request)
    viewer, listed = await together(
        people.known_viewer(api, me(request)),
        part(api.get("chat", "/api/chats", before=listing.before or None, **listing.asked)),
    )
    listed_chats = chats.chat_list(listed, listing, viewer=viewer, current_id=current_id)
    return {"viewer": viewer, "chat_list": listed_chats, "has_public": settings.PUBLIC_CHATS}


def _listing(request: HttpRequest) -> chats.Listing:
    """The list stands beside the open chat as well, and is narrowed there without leaving it."""
    query = request.GET
    which = query.get("filter", "all")
    return chats.Listing(
        url=request.path if request.method in ("GET", "HEAD") else "/chats",
        which=which if which in chats.FILTERS else "all",
        words=query.get("q", "").replace("\0", "")[:WORDS_LONGEST],
        before=query.get("chats_before", ""),
    )


async def _chat(request: HttpRequest, chat_id: UUID, *, body: str = "", error: str = "") -> HttpResponse:
    place = {"before": number(request.GET.get("before")), "around": number(request.GET.get("at"))}
    asked = chats.chat_with(api_of(request), str(chat_id), "messages", limit=messages.PAGE_SIZE, **place)
    pinned = part(api_of(request).get("chat", f"/api/chats/{chat_id}/pins"))
    context, (detail, history), pins = await together(app_context(request, str(chat_id)), asked, pinned)
    found = chats.chat(detail)
    reader = reader_of(found, context["viewer"])
    if "new" in request.GET:  # what was new when the link was made; it is being read
        reader = replace(reader, unread_seq=place["around"] or 0)
    timeline = messages.timeline(history, reader, **place)
    draft = found.draft if found.may_write else chats.NO_DRAFT
    composer = Composer(
        f"{found.url}/messages", _("Message"), str(uuid4()), body or draft.body, draft.reply_to,
        error=error, has_focus=bool(error), is_hidden=not found.may_write, later_url=f"{found.url}/schedule",
        draft=draft.body, draft_reply_to=draft.reply_to,
    )  # fmt: skip
    shown = {**context, "chat": found, "timeline": timeline, "composer": composer, "bar": bar(pins, found.url)}
    return render(request, "chats/chat.html", shown, status=422 if error else 200)


async def message_page(
    request: HttpRequest,
    chat_id: UUID,
    seq: int,
    title: str,
    *,
    body: str | None = "",
    error: str = "",
    deed: Deed | None = None,
    may: Callable[[messages.Message], bool] = bool,
    reactions: tuple[str, ...] = (),
    client_id: str = "",
    reply_to: str = "",
) -> HttpResponse:
    """`body` None: the message's own. Raises Refused where the reader may not do it to this message."""
    api = api_of(request)
    path = f"/api/chats/{chat_id}"
    context, detail, history = await together(
        app_context(request, str(chat_id)),
        api.get("chat", path),
        api.get("chat", f"{path}/messages", after=max(0, seq - 1), limit=1),
    )
    item = next((item for item in history["items"] if item["seq"] == seq and not item["deleted_at"]), None)
    if item is None:
        raise Refused(404, "message_not_found")
    found = chats.chat(detail)
    reader = reader_of(found, context["viewer"], may_write=False)
    shown_message = messages.message(item, reader, {})
    if not may(shown_message):
        raise Refused(403, "forbidden")
    composer = Composer(
        request.path,
        _("Message"),
        client_id,
        item["body"] if body is None else body,
        reply_to,
        error=error,
        has_focus=True,
    )
    shown = MessagePage(title, shown_message, deed, composer, reactions)
    return render(
        request, "chats/message.html", {**context, "chat": found, "page": shown}, status=422 if error else 200
    )


def reader_of(chat: chats.Chat, viewer: people.Viewer, *, may_write: bool = True) -> messages.Reader:
    return messages.Reader(
        viewer.id,
        chat.role,
        chat.url,
        may_write=may_write and not chat.is_over,
        blocked=viewer.blocked,
        unread_seq=chat.read_seq + 1 if chat.unread else 0,
    )


def files_of(request: HttpRequest) -> FormFiles:
    """Those that came with the form, and are up already."""
    scope = getattr(request, "scope", {})  # `scope`: under ASGI only
    return scope.get("form_files") or FormFiles()


def posted_text(request: HttpRequest, name: str) -> str:
    """A text field as it was typed: forms send each line break as two characters."""
    return request.POST.get(name, "").replace("\r\n", "\n")


def number(text: str | None) -> int | None:
    is_number = bool(text) and text is not None and text.isascii() and text.isdigit() and len(text) < 20
    return min(int(text), LARGEST_SEQ) if is_number and text is not None else None


def problem_of(refusal: Refused) -> str:
    """All that is wrong, in one sentence or two."""
    return " ".join(problem for problems in refusal.fields.values() for problem in problems) or refusal.text


def client_id_of(request: HttpRequest) -> str:
    """The form's own id, so that pressing twice sends once."""
    try:
        return str(UUID(request.POST.get("client_id", "")))
    except ValueError:
        return str(uuid4())
