"""The settings: how pages look and speak, what others see, whom one has blocked."""

from django.http import HttpRequest, HttpResponse

from abdre.appearance import Appearance, appearance_of
from gateway_svc.selectors import appearance, people, preferences
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.appearance import of_preferences
from gateway_svc.views.methods import require_http_methods, require_safe
from gateway_svc.views.page import SeeOther, api_of, me, page, signed_in, together, viewer_of
from gateway_svc.views.rendering import keep_appearance, render

PRIVACY = "/api/users/me/privacy"
MINE = "/api/users/me/preferences"
SWITCHES = ("shows_presence", "shows_receipts", "shows_local_time", "is_findable")


@require_safe
@page
async def settings(request: HttpRequest) -> HttpResponse:
    viewer = await viewer_of(request)
    return render(request, "settings/sections.html", {"viewer": viewer, "lines": preferences.sections(viewer)})


@require_http_methods(["GET", "HEAD", "POST"])
@page
async def looks(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        words = {name: request.POST.get(name, "") for name in ("theme", "accent", "text_size")}
        switches = {name: name in request.POST for name in ("enter_sends", "sounds")}
        return await _changed(request, {**words, **switches}, "/settings/appearance")
    viewer = await viewer_of(request)
    shown = _shown(request, viewer)
    context = {"viewer": viewer, "choices": preferences.looks(shown), "switches": preferences.habits(shown)}
    return render(request, "settings/appearance.html", {**context, "is_saved": "saved" in request.GET})


@require_http_methods(["GET", "HEAD", "POST"])
@page
async def language(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        facts = {name: request.POST.get(name, "") for name in ("language", "time_zone")}
        return await _changed(request, facts, "/settings/language")
    viewer = await viewer_of(request)
    shown = _shown(request, viewer)
    context = {"languages": preferences.languages(shown), "zones": preferences.time_zones(shown)}
    return render(request, "settings/language.html", {**context, "viewer": viewer, "is_saved": "saved" in request.GET})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def privacy(request: HttpRequest) -> HttpResponse:
    api = api_of(request)
    if request.method == "POST":
        facts: Json = {name: name in request.POST for name in SWITCHES}
        await api.patch("user", PRIVACY, {**facts, "who_may_write": request.POST.get("who_may_write", "")})
        return SeeOther("/settings/privacy?saved=1")
    viewer, shown = await together(people.viewer(api, me(request)), api.get("user", PRIVACY))
    context = {"viewer": viewer, "switches": preferences.privacy(shown), "writers": preferences.writers(shown)}
    return render(request, "settings/privacy.html", {**context, "is_saved": "saved" in request.GET})


@require_safe
@signed_in
async def blocked(request: HttpRequest) -> HttpResponse:
    api = api_of(request)
    viewer, listed = await together(people.viewer(api, me(request)), api.get("user", "/api/users/blocks"))
    blocked = [people.person(user) for user in listed["items"]]
    return render(request, "settings/blocked.html", {"viewer": viewer, "people": blocked})


def _shown(request: HttpRequest, viewer: people.Viewer | None) -> Appearance:
    if viewer and viewer.preferences is not None:
        return of_preferences(viewer.preferences)
    return appearance_of(request.COOKIES)


async def _changed(request: HttpRequest, facts: Json, path: str) -> HttpResponse:
    """Kept with the person where there is one, and by this browser in any case."""
    if await viewer_of(request) is None:
        shown = appearance.changed(appearance_of(request.COOKIES), facts)
    else:
        shown = of_preferences(await api_of(request).patch("user", MINE, facts))
    response = SeeOther(f"{path}?saved=1")
    keep_appearance(request, response, shown)
    return response
