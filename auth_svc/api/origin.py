"""Where people reach us."""

from django.conf import settings
from rest_framework.request import Request


def origin_of(request: Request) -> str:
    """The operator's word, else the address that this request came to."""
    return settings.PUBLIC_ORIGIN or f"{request.scheme}://{request.get_host()}"
