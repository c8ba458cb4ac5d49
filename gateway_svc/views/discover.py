"""Public chats: looked for, and joined."""

from dataclasses import replace
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from gateway_svc.errors import Refused
from gateway_svc.selectors.api import part
from gateway_svc.selectors.discover import found
from gateway_svc.selectors.forms import Field
from gateway_svc.views.chats import WORDS_LONGEST, app_context, problem_of
from gateway_svc.views.methods import require_POST, require_safe
from gateway_svc.views.page import SeeOther, api_of, signed_in, together
from gateway_svc.views.rendering import render

WORDS = Field("chat", _("Name or topic"), type="search", required=False, maxlength=WORDS_LONGEST)


@require_safe
@signed_in
async def discover(request: HttpRequest) -> HttpResponse:
    return await _discover(request)


@require_POST
@signed_in
async def join(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    try:
        await api_of(request).post("chat", f"/api/chats/{chat_id}/join")
    except Refused as refusal:
        if refusal.is_fault or refusal.status in (401, 429):
            raise
        return await _discover(request, refusal)
    return SeeOther(f"/chats/{chat_id}")


async def _discover(request: HttpRequest, refusal: Refused | None = None) -> HttpResponse:
    if not settings.PUBLIC_CHATS:
        raise Http404
    words = request.GET.get("chat", "").replace("\0", "")[:WORDS_LONGEST]
    asked = {"q": words or None, "before": request.GET.get("before")}
    context, listed = await together(
        app_context(request), part(api_of(request).get("chat", "/api/chats/public", **asked))
    )
    shown = {
        **context,
        "found": found(listed, words=words),
        "words": words,
        "field": replace(WORDS, value=words),
        "notice": problem_of(refusal) if refusal else "",
    }
    return render(request, "chats/discover.html", shown, status=refusal.status if refusal else 200)
