"""The address of one's account: seen, changed, confirmed by the link in a letter."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from gateway_svc.errors import Refused
from gateway_svc.selectors import people
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.forms import EMAIL, Form, form
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
    was_sent_again: bool


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def email(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return await _email(request)
    try:
        await api_of(request).post("auth", API, {"email": request.POST.get("email", "")})
    except Refused as refusal:
        if refusal.status not in (422, 429):
            raise
        return await _email(request, refusal)
    return SeeOther(f"{PATH}?sent=1")


@require_POST
@signed_in
async def resend(request: HttpRequest) -> HttpResponse:
    try:
        await api_of(request).post("auth", f"{API}/resend")
    except Refused as refusal:
        if refusal.status != 429:
            raise
        return await _email(request, refusal)
    return SeeOther(f"{PATH}?sent=again")


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


async def _email(request: HttpRequest, refusal: Refused | None = None) -> HttpResponse:
    api = api_of(request)
    viewer, answer = await together(people.known_viewer(api, me(request)), api.get("auth", API))
    errors = refusal.fields if refusal else {}
    shown = EmailPage(
        form=form(PATH, [EMAIL], request.POST, errors, refusal.text if refusal and not errors else ""),
        held=_held(answer),
        waiting=_waiting(answer),
        next=next_path(request) if "next" in request.GET else "",
        was_sent_again=request.GET.get("sent") == "again",
    )
    status = refusal.status if refusal else 200
    return render(request, "account/email.html", {"viewer": viewer, "page": shown}, status=status)


def _held(answer: Json) -> str:
    return str(answer["email"]) if answer["verified"] else ""


def _waiting(answer: Json) -> str:
    return str(answer["pending"] or ("" if answer["verified"] else answer["email"] or ""))


async def _verify(request: HttpRequest, key: str) -> HttpResponse:
    """What the press would do, for whoever has not heard of the account; and what it has done, whenever that was."""
    try:
        account = await api_of(request).post("auth", f"{API}/verify/preview", {"key": key})
    except Refused as refusal:
        return await _unverified(request, refusal)
    return await _verification(request, account=account, is_done=request.GET.get("done") == "1")


async def _unverified(request: HttpRequest, refusal: Refused) -> HttpResponse:
    if refusal.is_fault:
        raise refusal
    return await _verification(request, status=refusal.status, problem=refusal.text)


async def _verification(request: HttpRequest, *, status: int = 200, **shown: Any) -> HttpResponse:
    return render(request, "account/verify.html", {"viewer": await viewer_of(request), **shown}, status=status)
