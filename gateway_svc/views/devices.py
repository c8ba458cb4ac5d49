"""Logging in on another device: the new one shows a code, the phone that scans it confirms."""

from django.http import HttpRequest, HttpResponse

from gateway_svc import services
from gateway_svc.errors import Refused
from gateway_svc.selectors import other_devices as selectors
from gateway_svc.selectors import people
from gateway_svc.selectors.join import Closed
from gateway_svc.views.methods import require_http_methods, require_safe
from gateway_svc.views.page import (
    SeeOther,
    api_of,
    me,
    next_path,
    page,
    secret_address,
    sign_in,
    signed_in,
    together,
    viewer_of,
)
from gateway_svc.views.rendering import render

CODES = "/api/auth/device-codes"


@require_http_methods(["GET", "HEAD", "POST"])
@page
async def device_login(request: HttpRequest) -> HttpResponse:
    """The new device: each look is a new code, and the form asks whether the last one was confirmed."""
    if request.method == "POST":
        return await _collected(request)
    viewer, api = await viewer_of(request), api_of(request)
    if viewer is not None and not viewer.is_guest:
        return SeeOther(next_path(request))
    code = selectors.device_code(await api.post("auth", CODES), next_path=next_path(request))
    return render(request, "account/login_device.html", {"viewer": viewer, "code": code})


@require_http_methods(["GET", "HEAD", "POST"])
@secret_address
@signed_in
async def device(request: HttpRequest, device_token: str) -> HttpResponse:
    """The phone. Opening it confirms nothing: link scanners and previews fetch every address they see."""
    try:
        if request.method == "POST":
            deed = "decline" if request.POST.get("deed") == "decline" else "confirm"
            await api_of(request).post("auth", f"{CODES}/{deed}", {"token": device_token})
            return SeeOther(request.path)
        return await _asking(request, device_token)
    except Refused as refusal:
        return await _closed(request, selectors.closed_on_phone(refusal))


@require_safe
@signed_in
async def another_device(request: HttpRequest) -> HttpResponse:
    viewer = await people.viewer(api_of(request), me(request))
    return render(request, "account/another_device.html", {"viewer": viewer, "domain": request.get_host()})


async def _asking(request: HttpRequest, token: str) -> HttpResponse:
    api = api_of(request)
    viewer, answer = await together(
        people.known_viewer(api, me(request)), api.post("auth", f"{CODES}/preview", {"token": token})
    )
    if answer["state"] == "confirmed":
        return await _closed(request, selectors.confirmed())
    shown = selectors.asking(answer, token=token)
    return render(request, "account/confirm_device.html", {"viewer": viewer, "asking": shown})


async def _collected(request: HttpRequest) -> HttpResponse:
    known = {"code_id": request.POST.get("id", ""), "secret": request.POST.get("secret", "")}
    remember = request.POST.get("remember") == "1"
    try:
        answer = await services.collect(api_of(request), **known, remember=remember)
    except Refused as refusal:
        return await _closed(request, selectors.closed_on_screen(refusal, next_path=next_path(request)))
    if answer.get("state") == "waiting":
        code = selectors.waiting_code(**known, next_path=next_path(request), remember=remember)
        return render(request, "account/login_device.html", {"viewer": await viewer_of(request), "code": code})
    response = SeeOther(next_path(request))
    sign_in(response, services.tokens_of(answer), remember=remember)
    return response


async def _closed(request: HttpRequest, state: Closed) -> HttpResponse:
    shown = {"state": state, "viewer": await viewer_of(request)}
    return render(request, "join/closed.html", shown, status=state.status)
