"""The second step of logging in, and coming in by a passkey."""

import json
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse

from abdre.second_step import PAGE, Challenge, drop_challenge, keep_challenge, kept_challenge
from gateway_svc.errors import Refused
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.factors import APP_CODE, SHOW_PASSKEY, PasskeyButton, code_hint
from gateway_svc.selectors.forms import Form, form
from gateway_svc.selectors.people import Viewer
from gateway_svc.views.errors import say_when_to_retry
from gateway_svc.views.methods import require_http_methods
from gateway_svc.views.page import SeeOther, api_of, next_path, page, viewer_of, welcome
from gateway_svc.views.rendering import render

EXPIRED = "challenge_expired"


@dataclass(frozen=True)
class SecondStepPage:
    form: Form
    has_codes: bool
    passkey: PasskeyButton | None
    login_url: str


@dataclass(frozen=True)
class CodesPage:
    """Recovery codes, shown this once. `next_url`: the way on. `need_password`: before it they open nothing."""

    codes: list[str]
    next_url: str
    need_password: bool


@require_http_methods(["GET", "HEAD", "POST"])
@page
async def second_factor(request: HttpRequest) -> HttpResponse:
    challenge = kept_challenge(request)
    if challenge is None:
        return _back_to_login(request)
    if request.method != "POST":
        return await _second_factor(request, challenge)
    sent = {"challenge": challenge.challenge, **proof_in(request)}
    try:
        answer = await api_of(request).post("auth", "/api/auth/login/second-factor", sent)
    except Refused as refusal:
        if refusal.code == EXPIRED:
            return _back_to_login(request)
        return await _second_factor(request, challenge, refusal)
    response = welcome(request, answer, remember=challenge.remember)
    drop_challenge(response)
    return response


def ask_second_factor(request: HttpRequest, refusal: Refused, *, remember: bool) -> HttpResponse:
    """The first step was right: on to the second."""
    response = SeeOther(f"{PAGE}?{urlencode({'next': next_path(request)})}")
    keep_challenge(response, Challenge(**refusal.beside, remember=remember))
    return response


def proof_in(request: HttpRequest) -> Json:
    """What the form brings, as the API takes it: what a passkey has answered, else a code."""
    if not request.POST.get("credential"):
        return {"code": request.POST.get("code", "")}
    return passkey_answer_in(request)


def passkey_answer_in(request: HttpRequest) -> Json:
    try:
        credential: Any = json.loads(request.POST.get("credential", ""))
    except ValueError:
        credential = {}  # which is refused like any that is none
    return {"credential": credential, "state": request.POST.get("state", "")}


def show_codes(
    request: HttpRequest, codes: list[str], *, next_url: str, need_password: bool, viewer: Viewer | None
) -> HttpResponse:
    """In the answer to what made them, since nobody can ask for them again."""
    shown = CodesPage(codes, next_url, need_password)
    return render(request, "account/recovery_codes.html", {"viewer": viewer, "page": shown})


async def _second_factor(request: HttpRequest, challenge: Challenge, refusal: Refused | None = None) -> HttpResponse:
    """`refusal`: why what was shown was not enough."""
    if refusal and refusal.is_fault:
        raise refusal
    way_back = urlencode({"next": next_path(request)})
    field = replace(APP_CODE, hint=code_hint(challenge.factors), has_focus=True)
    errors = refusal.fields if refusal else {}
    problem = refusal.text if refusal and not errors else ""
    shown = SecondStepPage(
        form=form(f"{request.path}?{way_back}", [field], {}, errors, problem),
        has_codes=bool(field.hint),
        passkey=SHOW_PASSKEY if "passkey" in challenge.factors else None,
        login_url=f"/login?{way_back}",
    )
    context = {"viewer": await viewer_of(request), "page": shown}
    response = render(request, "account/second_factor.html", context, status=refusal.status if refusal else 200)
    say_when_to_retry(response, refusal.retry_after_s if refusal else None)
    return response


def _back_to_login(request: HttpRequest) -> HttpResponse:
    response = SeeOther(f"/login?{urlencode({'next': next_path(request), 'problem': EXPIRED})}")
    drop_challenge(response)
    return response
