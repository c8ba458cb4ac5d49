"""Somebody wants to be reminded of a message; what they wait for; what has come."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gateway_svc.errors import Refused
from gateway_svc.selectors import later, messages
from gateway_svc.views.chats import app_context, problem_of
from gateway_svc.views.later import SAYS, chosen_moment, moment_page, reader_zone
from gateway_svc.views.methods import require_http_methods, require_POST, require_safe
from gateway_svc.views.page import SeeOther, api_of, signed_in, together
from gateway_svc.views.rendering import render


@require_safe
@signed_in
async def reminders(request: HttpRequest) -> HttpResponse:
    context, answer = await together(app_context(request), api_of(request).get("chat", "/api/chats/reminders"))
    shown = [later.reminder(item) for item in answer["items"]]
    return render(request, "chats/reminders.html", {**context, "reminders": shown})


@require_POST
@signed_in
async def drop(request: HttpRequest, reminder_id: UUID) -> HttpResponse:
    await api_of(request).delete("chat", f"/api/chats/reminders/{reminder_id}")
    return SeeOther("/reminders")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def remind(request: HttpRequest, chat_id: UUID, seq: int) -> HttpResponse:
    if request.method != "POST":
        return await _ask(request, chat_id, seq)
    at = chosen_moment(request)
    if at is None:
        return await _ask(request, chat_id, seq, error=_("Choose a day and a time."), status=422)
    try:
        await api_of(request).post("chat", f"/api/chats/{chat_id}/messages/{seq}/reminder", {"at": at})
    except Refused as refusal:
        if refusal.status not in SAYS:
            raise
        return await _ask(request, chat_id, seq, error=problem_of(refusal), status=refusal.status)
    return SeeOther("/reminders")


async def _ask(request: HttpRequest, chat_id: UUID, seq: int, *, error: str = "", status: int = 200) -> HttpResponse:
    context, item = await together(app_context(request, str(chat_id)), said_message(request, chat_id, seq))
    page = later.MomentPage(
        title=_("Remind me"),
        action=f"/chats/{chat_id}/messages/{seq}/remind",
        back_url=f"/chats/{chat_id}?at={seq}",
        label=_("Remind me then"),
        zone=str(reader_zone(request)),
        choices=later.choices("minutes", "hour", "tomorrow"),
        at=request.POST.get("at", ""),
        about=item,
        error=error,
    )
    return moment_page(request, page, context, status=status)


async def said_message(request: HttpRequest, chat_id: UUID, seq: int) -> str:
    """Who said what, in one line. Raises Refused where it is not there for the reader."""
    path = f"/api/chats/{chat_id}/messages"
    history = await api_of(request).get("chat", path, after=max(0, seq - 1), limit=1)
    item = next((item for item in history["items"] if item["seq"] == seq and not item["deleted_at"]), None)
    if item is None:
        raise Refused(404, "message_not_found")
    return f"{item['sender']['display_name']}: {messages.said(item)}"
