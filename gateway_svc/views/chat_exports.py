"""A chat as a file: asked for, and fetched when it is made."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from gateway_svc.errors import Refused
from gateway_svc.selectors import chats, times
from gateway_svc.selectors.api import Json
from gateway_svc.views.chats import app_context
from gateway_svc.views.methods import require_http_methods
from gateway_svc.views.page import SeeOther, api_of, signed_in, together
from gateway_svc.views.rendering import render


@dataclass(frozen=True)
class Export:
    asked_at: str
    asked_text: str
    state: str
    url: str  # empty until it is made


@dataclass(frozen=True)
class ExportPage:
    exports: list[Export]
    is_waiting: bool
    problem: str


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
async def export(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    if request.method != "POST":
        return await _export(request, chat_id)
    try:
        wanted = {"format": request.POST.get("format", "")}
        await api_of(request).post("chat", f"/api/chats/{chat_id}/exports", wanted)
    except Refused as refusal:
        if refusal.status not in (409, 422, 429):
            raise
        return await _export(request, chat_id, refusal)
    return SeeOther(request.path)


async def _export(request: HttpRequest, chat_id: UUID, refusal: Refused | None = None) -> HttpResponse:
    api, path = api_of(request), f"/api/chats/{chat_id}"
    context, detail, answer = await together(
        app_context(request, str(chat_id)), api.get("chat", path), api.get("chat", f"{path}/exports")
    )
    page = ExportPage(
        exports=[_shown(item, path) for item in answer["items"]],
        is_waiting=any(item["status"] == "waiting" for item in answer["items"]),
        problem=refusal.text if refusal else "",
    )
    status = refusal.status if refusal else 200
    return render(request, "chats/export.html", {**context, "chat": chats.chat(detail), "page": page}, status=status)


def _shown(item: Json, path: str) -> Export:
    states = {"waiting": _("is being made"), "failed": _("could not be made")}
    size = filesizeformat(item["size_bytes"])
    return Export(
        asked_at=item["asked_at"],
        asked_text=times.short(item["asked_at"]),
        state=f"{item['format'].upper()} · {states.get(item['status'], size)}",
        url=f"{path}/exports/{item['id']}/archive" if item["status"] == "ready" else "",
    )
