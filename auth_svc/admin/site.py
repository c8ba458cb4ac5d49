"""The admin site: staff only, through the same sign-in as everybody."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.contrib.messages.middleware import MessageMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from abdre.tokens import clear_auth_cookies
from auth_svc.admin.entry import admin_session, enter, opened_by
from auth_svc.services import is_welcome, sign_out

View = Callable[..., HttpResponseBase]

# People change their password where they have always done it, not here.
LEFT_OUT = {"login", "password_change", "password_change_done"}


class Site(AdminSite):
    site_header = "ABDRE Chat"
    site_title = "ABDRE Chat"
    index_title = _("Administration")
    site_url = "/chats"

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [address for address in super().get_urls() if getattr(address, "name", None) not in LEFT_OUT]

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return user.is_authenticated and user.is_staff and is_welcome(user)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            enter(request)
            if not request.user.is_authenticated:
                return HttpResponseRedirect(f"/login?{urlencode({'next': request.get_full_path()})}")
            if not self.has_permission(request):
                return render(request, "admin/forbidden.html", self.each_context(request), status=403)
            return MessageMiddleware(lambda request: inner(request, *args, **kwargs))(request)

        return never_cache(admin_session(entered))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Out of everything on this device: the cookie that is left would open the admin again."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        sign_out(user_id=request.user.pk, session_id=opened_by(request))
        request.session.flush()
        response = HttpResponseRedirect("/")
        clear_auth_cookies(response)
        return response
