"""How somebody is told of messages: on this device, with which words, and when not."""

from django.http import HttpRequest, HttpResponse

from gateway_svc.errors import Refused
from gateway_svc.selectors import notifications as shown
from gateway_svc.selectors import people
from gateway_svc.selectors.api import Json
from gateway_svc.views.methods import require_http_methods
from gateway_svc.views.page import SeeOther, api_of, me, signed_in, together
from gateway_svc.views.rendering import render

PATH = "/settings/notifications"
MINE = "/api/users/me/preferences"
SUBSCRIPTIONS = "/api/users/me/push-subscriptions"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def notifications(request: HttpRequest) -> HttpResponse:
    api = api_of(request)
    problem = ""
    if request.method == "POST":
        try:
            await api.patch("user", MINE, _facts(request))
        except Refused as refusal:
            if refusal.status != 422:
                raise
            problem = " ".join(refusal.fields.get("quiet_until", [])) or refusal.text
        else:
            return SeeOther(f"{PATH}?saved=1")
    viewer, preferences, subscriptions, sessions = await together(
        people.viewer(api, me(request)),
        api.get("user", MINE),
        api.get("user", SUBSCRIPTIONS),
        api.get("auth", "/api/auth/sessions"),
    )
    context = {
        "viewer": viewer,
        "switches": shown.switches(preferences, is_guest=viewer.is_guest),
        "quiet_from": preferences["quiet_from"],
        "quiet_until": preferences["quiet_until"],
        "devices": shown.devices(subscriptions, sessions),
        "problem": problem,
        "is_saved": "saved" in request.GET,
    }
    return render(request, "settings/notifications.html", context, status=422 if problem else 200)


def _facts(request: HttpRequest) -> Json:
    switches: Json = {name: name in request.POST for name in ("sounds", "hides_text", "digest")}
    hours = {name: request.POST.get(name) or None for name in ("quiet_from", "quiet_until")}
    return {**switches, **hours}
