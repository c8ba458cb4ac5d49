"""A message, a person or an invitation is reported to the staff; who is reported is not told."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gateway_svc.errors import Refused
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.forms import Choices, Option, Text
from gateway_svc.services import INVITATIONS
from gateway_svc.views.chats import app_context, posted_text, problem_of
from gateway_svc.views.join import preview_of, shown_token
from gateway_svc.views.methods import require_http_methods
from gateway_svc.views.page import SeeOther, api_of, secret_address, signed_in, together
from gateway_svc.views.reminders import said_message
from gateway_svc.views.rendering import render

REASONS: Mapping[str, Text] = {
    "spam": gettext_lazy("Unwanted advertising, or a fraud"),
    "abuse": gettext_lazy("Insults or harassment"),
    "violence": gettext_lazy("Threats or violence"),
    "sexual": gettext_lazy("Sexual content"),
    "impersonation": gettext_lazy("Somebody pretends to be somebody else"),
    "illegal": gettext_lazy("Against the law"),
    "other": gettext_lazy("Something else"),
}
SAYS = (422, 429)


@dataclass(frozen=True)
class ReportPage:
    title: str
    action: str
    back_url: str
    about: str = ""
    hint: str = ""
    note: str = ""
    error: str = ""
    is_done: bool = False
    reasons: Choices | None = field(default=None)


# Asked for where the page is shown, beside all else that stands on it; a report that is taken needs none.
AsksForPage = Callable[[], Awaitable[ReportPage]]


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def report_message(request: HttpRequest, chat_id: UUID, seq: int) -> HttpResponse:

    async def page() -> ReportPage:
        return ReportPage(
            title=_("Report this message"),
            action=request.path,
            back_url=f"/chats/{chat_id}",
            about=await said_message(request, chat_id, seq),
            hint=_("The people who run this place will read the message, and a few before and after it."),
        )

    return await _report(request, page, f"/api/chats/{chat_id}/messages/{seq}/report", {}, str(chat_id))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def report_person(request: HttpRequest, user_id: UUID) -> HttpResponse:

    async def page() -> ReportPage:
        user = await api_of(request).get("user", f"/api/users/{user_id}")
        return ReportPage(
            title=_("Report this person"),
            action=request.path,
            back_url=f"/people/{user_id}",
            about=user["display_name"],
            hint=_("The people who run this place will look at it."),
        )

    return await _report(request, page, "/api/chats/reports", {"kind": "person", "id": str(user_id)})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def report_knocked(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """The invitation at whose door somebody waits."""

    async def page() -> ReportPage:
        answer = await api_of(request).get("auth", f"{INVITATIONS}/{invitation_id}/knock")
        return _of_invitation(request, answer["inviter"], answer["title"])

    return await _report(request, page, "/api/chats/reports", {"kind": "invitation", "id": str(invitation_id)})


@require_http_methods(["GET", "HEAD", "POST"])
@secret_address
@signed_in
async def report_code(request: HttpRequest, token: str) -> HttpResponse:
    """The invitation that somebody holds, and need not have followed."""

    async def page() -> ReportPage:
        answer = await preview_of(request, token)  # of a dead code it says neither
        return _of_invitation(request, answer.get("inviter"), answer.get("chat", {}).get("title", ""))

    target = {"token": shown_token(request, token)}
    return await _report(request, page, f"{INVITATIONS}/report", target, service="auth")


def _of_invitation(request: HttpRequest, inviter: Json | None, title: str) -> ReportPage:
    name = inviter["display_name"] if inviter else ""
    return ReportPage(
        title=_("Report this invitation"),
        action=request.path,
        back_url=request.path.removesuffix("/report"),
        about=": ".join(part for part in (name, title) if part) or _("This invitation"),
        hint=_("The people who run this place will look at it."),
    )


async def _report(
    request: HttpRequest, page: AsksForPage, path: str, target: Json, chat_id: str = "", *, service: str = "chat"
) -> HttpResponse:
    if request.method != "POST":
        return await _shown(request, page, chat_id)
    reason, note = request.POST.get("reason", ""), posted_text(request, "note")
    try:
        await api_of(request).post(service, path, {**target, "reason": reason, "note": note})
    except Refused as refusal:
        if refusal.status not in SAYS:
            raise
        return await _shown(request, page, chat_id, error=problem_of(refusal), status=refusal.status)
    return SeeOther(f"{request.path}?done=1")


async def _shown(
    request: HttpRequest, asks: AsksForPage, chat_id: str, *, error: str = "", status: int = 200
) -> HttpResponse:
    context, page = await together(app_context(request, chat_id), asks())
    chosen = request.POST.get("reason", "")
    reasons = [Option(value, text, value == chosen) for value, text in REASONS.items()]
    shown = ReportPage(
        title=page.title,
        action=page.action,
        back_url=page.back_url,
        about=page.about,
        hint=page.hint,
        note=posted_text(request, "note"),
        error=error,
        is_done="done" in request.GET,
        reasons=Choices("reason", _("What is wrong with it?"), reasons),
    )
    return render(request, "chats/report.html", {**context, "page": shown}, status=status)
