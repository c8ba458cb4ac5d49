"""`/status`: how the services are. For staff; to everybody else there is no such page."""

from django.http import HttpRequest, HttpResponse

from gateway_svc.errors import Refused
from gateway_svc.selectors.people import Viewer
from gateway_svc.selectors.status import services
from gateway_svc.views.methods import require_safe
from gateway_svc.views.page import api_of, signed_in
from gateway_svc.views.rendering import render


@require_safe
@signed_in
async def status(request: HttpRequest) -> HttpResponse:
    api = api_of(request)
    me = await api.get("user", "/api/users/me")
    if not me["is_staff"]:
        raise Refused(404, "not_found")
    viewer = Viewer(me["id"], me["display_name"])
    return render(request, "status/status.html", {"viewer": viewer, "services": await services(api)})
