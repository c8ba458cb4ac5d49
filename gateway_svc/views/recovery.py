"""A guest's recovery link: made on the old device, opened on the new one."""

from django.http import HttpRequest, HttpResponse

from gateway_svc import services
from gateway_svc.errors import Refused
from gateway_svc.selectors import people
from gateway_svc.selectors import recovery as selectors
from gateway_svc.selectors.join import Closed
from gateway_svc.views.account import end_quietly
from gateway_svc.views.join import attempt_of, new_attempt, set_attempt
from gateway_svc.views.methods import require_http_methods
from gateway_svc.views.page import (
    SeeOther,
    api_of,
    me,
    page,
    secret_address,
    sign_in,
    signed_in,
    together,
    viewer_of,
)
from gateway_svc.views.rendering import render

LINKS = "/api/auth/recovery-links"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def recovery_link(request: HttpRequest) -> HttpResponse:
    """The link stands in the answer to the press alone: nobody can look it up later, nor can we."""
    api = api_of(request)
    link = selectors.recovery_link(await api.post("auth", LINKS)) if request.method == "POST" else None
    viewer = await people.viewer(api, me(request))
    return render(request, "account/recovery_link.html", {"viewer": viewer, "link": link})


@require_http_methods(["GET", "HEAD", "POST"])
@secret_address
@page
async def recover(request: HttpRequest, recovery_token: str) -> HttpResponse:
    try:
        return await (_claimed if request.method == "POST" else _opened)(request, recovery_token)
    except Refused as refusal:
        return await _closed(request, selectors.closed(refusal))


async def _opened(request: HttpRequest, token: str) -> HttpResponse:
    looked = api_of(request).post("auth", f"{LINKS}/preview", {"token": token})
    viewer, answer = await together(viewer_of(request), looked)
    if answer["own"]:
        return await _closed(request, selectors.own())
    shown = selectors.recovery(answer, token=token, viewer=viewer)
    response = render(request, "account/recover.html", {"viewer": viewer, "recovery": shown})
    if not attempt_of(request):
        set_attempt(response)
    return response


async def _claimed(request: HttpRequest, token: str) -> HttpResponse:
    viewer, api = await viewer_of(request), api_of(request)
    answer = await services.recover(api, token=token, attempt=attempt_of(request) or new_attempt())
    if viewer is not None and viewer.id != answer["user"]["id"]:  # the page has asked: this device is the guest's now
        await end_quietly(api)
    response = SeeOther("/chats")
    sign_in(response, services.tokens_of(answer))
    return response


async def _closed(request: HttpRequest, state: Closed) -> HttpResponse:
    shown = {"state": state, "viewer": await viewer_of(request)}
    return render(request, "join/closed.html", shown, status=state.status)
