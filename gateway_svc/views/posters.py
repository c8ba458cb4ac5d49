"""A code on paper."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from gateway_svc.selectors import posters as selectors
from gateway_svc.views.invitations import shown_code
from gateway_svc.views.methods import require_safe
from gateway_svc.views.page import signed_in
from gateway_svc.views.rendering import render


@require_safe
@signed_in
async def poster(request: HttpRequest, invitation_id: UUID, chat_id: UUID | None = None) -> HttpResponse:
    viewer, invitation = await shown_code(request, invitation_id, chat_id)
    shown = selectors.poster(invitation, viewer=viewer, size=request.GET.get("size", ""))
    return render(request, "invitations/poster.html", {"viewer": viewer, "invitation": invitation, "poster": shown})
