"""The way out that stands in letters about missed mentions."""

from django.http import HttpRequest, HttpResponse

from gateway_svc.errors import Refused
from gateway_svc.views.methods import require_http_methods
from gateway_svc.views.page import api_of, page, secret_address, viewer_of
from gateway_svc.views.rendering import render


@require_http_methods(["GET", "HEAD", "POST"])
@secret_address
@page
async def digest_off(request: HttpRequest, digest_token: str) -> HttpResponse:
    """By a press: mail servers open every link of a letter to look at it."""
    is_unknown = False
    if request.method == "POST":
        try:
            await api_of(request).post("auth", "/api/auth/digest/off", {"token": digest_token})
        except Refused as refusal:
            if refusal.status != 404:
                raise
            is_unknown = True
    context = {"is_done": request.method == "POST" and not is_unknown, "is_unknown": is_unknown}
    shown = {**context, "viewer": await viewer_of(request)}
    return render(request, "account/digest_off.html", shown, status=404 if is_unknown else 200)
