"""How the account is held, at a glance; and showing once more that it is you."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from gateway_svc.errors import Refused
from gateway_svc.selectors import logins, people
from gateway_svc.selectors.api import Json, part
from gateway_svc.selectors.factors import (
    APP_CODE,
    SHOW_PASSKEY,
    PasskeyButton,
    code_hint,
    codes_need_password,
    factors_in,
    has_second_factor,
)
from gateway_svc.selectors.forms import PASSWORD, Form, form
from gateway_svc.selectors.security import Line, lines
from gateway_svc.views.errors import say_when_to_retry
from gateway_svc.views.linked import onward
from gateway_svc.views.methods import require_http_methods, require_POST, require_safe
from gateway_svc.views.page import SeeOther, api_of, in_app_of, me, next_path, signed_in, together
from gateway_svc.views.rendering import render
from gateway_svc.views.second_step import proof_in

PATH = "/reauthenticate"


@dataclass(frozen=True)
class SecurityPage:
    """`unconfirmed`: the address that a letter has gone to. `codes_need_password`: else they open nothing."""

    lines: list[Line]
    is_unavailable: bool
    unconfirmed: str
    codes_need_password: bool


@dataclass(frozen=True)
class ReauthenticationPage:
    """Empty forms: ways that this person does not have. `providers`: at which there is a linked account.

    `is_away`: nobody can tell right now at which.
    """

    action: str
    problem: str
    password: Form | None
    code: Form | None
    passkey: PasskeyButton | None
    wants_factor: bool
    providers: list[logins.Provider]
    elsewhere: str
    is_away: bool
    login_url: str

    @property
    def has_ways(self) -> bool:
        return bool(self.password or self.code or self.passkey or self.providers)


@require_safe
@signed_in
async def security(request: HttpRequest) -> HttpResponse:
    api = api_of(request)
    viewer, answer, linked, providers = await together(
        people.known_viewer(api, me(request)),
        part(api.get("auth", "/api/auth/security")),
        part(api.get("oauth", logins.ACCOUNTS)),
        logins.offered(api),
    )
    shown = SecurityPage(
        list(lines(answer, linked, may_link=bool(providers))) if answer else [],
        is_unavailable=answer is None,
        unconfirmed=_unconfirmed(answer or {}),
        codes_need_password=_has_codes(answer or {}) and codes_need_password(answer, linked),
    )
    context = {"viewer": viewer, "page": shown, "in_app": in_app_of(request)}
    return render(request, "account/security.html", context)


def _has_codes(security: Json) -> bool:
    return bool(security.get("recovery_codes_left"))


def _unconfirmed(security: Json) -> str:
    return "" if security.get("email_verified") else security.get("email") or ""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def reauthenticate(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return await _reauthenticate(request, problem=logins.problem(request.GET.get("problem", "")))
    try:
        await api_of(request).post("auth", "/api/auth/reauthenticate", _proof_in(request))
    except Refused as refusal:
        if refusal.status not in (422, 429) and refusal.code != "second_factor_needed":
            raise
        return await _reauthenticate(request, refusal)
    return SeeOther(next_path(request))


@require_POST
@signed_in
async def reauthenticate_elsewhere(request: HttpRequest) -> HttpResponse:
    return await onward(request, process="reauthenticate", next_path=next_path(request))


async def _reauthenticate(request: HttpRequest, refusal: Refused | None = None, *, problem: str = "") -> HttpResponse:
    """`refusal`: why what was shown was not enough."""
    api = api_of(request)
    viewer, security, providers, linked = await together(
        people.known_viewer(api, me(request)),
        api.get("auth", "/api/auth/security"),
        logins.offered(api),
        part(api.get("oauth", logins.ACCOUNTS)),
    )
    mine = logins.of_linked(linked["items"], providers) if linked else None
    status = refusal.status if refusal else 200
    context = {"viewer": viewer, "page": _ways(request, security, refusal, mine, problem)}
    response = render(request, "account/reauthenticate.html", context, status=status)
    say_when_to_retry(response, refusal.retry_after_s if refusal else None)
    return response


def _ways(
    request: HttpRequest, security: Json, refusal: Refused | None, providers: list[logins.Provider] | None, problem: str
) -> ReauthenticationPage:
    factors = [*factors_in(security)]
    has_factor = has_second_factor(security)
    # A session that has never shown the factor shows it now; the password, or a login elsewhere, is what opened it.
    wants_factor = has_factor and not security["second_factor_shown"]
    errors = refusal.fields if refusal else {}
    way_back = urlencode({"next": next_path(request)})
    action = f"{PATH}?{way_back}"
    code = replace(APP_CODE, hint=code_hint(factors))
    return ReauthenticationPage(
        action=action,
        problem=refusal.text if refusal and not errors else problem,
        password=form(action, [PASSWORD], {}, errors) if security["has_password"] and not wants_factor else None,
        code=form(action, [code], {}, errors) if has_factor and code.hint else None,
        passkey=SHOW_PASSKEY if "passkey" in factors else None,
        wants_factor=wants_factor,
        providers=[] if wants_factor else providers or [],
        elsewhere=f"{PATH}/elsewhere?{way_back}",
        is_away=providers is None,
        login_url=f"/login?{way_back}",
    )


def _proof_in(request: HttpRequest) -> Json:
    return {"password": request.POST["password"]} if "password" in request.POST else proof_in(request)
