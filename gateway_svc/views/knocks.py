"""Knocking: a host's answer, and the page on which somebody waits for it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from gateway_svc.errors import Refused
from gateway_svc.selectors import knocks as selectors
from gateway_svc.selectors import people
from gateway_svc.selectors.join import Closed, closed
from gateway_svc.services import INVITATIONS
from gateway_svc.views.methods import require_http_methods, require_POST
from gateway_svc.views.page import SeeOther, api_of, me, next_path, signed_in, together
from gateway_svc.views.rendering import render


@require_POST
@signed_in
async def approve(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    return await _answer(request, invitation_id, "approve")


@require_POST
@signed_in
async def refuse(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    return await _answer(request, invitation_id, "refuse")


async def _answer(request: HttpRequest, invitation_id: UUID, deed: str) -> HttpResponse:
    """Somebody who has gone, or a code that has ended, leaves nothing to answer: the page shows how it stands."""
    sent = {"user": request.POST.get("user", "")}
    try:
        await api_of(request).post("auth", f"{INVITATIONS}/{invitation_id}/{deed}", sent)
    except Refused as refusal:
        if refusal.code != "knock_unknown" and refusal.status not in (409, 410):
            raise
    return SeeOther(next_path(request))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def waiting(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    api, path = api_of(request), f"{INVITATIONS}/{invitation_id}/knock"
    if request.method == "POST":
        await api.delete("auth", path)
        return SeeOther(f"/waiting/{invitation_id}")
    viewer, answer = await together(people.viewer(api, me(request)), _standing(request, path))
    if answer is None:
        return _over(request, closed("unknown"), viewer)
    if answer.get("chat"):
        return SeeOther(f"/chats/{answer['chat']}")
    if answer["state"] != "waiting":
        return _over(request, selectors.over(answer), viewer)
    return render(request, "join/waiting.html", {"viewer": viewer, "waiting": selectors.waiting(answer)})


async def _standing(request: HttpRequest, path: str) -> dict[str, object] | None:
    """None where nothing is known of it any more: the chat is gone, or it was another's."""
    try:
        return await api_of(request).get("auth", path)
    except Refused as refusal:
        if refusal.code != "knock_unknown":
            raise
        return None


def _over(request: HttpRequest, state: Closed, viewer: people.Viewer) -> HttpResponse:
    return render(request, "join/closed.html", {"state": state, "viewer": viewer}, status=state.status)
