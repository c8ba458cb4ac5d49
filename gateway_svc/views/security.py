"""How the account is held, at a glance; and showing once more that it is you."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gateway_svc.errors import Refused
from gateway_svc.selectors import logins, people
from gateway_svc.selectors.api import Json, part
from gateway_svc.selectors.forms import PASSWORD, Form, form
from gateway_svc.selectors.security import Line, lines
from gateway_svc.views.linked import onward
from gateway_svc.views.page import SeeOther, api_of, in_app_of, me, next_path, signed_in, together
from gateway_svc.views.rendering import render

PATH = "/reauthenticate"


@dataclass(frozen=True)
class SecurityPage:
    """`unconfirmed`: the address that a letter has gone to."""

    lines: list[Line]
    is_unavailable: bool
    unconfirmed: str


@dataclass(frozen=True)
class ReauthenticationPage:
    """`providers`: at which the person has a linked account, shown by a form that goes to `elsewhere`."""

    form: Form
    has_password: bool
    providers: list[logins.Provider]
    elsewhere: str


@require_safe
@signed_in
async def security(request: HttpRequest) -> HttpResponse:
    api = api_of(request)
    viewer, answer, linked = await together(
        people.known_viewer(api, me(request)),
        part(api.get("auth", "/api/auth/security")),
        part(api.get("oauth", logins.ACCOUNTS)),
    )
    shown = SecurityPage(
        list(lines(answer, linked)) if answer else [],
        is_unavailable=answer is None,
        unconfirmed=_unconfirmed(answer or {}),
    )
    context = {"viewer": viewer, "page": shown, "in_app": in_app_of(request)}
    return render(request, "account/security.html", context)


def _unconfirmed(security: Json) -> str:
    return "" if security.get("email_verified") else security.get("email") or ""


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def reauthenticate(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return await _reauthenticate(request, problem=logins.problem(request.GET.get("problem", "")))
    try:
        sent = {"password": request.POST.get("password", "")}
        await api_of(request).post("auth", "/api/auth/reauthenticate", sent)
    except Refused as refusal:
        if refusal.status not in (422, 429):
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
    errors = refusal.fields if refusal else {}
    problem = refusal.text if refusal and not errors else problem
    way_back = urlencode({"next": next_path(request)})
    shown = ReauthenticationPage(
        form=form(f"{PATH}?{way_back}", [PASSWORD], {}, errors, problem),
        has_password=security["has_password"],
        providers=logins.of_linked((linked or {}).get("items", []), providers),
        elsewhere=f"{PATH}/elsewhere?{way_back}",
    )
    status = refusal.status if refusal else 200
    return render(request, "account/reauthenticate.html", {"viewer": viewer, "page": shown}, status=status)
