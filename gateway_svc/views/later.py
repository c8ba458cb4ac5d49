"""What is sent later: a moment is chosen, what waits is listed, changed, cancelled, sent at once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from abdre.appearance import appearance_of, zone_of, zones
from abdre.service_client import ServiceAway
from abdre.wire import utc
from gateway_svc.errors import Refused
from gateway_svc.selectors import chats, later
from gateway_svc.selectors.api import Json
from gateway_svc.views.chats import COMPOSER_SAYS, app_context, number, posted_text, problem_of
from gateway_svc.views.methods import require_http_methods, require_POST, require_safe
from gateway_svc.views.page import SeeOther, api_of, signed_in, together
from gateway_svc.views.rendering import render

SAYS = COMPOSER_SAYS


@require_POST
@signed_in
async def schedule(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    """By the composer's own words; without a moment it is asked for."""
    if any(request.POST.getlist("files")):  # their names: this form brings no more of them
        return await _ask(request, chat_id, error=_("Files cannot be sent later. Only the text will be."))
    at = chosen_moment(request)
    if at is None:
        return await _ask(request, chat_id, error=_("Choose a day and a time.") if "at" in request.POST else "")
    sent: Json = {"client_id": _client_id(request), "body": posted_text(request, "body"), "send_at": at}
    reply_to = number(request.POST.get("reply_to"))
    if reply_to is not None:
        sent["reply_to"] = reply_to
    try:
        await api_of(request).post("chat", f"/api/chats/{chat_id}/scheduled", sent)
    except Refused as refusal:
        if refusal.status not in SAYS:
            raise
        return await _ask(request, chat_id, error=problem_of(refusal), status=refusal.status)
    if "has_draft" in request.POST:
        await api_of(request).delete("chat", f"/api/chats/{chat_id}/draft")
    return SeeOther(f"/chats/{chat_id}/scheduled")


