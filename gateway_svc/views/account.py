"""Log in, register, log out, and the devices on which one is signed in."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from abdre.service_client import ServiceAway
from gateway_svc.errors import Refused
from gateway_svc.selectors import logins, people
from gateway_svc.selectors.api import Api, part
from gateway_svc.selectors.factors import LOGIN_PASSKEY, REGISTER_PASSKEY, PasskeyButton
from gateway_svc.selectors.forms import LOGIN, REGISTER, Field, Form, form
from gateway_svc.selectors.sessions import Session, session
from gateway_svc.views.errors import say_when_to_retry
from gateway_svc.views.methods import require_http_methods, require_POST, require_safe
from gateway_svc.views.page import (
    SeeOther,
    api_of,
    me,
    next_path,
    page,
    sign_out,
    signed_in,
    together,
    viewer_of,
    welcome,
)
from gateway_svc.views.rendering import render
from gateway_svc.views.second_step import ask_second_factor


@dataclass(frozen=True)
class AccountPage:
    form: Form
    login_url: str
    register_url: str
    device_url: str
    providers: list[logins.Provider]
    passkey: PasskeyButton
    reason: str = ""
    remember: bool = True


@dataclass(frozen=True)
class SessionsPage:
    sessions: list[Session]
    is_unavailable: bool

    @property
    def has_others(self) -> bool:
        return len(self.sessions) > 1


@require_http_methods(["GET", "HEAD", "POST"])
@page
async def login(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return await _account(request, "account/login.html", problem=logins.problem(request.GET.get("problem", "")))
    remember = request.POST.get("remember") == "1"
    sent = {name: request.POST.get(name, "") for name in ("login", "password")}
    try:
        answer = await api_of(request).post("auth", "/api/auth/login", {**sent, "remember": remember})
    except Refused as refusal:
        if refusal.code == "second_factor_required":
            return ask_second_factor(request, refusal, remember=remember)
        return await refused_account(request, "account/login.html", refusal)
    return welcome(request, answer, remember=remember)


@require_http_methods(["GET", "HEAD", "POST"])
@page
async def register(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return await _account(request, "account/register.html")
    sent = {field.name: request.POST.get(field.name, "") for field in REGISTER}
    try:
        answer = await api_of(request).post("auth", "/api/auth/register", sent)
    except Refused as refusal:
        return await refused_account(request, "account/register.html", refusal)
    return welcome(request, answer, remember=True, way_on=after_registering(request))


@require_http_methods(["GET", "HEAD", "POST"])
@page
async def logout(request: HttpRequest) -> HttpResponse:
    """A guest is asked first: there would be no way back."""
    if request.method != "POST":
        viewer = await viewer_of(request)
        return render(request, "account/logout.html", {"viewer": viewer}) if viewer else SeeOther("/")
    await end_quietly(api_of(request))
    response = SeeOther(next_path(request) if "next" in request.POST else "/")
    sign_out(response)
    return response


@require_safe
@signed_in
async def sessions(request: HttpRequest) -> HttpResponse:
    api = api_of(request)
    viewer, answer = await together(people.known_viewer(api, me(request)), part(api.get("auth", "/api/auth/sessions")))
    found = [session(item) for item in answer["items"]] if answer else []
    shown = SessionsPage(found, is_unavailable=answer is None)
    return render(request, "account/sessions.html", {"viewer": viewer, "page": shown})


@require_POST
@signed_in
async def end_session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    try:
        await api_of(request).delete("auth", f"/api/auth/sessions/{session_id}")
    except Refused as refusal:
        if refusal.status != 404:  # it has ended meanwhile: that is what was wanted
            raise
    return SeeOther("/sessions")


@require_POST
@signed_in
async def end_other_sessions(request: HttpRequest) -> HttpResponse:
    await api_of(request).delete("auth", "/api/auth/sessions", others="true")
    return SeeOther("/sessions")


def after_registering(request: HttpRequest) -> str:
    """Whoever gave an address is told of the letter first."""
    way_back = urlencode({"next": next_path(request)})
    return f"/security/email?{way_back}" if request.POST.get("email") else next_path(request)


async def refused_account(request: HttpRequest, template: str, refusal: Refused) -> HttpResponse:
    """The form once more, with what is wrong."""
    if refusal.is_fault or refusal.code == "not_signed_in":  # of a wrong password a service says another word
        raise refusal
    errors = dict(refusal.fields)
    if refusal.code == "username_taken":
        errors.setdefault("username", [refusal.text])
    problem = "" if errors else refusal.text or _("That did not work. Please try again.")
    response = await _account(request, template, errors=errors, problem=problem, status=refusal.status)
    say_when_to_retry(response, refusal.retry_after_s)
    return response


async def _account(request: HttpRequest, template: str, *, status: int = 200, **problems: Any) -> HttpResponse:
    offered = logins.offered(api_of(request), next_path=next_path(request))
    viewer, providers = await together(viewer_of(request), offered)
    shown = _page(request, template, providers, **problems)
    return render(request, template, {"viewer": viewer, "page": shown}, status=status)


def _page(
    request: HttpRequest,
    template: str,
    providers: list[logins.Provider],
    *,
    errors: dict[str, list[str]] | None = None,
    problem: str = "",
) -> AccountPage:
    way_back = urlencode({"next": next_path(request)})
    fields = LOGIN if template == "account/login.html" else REGISTER
    path = "/login" if fields is LOGIN else "/register"
    return AccountPage(
        form=form(f"{path}?{way_back}", fields, request.POST, errors or {}, problem),
        login_url=f"/login?{way_back}",
        register_url=f"/register?{way_back}",
        device_url=f"/login/device?{way_back}",
        providers=providers,
        passkey=_passkey(fields, way_back),
        reason=_reason(next_path(request)),
        remember=request.method != "POST" or request.POST.get("remember") == "1",
    )


def _passkey(fields: list[Field], way_back: str) -> PasskeyButton:
    button, path = (LOGIN_PASSKEY, "/login/passkey") if fields is LOGIN else (REGISTER_PASSKEY, "/register/passkey")
    return replace(button, action=f"{path}?{way_back}")


def _reason(target: str) -> str:
    if target.startswith("/join/"):
        return _("Then you go straight back to the invitation.")
    if target.startswith("/device/"):
        return _(
            "Then you can confirm the other device. Its code lives for half a minute: if it has ended, scan again."
        )
    return ""


async def end_quietly(api: Api) -> None:
    """A session that has ended already, or a service that is away, must keep nobody from leaving this device."""
    try:
        await api.post("auth", "/api/auth/logout")
    except (Refused, ServiceAway):
        return
