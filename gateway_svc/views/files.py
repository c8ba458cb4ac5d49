"""What was sent in a chat beside words."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from gateway_svc.selectors import chats, files
from gateway_svc.selectors.api import part
from gateway_svc.views.chats import app_context
from gateway_svc.views.methods import require_safe
from gateway_svc.views.page import api_of, signed_in, together
from gateway_svc.views.rendering import render


@require_safe
@signed_in
async def file_list(request: HttpRequest, chat_id: UUID) -> HttpResponse:
    api, path = api_of(request), f"/api/chats/{chat_id}"
    context, detail, listed = await together(
        app_context(request, str(chat_id)),
        api.get("chat", path),
        part(api.get("chat", f"{path}/attachments", before=request.GET.get("before"))),
    )
    found = chats.chat(detail)
    shown = {**context, "chat": found, "files": files.file_list(listed, chat_url=found.url)}
    return render(request, "chats/files.html", shown)
