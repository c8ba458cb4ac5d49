"""What programs come in by: personal tokens, and bots."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from gateway_svc.errors import Refused
from gateway_svc.selectors import people
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.forms import Choices, Field, Form, form
from gateway_svc.selectors.programs import (
    BOT_DISPLAY_NAME,
    BOT_NAME,
    DAYS,
    TOKEN_NAME,
    USUAL_DAYS,
    WRITE,
    Bot,
    Token,
    bot,
    days_choice,
    scope_choice,
    token,
)
from gateway_svc.views.methods import require_http_methods, require_POST
from gateway_svc.views.page import SeeOther, api_of, me, signed_in, together
from gateway_svc.views.rendering import render

TOKENS_PAGE, BOTS_PAGE = "/settings/tokens", "/settings/bots"
TOKENS, BOTS = "/api/auth/tokens", "/api/auth/bots"
# What is told on the page itself; everything else is a page of its own, or sends the person to show who they are.
ON_THE_PAGE = (409, 422)


@dataclass(frozen=True)
class TokensPage:
    """`shown`: the token just made, this once."""

    tokens: list[Token]
    form: Form
    scope: Choices
    days: Choices
    shown: str


@dataclass(frozen=True)
class BotsPage:
    """`shown`: the token of the bot called `shown_name`, this once."""

    bots: list[Bot]
    form: Form
    shown: str
    shown_name: str


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def tokens(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return await _tokens(request)
    days = request.POST.get("days", "")
    wanted = {
        "name": request.POST.get("name", ""),
        "write": request.POST.get("scope") == WRITE,
        "days": int(days if days in DAYS else USUAL_DAYS),
    }
    try:
        made = await api_of(request).post("auth", TOKENS, wanted)
    except Refused as refusal:
        if refusal.status not in ON_THE_PAGE:
            raise
        return await _tokens(request, refusal)
    return await _tokens(request, shown=made["token"])


@require_POST
@signed_in
async def revoke_token(request: HttpRequest, token_id: UUID) -> HttpResponse:
    return await _gone(request, f"{TOKENS}/{token_id}", TOKENS_PAGE)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def bots(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return await _bots(request)
    try:
        wanted = {name: request.POST.get(name, "") for name in ("username", "display_name")}
        made = await api_of(request).post("auth", BOTS, wanted)
    except Refused as refusal:
        if refusal.status not in ON_THE_PAGE:
            raise
        return await _bots(request, refusal)
    return await _bots(request, shown=made["token"], shown_name=made["bot"]["display_name"])


@require_POST
@signed_in
async def renew_bot_token(request: HttpRequest, bot_id: UUID) -> HttpResponse:
    made = await api_of(request).post("auth", f"{BOTS}/{bot_id}/token")
    return await _bots(request, shown=made["token"], shown_name=made["bot"]["display_name"])


@require_POST
@signed_in
async def delete_bot(request: HttpRequest, bot_id: UUID) -> HttpResponse:
    return await _gone(request, f"{BOTS}/{bot_id}", BOTS_PAGE)


async def _gone(request: HttpRequest, path: str, way_on: str) -> HttpResponse:
    try:
        await api_of(request).delete("auth", path)
    except Refused as refusal:
        if refusal.status != 404:  # gone meanwhile: that is what was wanted
            raise
    return SeeOther(way_on)


async def _tokens(request: HttpRequest, refusal: Refused | None = None, *, shown: str = "") -> HttpResponse:
    api = api_of(request)
    viewer, answer = await together(people.known_viewer(api, me(request)), api.get("auth", TOKENS))
    sent = {} if shown else request.POST
    page = TokensPage(
        tokens=[token(item) for item in answer["items"]],
        form=_form(TOKENS_PAGE, [TOKEN_NAME], sent, refusal),
        scope=scope_choice(sent.get("scope", "")),
        days=days_choice(sent.get("days", "")),
        shown=shown,
    )
    return _rendered(request, "account/tokens.html", {"viewer": viewer, "page": page}, refusal)


async def _bots(
    request: HttpRequest, refusal: Refused | None = None, *, shown: str = "", shown_name: str = ""
) -> HttpResponse:
    api = api_of(request)
    viewer, answer = await together(people.known_viewer(api, me(request)), api.get("auth", BOTS))
    page = BotsPage(
        bots=[bot(item) for item in answer["items"]],
        form=_form(BOTS_PAGE, [BOT_NAME, BOT_DISPLAY_NAME], {} if shown else request.POST, refusal),
        shown=shown,
        shown_name=shown_name,
    )
    return _rendered(request, "account/bots.html", {"viewer": viewer, "page": page}, refusal)


def _form(action: str, fields: list[Field], sent: Mapping[str, str], refusal: Refused | None) -> Form:
    errors = refusal.fields if refusal else {}
    if refusal and refusal.code == "username_taken":
        errors = {"username": [refusal.text]}
    return form(action, fields, sent, errors, refusal.text if refusal and not errors else "")


def _rendered(request: HttpRequest, template: str, context: Json, refusal: Refused | None) -> HttpResponse:
    return render(request, template, context, status=refusal.status if refusal else 200)
