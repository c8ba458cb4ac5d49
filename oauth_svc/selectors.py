"""Which third-party logins this installation offers."""

from typing import TypedDict

from django.conf import settings

# One provider by settings for now; the name stands in the callback's address that is registered over there.
PROVIDER_ID = "oidc"


class ProviderJson(TypedDict):
    id: str
    name: str
    url: str


def providers() -> list[ProviderJson]:
    if not settings.OIDC_ISSUER:
        return []
    return [{"id": PROVIDER_ID, "name": settings.OIDC_NAME, "url": "/oauth/login/"}]
