"""The card below a message is taken off."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from gateway_svc.views.methods import require_POST
from gateway_svc.views.page import SeeOther, api_of, signed_in


@require_POST
@signed_in
async def remove(request: HttpRequest, chat_id: UUID, seq: int) -> HttpResponse:
    await api_of(request).delete("chat", f"/api/chats/{chat_id}/messages/{seq}/link-preview")
    return SeeOther(f"/chats/{chat_id}")
