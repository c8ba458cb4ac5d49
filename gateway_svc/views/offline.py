"""The page that a browser keeps for when it is offline, and the worker that shows it."""

from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse

from gateway_svc.views.methods import require_safe
from gateway_svc.views.page import page
from gateway_svc.views.rendering import render


@require_safe
@page
async def offline(request: HttpRequest) -> HttpResponse:
    """Its way on has an empty address: that of the page in whose place it is shown."""
    return render(request, "offline/offline.html", {})


@require_safe
async def service_worker(request: HttpRequest) -> HttpResponse:
    """At the top, since a worker answers for what lies beneath its address; and under one name, to be renewed by."""
    return HttpResponse(_source(), content_type="text/javascript", headers={"Cache-Control": "no-cache"})


@cache
def _source() -> bytes:
    path = finders.find("js/service_worker.js")
    assert path is not None
    return Path(path).read_bytes()
