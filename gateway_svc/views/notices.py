"""What staff let one know: read once more, and put away."""

from django.http import HttpRequest, HttpResponse

from gateway_svc.errors import Refused
from gateway_svc.selectors import people
from gateway_svc.selectors.notices import notice
from gateway_svc.views.methods import require_POST, require_safe
from gateway_svc.views.page import SeeOther, api_of, me, next_path, signed_in, together
from gateway_svc.views.rendering import render

MINE = "/api/users/me/notices"


@require_safe
@signed_in
async def notices(request: HttpRequest) -> HttpResponse:
    # The card as it is now: the page's script takes from here what has just come.
    api = api_of(request)
    viewer, answer = await together(people.viewer(api, me(request)), api.get("user", MINE))
    return render(
        request, "settings/notices.html", {"viewer": viewer, "notices": [notice(item) for item in answer["items"]]}
    )


@require_POST
@signed_in
async def seen(request: HttpRequest, notice_id: int) -> HttpResponse:
    """What is gone meanwhile is read, too."""
    try:
        await api_of(request).post("user", f"{MINE}/{notice_id}/seen")
    except Refused as refusal:
        if refusal.status != 404:
            raise
    return SeeOther(next_path(request))
