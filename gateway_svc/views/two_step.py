"""Two-step login: the authenticator app, and recovery codes."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gateway_svc.errors import Refused
from gateway_svc.selectors import people
from gateway_svc.selectors.api import Json, part
from gateway_svc.selectors.factors import (
    APP_CODE,
    Enrolment,
    codes_left,
    codes_need_password,
    enrolment,
    has_second_factor,
    on_paper,
)
from gateway_svc.selectors.forms import Form, form
from gateway_svc.selectors.logins import ACCOUNTS
from gateway_svc.views.methods import require_http_methods, require_safe
from gateway_svc.views.page import SeeOther, api_of, me, next_path, signed_in, together
from gateway_svc.views.rendering import render
from gateway_svc.views.second_step import show_codes

HERE = "/security/two-step"
TOTP = "/api/auth/totp"


@dataclass(frozen=True)
class TwoStepPage:
    is_guest: bool
    has_password: bool
    has_app: bool
    has_factor: bool
    codes_left: str
    passkeys_url: str
    app_url: str
    reason: str
    is_removed: bool


@dataclass(frozen=True)
class AppPage:
    enrolment: Enrolment
    form: Form


@require_safe
@signed_in
async def two_step(request: HttpRequest) -> HttpResponse:
    api = api_of(request)
    viewer, security = await together(people.known_viewer(api, me(request)), api.get("auth", "/api/auth/security"))
    way_back = urlencode({"next": way_on(request, HERE)})
    shown = TwoStepPage(
        is_guest=security["is_guest"],
        has_password=security["has_password"],
        has_app=security["totp"],
        has_factor=has_second_factor(security),
        codes_left=codes_left(security),
        passkeys_url=f"/security/passkeys?{way_back}",
        app_url=f"{HERE}/app?{way_back}",
        reason=reason_of(request),
        is_removed=request.GET.get("removed") == "1" and not security["totp"],
    )
    return render(request, "account/two_step.html", {"viewer": viewer, "page": shown})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def app(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return await _app(request)
    sent = {name: request.POST.get(name, "") for name in ("state", "code")}
    try:
        answer = await api_of(request).post("auth", TOTP, sent)
    except Refused as refusal:
        if refusal.code != "wrong_code":
            return _begun_anew(request, refusal)
        return await _app(request, refusal)
    return await codes_or_on(request, answer, HERE)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def remove_app(request: HttpRequest) -> HttpResponse:
    """Asked first, since more than the app may go."""
    if request.method != "POST":
        return await _remove_app(request)
    try:
        await api_of(request).delete("auth", TOTP)
    except Refused as refusal:
        if refusal.status != 404:  # removed meanwhile: that is what was wanted
            raise
    return SeeOther(f"{HERE}?removed=1")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def codes(request: HttpRequest) -> HttpResponse:
    """Whoever comes back to this address finds where new ones are made: a look makes none."""
    if request.method != "POST":
        return SeeOther(HERE)
    return await codes_or_on(request, await api_of(request).post("auth", "/api/auth/recovery-codes"), HERE)


async def _remove_app(request: HttpRequest) -> HttpResponse:
    api = api_of(request)
    viewer, security = await together(people.known_viewer(api, me(request)), api.get("auth", "/api/auth/security"))
    if not security["totp"]:
        return SeeOther(HERE)
    shown = {"viewer": viewer, "has_passkey": security["passkeys"] > 0}
    return render(request, "account/remove_app.html", shown)


async def codes_or_on(request: HttpRequest, answer: Json, here: str) -> HttpResponse:
    """The recovery codes, where the deed made any; else on at once."""
    if not answer["recovery_codes"]:
        return SeeOther(way_on(request, here))
    api = api_of(request)
    viewer, security, linked = await together(
        people.known_viewer(api, me(request)),
        part(api.get("auth", "/api/auth/security")),  # the codes are shown only now, whatever else is away
        part(api.get("oauth", ACCOUNTS)),
    )
    need_password = codes_need_password(security, linked)
    way = way_on(request, here)
    return show_codes(request, on_paper(answer), next_url=way, need_password=need_password, viewer=viewer)


def way_on(request: HttpRequest, here: str) -> str:
    """Where the person came from, if from elsewhere, as from the admin."""
    return next_path(request) if request.GET.get("next") else here


def reason_of(request: HttpRequest) -> str:
    """Why somebody is here who has not come by themselves."""
    if request.GET.get("next", "").startswith("/admin"):
        return _("Whoever administers logs in by two steps. Set up the second one, then you go on.")
    return ""


async def _app(request: HttpRequest, refusal: Refused | None = None) -> HttpResponse:
    """`refusal`: the code was wrong; the same secret is shown again, since the app may know it by now."""
    api, state = api_of(request), request.POST.get("state", "")
    viewer = await people.known_viewer(api, me(request))
    if viewer.is_guest:
        return render(request, "account/authenticator_app.html", {"viewer": viewer})
    begun = await api.post("auth", f"{TOTP}/options", {"state": state} if state else {})
    action = f"{request.path}?{urlencode({'next': way_on(request, HERE)})}"
    field = replace(APP_CODE, hint=_("The six digits that the app shows now."))
    shown = AppPage(enrolment(begun), form(action, [field], {}, refusal.fields if refusal else {}))
    status = refusal.status if refusal else 200
    return render(request, "account/authenticator_app.html", {"viewer": viewer, "page": shown}, status=status)


def _begun_anew(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The page lay open too long, or another tab was first."""
    if refusal.code in ("enrolment_expired", "totp_is_on"):
        return SeeOther(f"{HERE}?{urlencode({'next': way_on(request, HERE)})}")
    raise refusal
