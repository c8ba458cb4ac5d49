"""How the account is held, at a glance; and showing once more that it is you."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from gateway_svc.errors import Refused
from gateway_svc.selectors import people
from gateway_svc.selectors.api import Json, part
from gateway_svc.selectors.forms import PASSWORD, Form, form
from gateway_svc.selectors.security import Line, lines
from gateway_svc.views.page import SeeOther, api_of, in_app_of, me, next_path, signed_in, together
from gateway_svc.views.rendering import render


@dataclass(frozen=True)
class SecurityPage:
    """`unconfirmed`: the address that a letter has gone to."""

    lines: list[Line]
    is_unavailable: bool
    unconfirmed: str


@dataclass(frozen=True)
class ReauthenticationPage:
    form: Form
    has_password: bool


@require_safe
@signed_in
async def security(request: HttpRequest) -> HttpResponse:
    api = api_of(request)
    viewer, answer = await together(people.known_viewer(api, me(request)), part(api.get("auth", "/api/auth/security")))
    shown = SecurityPage(
        list(lines(answer)) if answer else [], is_unavailable=answer is None, unconfirmed=_unconfirmed(answer or {})
    )
    context = {"viewer": viewer, "page": shown, "in_app": in_app_of(request)}
    return render(request, "account/security.html", context)


def _unconfirmed(security: Json) -> str:
    return "" if security.get("email_verified") else security.get("email") or ""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def reauthenticate(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return await _reauthenticate(request)
    try:
        sent = {"password": request.POST.get("password", "")}
        await api_of(request).post("auth", "/api/auth/reauthenticate", sent)
    except Refused as refusal:
        if refusal.status not in (422, 429):
            raise
        return await _reauthenticate(request, refusal)
    return SeeOther(next_path(request))


async def _reauthenticate(request: HttpRequest, refusal: Refused | None = None) -> HttpResponse:
    """`refusal`: why what was shown was not enough."""
    api = api_of(request)
    security: Json = await api.get("auth", "/api/auth/security")
    errors = refusal.fields if refusal else {}
    problem = refusal.text if refusal and not errors else ""
    action = f"{request.path}?{urlencode({'next': next_path(request)})}"
    shown = ReauthenticationPage(
        form=form(action, [PASSWORD], {}, errors, problem), has_password=security["has_password"]
    )
    viewer = await people.known_viewer(api, me(request))
    status = refusal.status if refusal else 200
    return render(request, "account/reauthenticate.html", {"viewer": viewer, "page": shown}, status=status)
