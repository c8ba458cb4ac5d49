"""The landing page, and the one tap that starts a chat."""

from dataclasses import dataclass, replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from abdre.own_path import HOME
from gateway_svc import services
from gateway_svc.errors import Refused
from gateway_svc.selectors.forms import OPTIONAL_NAME, Field
from gateway_svc.selectors.people import Viewer
from gateway_svc.views.methods import require_http_methods, require_safe
from gateway_svc.views.page import SeeOther, api_of, page, sign_in, viewer_id, viewer_of
from gateway_svc.views.rendering import render


@dataclass(frozen=True)
class Landing:
    name_field: Field
    may_start: bool
    error: str = ""


@require_safe
@page
async def landing(request: HttpRequest) -> HttpResponse:
    if viewer_id(request) is not None and await viewer_of(request) is not None:
        return SeeOther(HOME)
    return _landing(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page
async def start(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return SeeOther("/")
    viewer = await viewer_of(request)
    name = request.POST.get("display_name", "").strip()
    try:
        started = await services.start_chat(api_of(request), name=name, is_signed_in=viewer is not None)
    except Refused as refusal:
        if refusal.status in (401, 404) or refusal.is_fault:
            raise
        return _landing(request, viewer, name=name, refusal=refusal)
    response = SeeOther(f"/chats/{started.chat_id}/invitations/{started.invitation_id}")
    sign_in(response, started.tokens)
    return response


def _landing(
    request: HttpRequest, viewer: Viewer | None, *, name: str = "", refusal: Refused | None = None
) -> HttpResponse:
    problem = " ".join(refusal.fields.get("display_name", [])) if refusal else ""
    shown = Landing(
        name_field=replace(OPTIONAL_NAME, value=name, error=problem),
        may_start=settings.GUEST_HOSTING or (viewer is not None and not viewer.is_guest),
        error="" if problem or not refusal else refusal.text or _("That did not work. Please try again."),
    )
    status = refusal.status if refusal else 200
    return render(request, "home/landing.html", {"page": shown, "viewer": viewer}, status=status)
