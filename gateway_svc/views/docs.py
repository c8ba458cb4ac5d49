"""The API's documents: the page for people, the schemas for programs."""

from django.http import HttpRequest, HttpResponse

from gateway_svc.selectors import docs as selectors
from gateway_svc.views.methods import require_safe
from gateway_svc.views.page import page
from gateway_svc.views.rendering import render

# Until the next release they are the same for everybody.
KEPT = {"Cache-Control": "public, max-age=300"}


@require_safe
@page
async def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "docs/api.html", {"page": selectors.docs()})


@require_safe
@page
async def schema(request: HttpRequest) -> HttpResponse:
    return _document("openapi.json")


@require_safe
@page
async def socket_schema(request: HttpRequest) -> HttpResponse:
    return _document("protocol.schema.json")


def _document(name: str) -> HttpResponse:
    return HttpResponse(selectors.document(name), content_type="application/json", headers=KEPT)
