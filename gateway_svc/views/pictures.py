"""A picture out of a form, handed on to the service whose it is."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from gateway_svc.errors import Refused
from gateway_svc.views.chats import problem_of
from gateway_svc.views.page import api_of


async def hand_on(request: HttpRequest, service: str, path: str) -> str:
    """Set what stands at `path`, or take it away; answers why that cannot be, and nothing where it was done."""
    if "remove" in request.POST:
        await api_of(request).delete(service, path)
        return ""
    file = request.FILES.get("picture")
    if file is None or not file.size or file.size > settings.PICTURE_LIMIT_BYTES:
        return _("A picture has at most 5 MB.") if file and file.size else _("Please choose a picture first.")
    try:
        await api_of(request).put_file(service, path, file.read())
    except Refused as refusal:
        if refusal.status not in (413, 422, 429):
            raise
        return problem_of(refusal)
    return ""
