"""A template as an answer, whose policy lets only the scripts run that carry the answer's nonce."""

import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render as render_template

from abdre.door import content_security_policy

NONCE_BYTES = 16


def render(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """`template`: below templates/pages/. With `'self'` any file that somebody got us to serve could be a script."""
    nonce = secrets.token_urlsafe(NONCE_BYTES)
    response = render_template(request, f"pages/{template}", {**context, "nonce": nonce}, status=status)
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = content_security_policy(f"'nonce-{nonce}'")
    return response
