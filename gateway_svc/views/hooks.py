"""Webhooks of a chat: who may write into it from outside, and who outside hears of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from gateway_svc.errors import Refused
from gateway_svc.selectors import chats
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.forms import Field, Form, form
from gateway_svc.selectors.hooks import HOOK_NAME, HOOK_URL, TARGET_NAME, Incoming, Outgoing, incoming, outgoing
from gateway_svc.views.chats import app_context
from gateway_svc.views.methods import require_POST, require_safe
from gateway_svc.views.page import SeeOther, api_of, signed_in, together
from gateway_svc.views.rendering import render

INCOMING, OUTGOING = "incoming-hooks", "outgoing-hooks"
# What is pressed, as method and end of the API's address.
DEEDS = {
    "delete_incoming": ("DELETE", INCOMING, ""),
    "renew_incoming": ("POST", INCOMING, "/secret"),
    "delete_outgoing": ("DELETE", OUTGOING, ""),
    "renew_outgoing": ("POST", OUTGOING, "/secret"),
    "on_outgoing": ("POST", OUTGOING, "/on"),
}


@dataclass(frozen=True)
class Shown:
    """A secret just made, this once; `address`: at which an incoming hook is posted to."""

    secret: str = ""
    address: str = ""


@dataclass(frozen=True)
class HooksPage:
    incoming: list[Incoming]
    outgoing: list[Outgoing]
    incoming_form: Form
    outgoing_form: Form
    shown: Shown


@require_safe
@signed_in
async def hooks(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    return await _hooks(request, chat_id)


@require_POST
@signed_in
async def create_incoming(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    return await _create(request, chat_id, INCOMING, {"name": request.POST.get("name", "")})


@require_POST
@signed_in
async def create_outgoing(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    wanted = {"name": request.POST.get("target", ""), "url": request.POST.get("url", "")}
    return await _create(request, chat_id, OUTGOING, wanted)


@require_POST
@signed_in
async def change(request: HttpRequest, chat_id: UUID, hook_id: UUID) -> HttpResponse:
    if request.POST.get("deed", "") not in DEEDS:
        raise Refused(400)
    method, kind, end = DEEDS[request.POST["deed"]]
    answer = await api_of(request).answer("chat", method, f"/api/chats/{chat_id}/{kind}/{hook_id}{end}")
    if answer.status != 201:
        return SeeOther(f"/chats/{chat_id}/integrations")
    return await _hooks(request, chat_id, shown=_shown(request, kind, answer.body["secret"]))


async def _create(request: HttpRequest, chat_id: UUID, kind: str, wanted: Json) -> HttpResponse:
    try:
        made = await api_of(request).post("chat", f"/api/chats/{chat_id}/{kind}", wanted)
    except Refused as refusal:
        if refusal.status not in (409, 422):
            raise
        return await _hooks(request, chat_id, refusal, kind)
    return await _hooks(request, chat_id, shown=_shown(request, kind, made["secret"]))


def _shown(request: HttpRequest, kind: str, secret: str) -> Shown:
    if kind == OUTGOING:
        return Shown(secret=secret)
    return Shown(address=request.build_absolute_uri(f"/api/chats/hooks/{secret}"))


NOTHING = Shown()


async def _hooks(
    request: HttpRequest, chat_id: UUID, refusal: Refused | None = None, kind: str = "", shown: Shown = NOTHING
) -> HttpResponse:
    """`refusal`: why none of `kind` was made."""
    api, path, here = api_of(request), f"/api/chats/{chat_id}", f"/chats/{chat_id}/integrations"
    context, detail, coming, going = await together(
        app_context(request, str(chat_id)),
        api.get("chat", path),
        api.get("chat", f"{path}/{INCOMING}"),
        api.get("chat", f"{path}/{OUTGOING}"),
    )
    sent = request.POST if refusal else {}
    page = HooksPage(
        incoming=[incoming(item) for item in coming["items"]],
        outgoing=[outgoing(item) for item in going["items"]],
        incoming_form=_form(f"{here}/incoming", [HOOK_NAME], sent, refusal if kind == INCOMING else None),
        outgoing_form=_form(f"{here}/outgoing", [TARGET_NAME, HOOK_URL], sent, refusal if kind == OUTGOING else None),
        shown=shown,
    )
    status = refusal.status if refusal else 200
    return render(
        request, "chats/integrations.html", {**context, "chat": chats.chat(detail), "page": page}, status=status
    )


def _form(action: str, fields: list[Field], sent: Mapping[str, str], refusal: Refused | None) -> Form:
    errors = dict(refusal.fields) if refusal else {}
    if fields[0] is TARGET_NAME and "name" in errors:
        errors["target"] = errors.pop("name")
    return form(action, fields, sent if refusal else {}, errors, refusal.text if refusal and not errors else "")
