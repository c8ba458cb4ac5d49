"""The page that scans codes with the device's camera; all of it happens in the browser."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from abdre.origin import public_origin
from gateway_svc.views.methods import require_safe
from gateway_svc.views.page import page, viewer_of
from gateway_svc.views.rendering import render


@dataclass(frozen=True)
class ScanPage:
    """`origin`: what our own codes begin with; another address of this house may have led here."""

    origin: str


@require_safe
@page
async def scan(request: HttpRequest) -> HttpResponse:
    shown = {"viewer": await viewer_of(request), "page": ScanPage(public_origin(request))}
    return render(request, "scan/scan.html", shown)
