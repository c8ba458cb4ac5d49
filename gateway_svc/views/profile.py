"""How others see one."""

from dataclasses import dataclass, replace

from django.http import HttpRequest, HttpResponse

from gateway_svc import services
from gateway_svc.errors import Refused
from gateway_svc.selectors import people
from gateway_svc.selectors.forms import PROFILE_NAME, Field
from gateway_svc.views.chats import problem_of
from gateway_svc.views.methods import require_http_methods
from gateway_svc.views.page import SeeOther, api_of, in_app_of, signed_in
from gateway_svc.views.rendering import render

PATH = "/profile"


@dataclass(frozen=True)
class ProfilePage:
    name_field: Field
    username: str
    is_saved: bool


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def profile(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return await _profile(request)
    name = request.POST.get("display_name", "")
    try:
        await services.rename(api_of(request), name=name)
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return await _profile(request, name, problem_of(refusal))
    return SeeOther(f"{PATH}?saved=1")


async def _profile(request: HttpRequest, name: str = "", problem: str = "") -> HttpResponse:
    """`name` and `problem`: what was asked for, and why it cannot be had."""
    me = await api_of(request).get("user", "/api/users/me")
    shown = ProfilePage(
        name_field=replace(
            PROFILE_NAME, value=name if problem else me["display_name"], error=problem, has_focus=bool(problem)
        ),
        username=me.get("username") or "",
        is_saved=request.GET.get("saved") == "1" and not problem,
    )
    viewer = people.Viewer(me["id"], me["display_name"], me["is_guest"])
    status = 422 if problem else 200
    context = {"viewer": viewer, "page": shown, "in_app": in_app_of(request)}
    return render(request, "account/profile.html", context, status=status)
