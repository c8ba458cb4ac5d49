"""Which third-party logins this installation offers, and which of them somebody has linked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict
from uuid import UUID

from allauth.socialaccount.models import SocialAccount
from django.conf import settings

from abdre.wire import Id, Moment, utc
from auth_svc.selectors import factors_of
from user_svc.selectors import user_by_id

# By this name the rows of all OpenID Connect accounts go, so that issuer and subject alone say who it is, and an
# operator may give a provider another id.
OIDC = "oidc"


class ProviderJson(TypedDict):
    id: str
    name: str
    url: str


class LinkedAccountJson(TypedDict):
    """`provider`: its id; `name`: how the account is called over there, empty where that is not known."""

    id: Id
    provider: str
    provider_name: str
    name: str
    linked_at: Moment


@dataclass(frozen=True)
class Provider:
    id: str
    name: str
    is_oidc: bool


def offered() -> dict[str, Provider]:
    """By id."""
    found = [
        Provider(app.get("provider_id") or package, app["name"], package == "openid_connect")
        for package, facts in settings.SOCIALACCOUNT_PROVIDERS.items()
        for app in facts["APPS"]
    ]
    return {provider.id: provider for provider in found}


def name_of(provider_id: str) -> str:
    """A provider that is offered no longer goes by its id."""
    provider = offered().get(provider_id)
    return provider.name if provider else provider_id


def provider_json(provider: Provider) -> ProviderJson:
    return {"id": provider.id, "name": provider.name, "url": f"/oauth/{provider.id}/login/"}


def linked_to(user_id: UUID) -> list[SocialAccount]:
    """What this person has linked, first linked first."""
    return list(SocialAccount.objects.filter(user_id=user_id).order_by("date_joined", "id"))


def public_id(account: SocialAccount) -> UUID:
    """Of the hash by which the account is known; the row's own number would tell how many there are."""
    return UUID(account.uid[:32])


def provider_of(account: SocialAccount) -> str:
    return str(account.extra_data.get("provider", account.provider))


def account_json(account: SocialAccount) -> LinkedAccountJson:
    return {
        "id": str(public_id(account)),
        "provider": provider_of(account),
        "provider_name": name_of(provider_of(account)),
        "name": str(account.extra_data.get("name", "")),
        "linked_at": utc(account.date_joined),
    }


def can_log_in_elsewhere(user_id: UUID) -> bool:
    """Asked by auth_svc, below us, before the last passkey goes."""
    return any(provider_of(account) in offered() for account in linked_to(user_id))


def has_way_in_beside(account: SocialAccount, others: list[SocialAccount]) -> bool:
    """Whether the person could still log in without `account`, of those that are linked (`others` may hold it too)."""
    by_provider = any(other != account and provider_of(other) in offered() for other in others)
    return by_provider or user_by_id(account.user_id).has_usable_password() or "passkey" in factors_of(account.user_id)


class LinkedAccount(TypedDict):
    """What somebody's account elsewhere is known by here."""

    provider: str
    issuer: str
    subject: str
    linked_at: Moment
    last_login_at: Moment | None


def accounts_of(user_id: UUID) -> list[LinkedAccount]:
    """For the archive of what is known of a person; auth_svc, below us, is given it by the settings."""
    return [
        {
            "provider": provider_of(account),
            "issuer": str(account.extra_data.get("iss", "")),
            "subject": str(account.extra_data.get("sub", "")),
            "linked_at": utc(account.date_joined),
            "last_login_at": utc(account.last_login),
        }
        for account in linked_to(user_id)
    ]
