"""The address of one's account: seen, changed, confirmed by the link in a letter."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from gateway_svc.errors import Refused
from gateway_svc.selectors import people
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.forms import EMAIL, PROOF, Form, form
from gateway_svc.views.methods import require_http_methods, require_POST
from gateway_svc.views.page import SeeOther, api_of, me, next_path, page, secret_address, signed_in, together, viewer_of
from gateway_svc.views.rendering import render

PATH = "/security/email"
API = "/api/auth/email"


@dataclass(frozen=True)
class EmailPage:
    """`held`: the confirmed address; `waiting`: the one that was written to."""

    form: Form
    held: str
    waiting: str
    next: str
    was_sent: bool


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def email(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return await _email(request)
    try:
        await _change(request)
    except Refused as refusal:
        return await _refused(request, refusal)
    return SeeOther(f"{PATH}?sent=1")


@require_POST
@signed_in
async def resend(request: HttpRequest) -> HttpResponse:
    await api_of(request).post("auth", f"{API}/resend")
    return SeeOther(f"{PATH}?sent=1")


@require_POST
@signed_in
async def give_up(request: HttpRequest) -> HttpResponse:
    await api_of(request).delete("auth", API)
    return SeeOther(PATH)


@require_http_methods(["GET", "HEAD", "POST"])
@secret_address
@page
async def verify(request: HttpRequest, key: str) -> HttpResponse:
    """Opening it confirms nothing: link scanners and previews fetch every address they see."""
    if request.method != "POST":
        return await _verify(request, key)
    try:
        await api_of(request).post("auth", f"{API}/verify", {"key": key})
    except Refused as refusal:
        return await _unverified(request, refusal)
    return SeeOther(f"{request.path}?done=1")


async def _change(request: HttpRequest) -> None:
    api, password = api_of(request), request.POST.get("password", "")
    if password:  # asked for on the page where the last time was long ago
        await api.post("auth", "/api/auth/reauthenticate", {"password": password})
    await api.post("auth", API, {"email": request.POST.get("email", "")})


async def _refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    if refusal.code == "reauthentication_required":
        security = await api_of(request).get("auth", "/api/auth/security")
        if not security["has_password"]:
            raise refusal  # there are other ways on the page that asks
        return await _email(request, refusal, asks_password=True)
    if refusal.status not in (422, 429):
        raise refusal
    return await _email(request, refusal, asks_password="password" in request.POST)


async def _email(request: HttpRequest, refusal: Refused | None = None, *, asks_password: bool = False) -> HttpResponse:
    api = api_of(request)
    viewer, answer = await together(people.known_viewer(api, me(request)), api.get("auth", API))
    errors = refusal.fields if refusal else {}
    fields = [EMAIL, PROOF] if asks_password else [EMAIL]
    shown = EmailPage(
        form=form(PATH, fields, request.POST, errors, refusal.text if refusal and not errors else ""),
        held=_held(answer),
        waiting=_waiting(answer),
        next=next_path(request) if "next" in request.GET else "",
        was_sent=request.GET.get("sent") == "1",
    )
    status = refusal.status if refusal else 200
    return render(request, "account/email.html", {"viewer": viewer, "page": shown}, status=status)


def _held(answer: Json) -> str:
    return str(answer["email"]) if answer["verified"] else ""


def _waiting(answer: Json) -> str:
    return str(answer["pending"] or ("" if answer["verified"] else answer["email"] or ""))


async def _verify(request: HttpRequest, key: str) -> HttpResponse:
    """What the press would do, for whoever has not heard of the account."""
    if request.GET.get("done") == "1":
        return await _verification(request, is_done=True)
    try:
        account = await api_of(request).post("auth", f"{API}/verify/preview", {"key": key})
    except Refused as refusal:
        return await _unverified(request, refusal)
    return await _verification(request, account=account)


async def _unverified(request: HttpRequest, refusal: Refused) -> HttpResponse:
    if refusal.is_fault:
        raise refusal
    return await _verification(request, status=refusal.status, problem=refusal.text)


async def _verification(request: HttpRequest, *, status: int = 200, **shown: Any) -> HttpResponse:
    return render(request, "account/verify.html", {"viewer": await viewer_of(request), **shown}, status=status)
