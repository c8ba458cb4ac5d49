"""The admin site: staff only, through the same sign-in as everybody."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.contrib.messages.middleware import MessageMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from abdre.appearance import appearance_of, zone_of
from abdre.tokens import clear_auth_cookies
from auth_svc.admin import deeds, filter, held, reading
from auth_svc.admin.dashboard import dashboard
from auth_svc.admin.deeds.screen import Screens
from auth_svc.admin.entry import FirstGo, admin_session, enter, leave, may_enter
from auth_svc.admin.navigation import HEADER, MENU, links

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

# People change their password where they have always done it, not here.
LEFT_OUT = {"login", "password_change", "password_change_done"}


class Site(AdminSite):
    site_header = "ABDRE Chat"
    site_title = "ABDRE Chat"
    enable_nav_sidebar = False
    index_title = _("Administration")
    site_url = "/chats"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        usual = [address for address in super().get_urls() if getattr(address, "name", None) not in LEFT_OUT]
        return [*self._own_paths(), *usual]

    def _own_paths(self) -> list[URLPattern]:
        """Pages that are no lists of rows; each passes the same door."""
        pages = [
            *deeds.paths(Screens(self.each_context)),
            *filter.paths(self.each_context),
            *held.paths(self.each_context),
            *reading.paths(self.each_context),
        ]
        for page in pages:
            page.callback = self.admin_view(page.callback)
        return pages

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {"dashboard": dashboard(request), **(extra_context or {})})

    def has_permission(self, request: HttpRequest) -> bool:
        return may_enter(request.user)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = {"appearance": appearance_of(request.COOKIES), "has_permission": self.has_permission(request)}
        if not context["has_permission"]:
            return {**context, "site_url": self.site_url}
        more = {"places": links(self, request, HEADER), "more_places": links(self, request, MENU)}
        return {**super().each_context(request), **context, **more}

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                enter(request)
            except FirstGo as way:
                return _go(way.path, request)
            if not request.user.is_authenticated:
                return _go("/login", request)
            if not self.has_permission(request):
                return render(request, "admin/forbidden.html", self.each_context(request), status=403)
            with_messages = MessageMiddleware(lambda request: _rendered(inner(request, *args, **kwargs)))
            with timezone.override(zone_of(appearance_of(request.COOKIES))):
                return cast(HttpResponseBase, with_messages(request))

        return cast(View, never_cache(admin_session(entered)))

    def logout(  # type: ignore[override]  # Django's own answers by a page
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Out of everything on this device: the cookie that is left would open the admin again."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        leave(request)
        response = HttpResponseRedirect("/")
        clear_auth_cookies(response)
        return response


def _rendered(response: HttpResponseBase) -> HttpResponseBase:
    """Here, where the person's time zone holds, and before the messages that it shows are put aside."""
    return response.render() if isinstance(response, TemplateResponse) else response


def _go(path: str, request: HttpRequest) -> HttpResponse:
    """To a page of ours that leads back to here."""
    return HttpResponseRedirect(f"{path}?{urlencode({'next': request.get_full_path()})}")