@require_safe
@signed_in
async def scheduled(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    path = f"/api/chats/{chat_id}"
    context, detail, answer = await together(
        app_context(request, str(chat_id)),
        api_of(request).get("chat", path),
        api_of(request).get("chat", f"{path}/scheduled"),
    )
    title = chats.chat(detail).title
    page = later.ScheduledPage(
        [later.scheduled(item, lambda _id: title) for item in answer["items"]], f"/chats/{chat_id}"
    )
    return render(request, "chats/scheduled.html", {**context, "page": page, "title": title})


@require_safe
@signed_in
async def all_scheduled(request: HttpRequest) -> HttpResponse:
    context, answer = await together(app_context(request), api_of(request).get("chat", "/api/chats/scheduled"))
    titles = await _titles(request, context["chat_list"].items, {item["chat"] for item in answer["items"]})
    page = later.ScheduledPage([later.scheduled(item, titles.__getitem__) for item in answer["items"]], "/chats")
    return render(request, "chats/scheduled.html", {**context, "page": page})


async def _titles(request: HttpRequest, listed: Sequence[chats.Item], wanted: set[str]) -> dict[str, str]:
    """By the chat's id; the list beside the page knows most of them."""
    titles = {item.id: item.title for item in listed}
    others = sorted(wanted - titles.keys())
    return titles | dict(zip(others, await together(*[_title(request, chat_id) for chat_id in others]), strict=True))


async def _title(request: HttpRequest, chat_id: str) -> str:
    """Of a chat that one has left, or that is away, there is none to say."""
    try:
        return chats.title_of(await api_of(request).get("chat", f"/api/chats/{chat_id}"))
    except (Refused, ServiceAway):
        return _("Chat")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def change(request: HttpRequest, chat_id: UUID, scheduled_id: UUID) -> HttpResponse:
    if request.method != "POST":
        return await _change(request, chat_id, scheduled_id)
    facts: Json = {"body": posted_text(request, "body")}
    at = chosen_moment(request)
    if at is None:
        return await _change(request, chat_id, scheduled_id, error=_("Choose a day and a time."), status=422)
    try:
        await api_of(request).patch("chat", _api_path(chat_id, scheduled_id), {**facts, "send_at": at})
    except Refused as refusal:
        if refusal.status not in SAYS:
            raise
        return await _change(request, chat_id, scheduled_id, error=problem_of(refusal), status=refusal.status)
    return SeeOther(_list_of(request, chat_id))


@require_POST
@signed_in
async def cancel(request: HttpRequest, chat_id: UUID, scheduled_id: UUID) -> HttpResponse:
    await api_of(request).delete("chat", _api_path(chat_id, scheduled_id))
    return SeeOther(_list_of(request, chat_id))


@require_POST
@signed_in
async def send_now(request: HttpRequest, chat_id: UUID, scheduled_id: UUID) -> HttpResponse:
    try:
        await api_of(request).post("chat", f"{_api_path(chat_id, scheduled_id)}/send")
    except Refused as refusal:
        if refusal.status not in SAYS:
            raise
        return await _change(request, chat_id, scheduled_id, error=problem_of(refusal), status=refusal.status)
    return SeeOther(f"/chats/{chat_id}")


def chosen_moment(request: HttpRequest) -> str | None:
    """As the services read it; None where none was chosen."""
    at = later.chosen(request.POST.get("when", ""), request.POST.get("at", ""), reader_zone(request))
    return utc(at) if at else None


def reader_zone(request: HttpRequest) -> ZoneInfo:
    """The one that the reader has chosen, else the one that their browser names, else the house's."""
    appearance, named = appearance_of(request.COOKIES), request.POST.get("zone", "")
    return zone_of(appearance) if appearance.time_zone or named not in zones() else ZoneInfo(named)


async def _ask(request: HttpRequest, chat_id: UUID, *, error: str, status: int = 200) -> HttpResponse:
    page = later.MomentPage(
        title=_("Send later"),
        action=f"/chats/{chat_id}/schedule",
        back_url=f"/chats/{chat_id}",
        label=_("Send then"),
        zone=str(reader_zone(request)),
        choices=later.choices("hour", "tomorrow"),
        body=posted_text(request, "body"),
        client_id=_client_id(request),
        reply_to=request.POST.get("reply_to", ""),
        at=request.POST.get("at", ""),
        error=error,
    )
    return moment_page(request, page, await app_context(request, str(chat_id)), status=status)


async def _change(
    request: HttpRequest, chat_id: UUID, scheduled_id: UUID, *, error: str = "", status: int = 200
) -> HttpResponse:
    context, answer = await together(
        app_context(request, str(chat_id)), api_of(request).get("chat", "/api/chats/scheduled")
    )
    item = next((item for item in answer["items"] if item["id"] == str(scheduled_id)), None)
    if item is None:
        raise Refused(404, "scheduled_not_found")
    page = later.MomentPage(
        title=_("Change what will be sent"),
        action=f"/chats/{chat_id}/scheduled/{scheduled_id}",
        back_url=f"/chats/{chat_id}/scheduled",
        label=_("Save"),
        zone=str(timezone.get_current_timezone()),
        body=posted_text(request, "body") or item["body"],
        at=request.POST.get("at") or later.field_value(item["send_at"]),
        moment="" if "at" in request.POST else item["send_at"],
        error=error,
    )
    return moment_page(request, page, context, status=status)


def moment_page(
    request: HttpRequest, page: later.MomentPage, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    return render(request, "chats/moment.html", {**context, "page": page}, status=status)


def _list_of(request: HttpRequest, chat_id: UUID) -> str:
    return "/scheduled" if "all" in request.POST else f"/chats/{chat_id}/scheduled"


def _api_path(chat_id: UUID, scheduled_id: UUID) -> str:
    return f"/api/chats/{chat_id}/scheduled/{scheduled_id}"


def _client_id(request: HttpRequest) -> str:
    """The form's own id, so that pressing twice waits once."""
    try:
        return str(UUID(request.POST.get("client_id", "")))
    except ValueError:
        return str(uuid4())
