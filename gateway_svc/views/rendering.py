"""A template as an answer: in the visitor's looks, under a policy that runs only scripts with the answer's nonce."""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render as render_template

from abdre.appearance import Appearance, appearance_of
from abdre.door import content_security_policy
from gateway_svc.selectors.appearance import of_preferences
from gateway_svc.selectors.people import Viewer

NONCE_BYTES = 16
KEPT = timedelta(days=365)


def render(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """`template`: below templates/pages/. With `'self'` any file that somebody got us to serve could be a script."""
    shown = _appearance(request, context.get("viewer"))
    if _speaks_otherwise(request, shown):
        again = HttpResponseRedirect(request.get_full_path())
        keep_appearance(request, again, shown)
        return again
    nonce = secrets.token_urlsafe(NONCE_BYTES)
    response = render_template(
        request, f"pages/{template}", {**context, "nonce": nonce, "appearance": shown}, status=status
    )
    keep_appearance(request, response, shown)
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = content_security_policy(f"'nonce-{nonce}'")
    return response


def _appearance(request: HttpRequest, viewer: Viewer | None) -> Appearance:
    """What the person has chosen, wherever they did; of a stranger, what this browser keeps."""
    if viewer and viewer.preferences is not None:
        return of_preferences(viewer.preferences)
    return appearance_of(request.COOKIES)


def _speaks_otherwise(request: HttpRequest, shown: Appearance) -> bool:
    """Whether the page was made in another language or zone than the person's, who is new to this browser."""
    kept = appearance_of(request.COOKIES)
    return request.method == "GET" and (kept.language, kept.time_zone) != (shown.language, shown.time_zone)


def keep_appearance(request: HttpRequest, response: HttpResponse, shown: Appearance) -> None:
    """So that the next page, and one that nobody is known on, looks so from its first byte."""
    if appearance_of(request.COOKIES) == shown:
        return
    for name, value in shown.cookies().items():
        if value:
            secure = settings.SECURE_ORIGIN
            response.set_cookie(name, value, max_age=KEPT, httponly=True, samesite="Lax", secure=secure)
        else:
            response.delete_cookie(name, samesite="Lax")
