"""Pinned messages: all of a chat, one more, one less."""

from operator import attrgetter
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gateway_svc.selectors import chats
from gateway_svc.selectors.api import part
from gateway_svc.selectors.pins import pins_page
from gateway_svc.views.chats import Deed, app_context, message_page, reader_of
from gateway_svc.views.methods import require_http_methods, require_safe
from gateway_svc.views.page import SeeOther, api_of, signed_in, together
from gateway_svc.views.rendering import render

MAY_PIN = attrgetter("may_pin")


@require_safe
@signed_in
async def pins(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    api, path = api_of(request), f"/api/chats/{chat_id}"
    context, detail, pinned = await together(
        app_context(request, str(chat_id)), api.get("chat", path), part(api.get("chat", f"{path}/pins"))
    )
    found = chats.chat(detail)
    page = pins_page(pinned, reader_of(found, context["viewer"], may_write=False))
    return render(request, "chats/pins.html", {**context, "chat": found, "page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def pin(request: HttpRequest, chat_id: UUID, seq: int) -> HttpResponse:
    if request.method != "POST":
        deed = Deed(_("Everybody finds it above the messages."), _("Pin"), _("Back"))
        return await message_page(request, chat_id, seq, _("Pin this message?"), deed=deed, may=MAY_PIN)
    await api_of(request).put("chat", f"/api/chats/{chat_id}/messages/{seq}/pin")
    return SeeOther(f"/chats/{chat_id}")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def unpin(request: HttpRequest, chat_id: UUID, seq: int) -> HttpResponse:
    if request.method != "POST":
        deed = Deed(_("The message itself stays."), _("Unpin"), _("Back"))
        return await message_page(request, chat_id, seq, _("Unpin this message?"), deed=deed, may=MAY_PIN)
    await api_of(request).delete("chat", f"/api/chats/{chat_id}/messages/{seq}/pin")
    return SeeOther(f"/chats/{chat_id}")
