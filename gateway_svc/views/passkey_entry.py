"""Coming in by a passkey alone: logging in, and making an account."""

from django.http import HttpRequest, HttpResponse

from gateway_svc import services
from gateway_svc.errors import Refused
from gateway_svc.selectors.factors import on_paper
from gateway_svc.selectors.people import Viewer
from gateway_svc.views.account import after_registering, refused_account
from gateway_svc.views.methods import require_POST
from gateway_svc.views.page import api_of, page, sign_in, welcome
from gateway_svc.views.second_step import passkey_answer_in, show_codes


@require_POST
@page
async def passkey_login(request: HttpRequest) -> HttpResponse:
    remember = request.POST.get("remember") == "1"
    sent = {**passkey_answer_in(request), "remember": remember}
    try:
        answer = await api_of(request).post("auth", "/api/auth/login/passkey", sent)
    except Refused as refusal:
        return await refused_account(request, "account/login.html", refusal)
    return welcome(request, answer, remember=remember)


@require_POST
@page
async def passkey_register(request: HttpRequest) -> HttpResponse:
    """The recovery codes come with the answer, and are shown before the way on."""
    sent = {**passkey_answer_in(request), "email": request.POST.get("email", "")}
    try:
        answer = await api_of(request).post("auth", "/api/auth/register/passkey", sent)
    except Refused as refusal:
        return await refused_account(request, "account/register.html", refusal)
    user = answer["user"]
    viewer = Viewer(user["id"], user["display_name"], user["is_guest"])
    # An address that was given is not confirmed yet.
    response = show_codes(
        request, on_paper(answer), next_url=after_registering(request), need_password=True, viewer=viewer
    )
    sign_in(response, services.tokens_of(answer))
    return response
