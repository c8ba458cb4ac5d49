"""The page behind the code. Opening it uses nothing up: link scanners and previews fetch every address they see."""

import re
import secrets
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from gateway_svc import services
from gateway_svc.errors import Refused
from gateway_svc.selectors import join as selectors
from gateway_svc.selectors import people
from gateway_svc.selectors.api import Json
from gateway_svc.views.chats import problem_of
from gateway_svc.views.methods import require_http_methods
from gateway_svc.views.page import (
    ATTEMPT_COOKIE,
    SeeOther,
    api_of,
    in_app_of,
    page,
    secret_address,
    sign_in,
    together,
    viewer_of,
)
from gateway_svc.views.rendering import render

ATTEMPT_BYTES = 24
ATTEMPT = re.compile(r"[\w-]{22,64}", re.ASCII)  # 22 characters of base64url are 128 bits
# Long enough to think of a name; the service repeats an answer for two minutes only.
ATTEMPT_LIFETIME_S = 3600
HOLD_COOKIE = "join_hold"
HOLD = re.compile(r"[\w-]{60}", re.ASCII)
HOLD_LIFETIME_S = 600  # as long as the service takes it
PASSWORD_REFUSALS = ("password_required", "wrong_password")


@require_http_methods(["GET", "HEAD", "POST"])
@secret_address
@page
async def join(request: HttpRequest, token: str) -> HttpResponse:
    if request.method != "POST":
        return await _opened(request, token)
    if request.POST.get("deed") == "decline":
        return await _declined(request, token)
    return await _joined(request, token)


async def _opened(request: HttpRequest, token: str) -> HttpResponse:
    if request.GET.get("answer") == "no":
        return await _closed(request, "declined", token)
    response = await _invitation(request, token)
    if not attempt_of(request):
        set_attempt(response)
    return response


async def _invitation(request: HttpRequest, token: str, name: str = "", refusal: Refused | None = None) -> HttpResponse:
    """The page of the code's state. A member goes straight to the chat, who knocked to where they wait."""
    try:
        viewer, answer = await together(viewer_of(request), preview_of(request, token))
    except Refused as unknown:
        return await _refused(request, unknown, token)
    member_of = answer.get("already_member", "")
    if member_of and not answer.get("own"):
        return SeeOther(f"/chats/{member_of}")
    if answer.get("knock"):
        return SeeOther(f"/waiting/{answer['knock']}")
    state = _state(answer, viewer)
    if state != "active":
        return await _closed(request, state, token, chat_id=member_of)
    problem = problem_of(refusal) if refusal else ""
    is_about_password = refusal is not None and refusal.code in PASSWORD_REFUSALS
    shown = selectors.join(
        answer,
        path=f"/join/{token}",
        token=answer.get("hold") or shown_token(request, token),
        viewer=viewer,
        domain=request.get_host(),
        name=name,
        error="" if is_about_password else problem,
        password_error=problem if is_about_password else "",
    )
    status = refusal.status if refusal else 200
    context = {"join": shown, "viewer": viewer, "in_app": in_app_of(request)}
    response = render(request, "join/invitation.html", context, status=status)
    if "hold" in answer:
        _keep_hold(response, token, answer["hold"])
    return response


async def _joined(request: HttpRequest, token: str) -> HttpResponse:
    viewer = await viewer_of(request)
    name = request.POST.get("display_name", "")
    # A browser that kept no cookie still comes in; only its second press is then a second person.
    attempt = attempt_of(request) or new_attempt()
    try:
        if viewer is not None and viewer.is_guest and name:  # asked for where the guest's name is taken in the chat
            await services.rename(api_of(request), name=name)
        joined = await services.accept(
            api_of(request),
            token=shown_token(request, token),
            name=None if viewer else name,
            attempt=attempt,
            password=request.POST.get("password", ""),
        )
    except Refused as refusal:
        if refusal.status == 422 or refusal.code in PASSWORD_REFUSALS:
            return await _invitation(request, token, name, refusal)
        return await _refused(request, refusal, token)
    response = SeeOther(joined.path)
    sign_in(response, joined.tokens)
    return response


async def _declined(request: HttpRequest, token: str) -> HttpResponse:
    try:
        shown = {"token": shown_token(request, token)}
        await api_of(request).post("auth", f"{services.INVITATIONS}/decline", shown)
    except Refused as refusal:
        return await _refused(request, refusal, token)
    return SeeOther(f"/join/{token}?answer=no")


async def preview_of(request: HttpRequest, token: str) -> Json:
    shown = {"token": shown_token(request, token)}
    return await api_of(request).post("auth", f"{services.INVITATIONS}/preview", shown)


def shown_token(request: HttpRequest, token: str) -> str:
    """The address's own, or what was held of it while the code on the screen moved on."""
    hold = request.COOKIES.get(HOLD_COOKIE, "")
    return hold if HOLD.fullmatch(hold) else token


def _keep_hold(response: HttpResponse, token: str, hold: str) -> None:
    """For this address alone: logging in, registering and thinking of a name take longer than the code stands."""
    response.set_cookie(
        HOLD_COOKIE,
        hold,
        max_age=HOLD_LIFETIME_S,
        path=f"/join/{token}",
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE_ORIGIN,
    )


def _state(answer: Json, viewer: people.Viewer | None) -> str:
    """What the page says: first what is between this person and the code, then the code's own state."""
    if answer.get("own"):
        return "own_invitation"
    if answer["state"] != "active":
        return str(answer["state"])
    if viewer is not None and viewer.is_guest and not answer["guests"]:
        return "account_required"
    return "active"


async def _refused(request: HttpRequest, refusal: Refused, token: str) -> HttpResponse:
    if not selectors.speaks_of(refusal):
        raise refusal
    return await _closed(request, refusal.code, token)


async def _closed(request: HttpRequest, state: str, token: str, *, chat_id: str = "") -> HttpResponse:
    closed = selectors.closed(state, token=token, chat_id=chat_id)
    shown: dict[str, Any] = {"state": closed, "viewer": await viewer_of(request)}
    return render(request, "join/closed.html", shown, status=closed.status)


def attempt_of(request: HttpRequest) -> str:
    attempt = request.COOKIES.get(ATTEMPT_COOKIE, "")
    return attempt if ATTEMPT.fullmatch(attempt) else ""


def new_attempt() -> str:
    return secrets.token_urlsafe(ATTEMPT_BYTES)


def set_attempt(response: HttpResponse) -> None:
    """Names this browser's wish to join, so that a lost answer or a second press is the same joining."""
    response.set_cookie(
        ATTEMPT_COOKIE,
        new_attempt(),
        max_age=ATTEMPT_LIFETIME_S,
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE_ORIGIN,
    )
