"""A Django session for the few views that need one, in a cookie that only their own path sees.

Django's middleware knows one cookie per process, but the admin and third-party login share the all-in-one's; and every
other request does without the thread that a synchronous middleware costs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.http import HttpRequest, HttpResponseBase

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class PathSession:
    """Decorates a view: `request.session` is there, and is kept in `cookie` until the browser closes."""

    store: type[SessionBase]
    cookie: str
    path: str

    def __call__(self, view: View) -> View:
        @wraps(view)
        def with_session(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            request.session = self.store(request.COOKIES.get(self.cookie))
            response = view(request, *args, **kwargs)
            self._keep(request, response)
            return response

        return with_session

    def _keep(self, request: HttpRequest, response: HttpResponseBase) -> None:
        # Read again: a view may have put another session in its place.
        session = request.session
        if session.is_empty():
            self._drop(request, response)
        elif session.modified and response.status_code < 500:
            try:
                session.save()
            except UpdateError:  # a parallel request has signed out
                self._drop(request, response)
            else:
                self._give(session, response)

    def _give(self, session: SessionBase, response: HttpResponseBase) -> None:
        response.set_cookie(
            self.cookie,
            session.session_key or "",
            path=self.path,
            secure=settings.SECURE_ORIGIN,
            httponly=True,
            samesite="Lax",
        )

    def _drop(self, request: HttpRequest, response: HttpResponseBase) -> None:
        if self.cookie in request.COOKIES:
            response.delete_cookie(self.cookie, path=self.path, samesite="Lax")
