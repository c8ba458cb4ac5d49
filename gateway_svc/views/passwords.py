"""Passwords: changed by who is logged in, asked for anew by who has forgotten it."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from gateway_svc.errors import Refused
from gateway_svc.selectors import people
from gateway_svc.selectors.forms import EMAIL, NEW_PASSWORD, OLD_PASSWORD, Field, Form, form
from gateway_svc.views.methods import require_http_methods
from gateway_svc.views.page import SeeOther, api_of, me, page, secret_address, signed_in, together, viewer_of
from gateway_svc.views.rendering import render

PATH = "/security/password"
API = "/api/auth/password"


@dataclass(frozen=True)
class PasswordPage:
    """`is_done`: what the form asks for has happened. `is_over`: the link no longer works."""

    form: Form
    is_done: bool = False
    is_over: bool = False
    has_password: bool = True
    has_passkey: bool = False


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def password(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return await _password(request)
    sent = {name: request.POST.get(name, "") for name in ("password", "password_old")}
    try:
        await api_of(request).post("auth", API, sent)
    except Refused as refusal:
        if refusal.status not in (409, 422, 429):
            raise
        return await _password(request, refusal)
    return SeeOther(f"{PATH}?done=1")


@require_http_methods(["GET", "HEAD", "POST"])
@page
async def forgot(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return await _open(request, "account/forgot.html")
    try:
        await api_of(request).post("auth", f"{API}/reset", {"email": request.POST.get("email", "")})
    except Refused as refusal:
        return await _open(request, "account/forgot.html", refusal)
    return SeeOther(f"{request.path}?done=1")


@require_http_methods(["GET", "HEAD", "POST"])
@secret_address
@page
async def reset(request: HttpRequest, key: str) -> HttpResponse:
    """Opening it changes nothing: link scanners and previews fetch every address they see."""
    if request.method != "POST":
        return await _open(request, "account/reset.html")
    sent = {"key": key, "password": request.POST.get("password", "")}
    try:
        await api_of(request).post("auth", f"{API}/reset/confirm", sent)
    except Refused as refusal:
        return await _open(request, "account/reset.html", refusal)
    return SeeOther(f"{request.path}?done=1")


async def _password(request: HttpRequest, refusal: Refused | None = None) -> HttpResponse:
    api = api_of(request)
    viewer, security = await together(people.known_viewer(api, me(request)), api.get("auth", "/api/auth/security"))
    fields = [OLD_PASSWORD, NEW_PASSWORD] if security["has_password"] else [NEW_PASSWORD]
    shown = PasswordPage(
        form=_form(PATH, fields, request, refusal),
        is_done=_is_done(request, refusal),
        has_password=security["has_password"],
        has_passkey=security["passkeys"] > 0,
    )
    return render(request, "account/password.html", {"viewer": viewer, "page": shown}, status=_status(refusal))


async def _open(request: HttpRequest, template: str, refusal: Refused | None = None) -> HttpResponse:
    """A page for everybody."""
    if refusal is not None and refusal.is_fault:
        raise refusal
    fields = [EMAIL] if template == "account/forgot.html" else [NEW_PASSWORD]
    shown = PasswordPage(
        form=_form(request.path, fields, request, refusal),
        is_done=_is_done(request, refusal),
        is_over=refusal is not None and refusal.code == "link_expired",
    )
    viewer = await viewer_of(request)
    return render(request, template, {"viewer": viewer, "page": shown}, status=_status(refusal))


def _form(action: str, fields: list[Field], request: HttpRequest, refusal: Refused | None) -> Form:
    errors = refusal.fields if refusal else {}
    return form(action, fields, request.POST, errors, refusal.text if refusal and not errors else "")


def _is_done(request: HttpRequest, refusal: Refused | None) -> bool:
    return request.GET.get("done") == "1" and refusal is None


def _status(refusal: Refused | None) -> int:
    return refusal.status if refusal else 200
