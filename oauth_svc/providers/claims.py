"""Reading what a provider has answered: it is believed no further than it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from oauth_svc.errors import ProviderFailed
from oauth_svc.selectors import Provider
from oauth_svc.services import Claims

if TYPE_CHECKING:
    from allauth.socialaccount.models import SocialLogin

IDENTIFIER_LIMIT = 255  # of `sub`, by OpenID Connect Core 2
NAME_LIMIT = 100
CLOCKS_DIFFER_S = 60
EMAIL_LIMIT = 254  # of our column, and of SMTP


def claims_of(sociallogin: SocialLogin, *, provider: Provider) -> Claims:
    """What the provider says, if it says it to the browser that asked. Raises ProviderFailed."""
    return _of_oidc(sociallogin, provider) if provider.is_oidc else _of_oauth(sociallogin, provider)


def _of_oidc(sociallogin: SocialLogin, provider: Provider) -> Claims:
    account = sociallogin.account
    id_token = account.extra_data.get("id_token") or {}
    userinfo = account.extra_data.get("userinfo") or {}
    # PKCE and state tie the code to this browser, the nonce ties the identity to the code (OpenID Connect Core
    # 3.1.3.7), and both answers must speak of one person (5.3.2).
    if not id_token.get("nonce") or id_token["nonce"] != sociallogin.state.get("nonce"):
        raise ProviderFailed
    if id_token.get("sub") != userinfo.get("sub", id_token.get("sub")):
        raise ProviderFailed
    if sociallogin.state["flow"]["process"] == "reauthenticate":
        _require_anew(id_token, since=sociallogin.state["begun_at"])
    said = {**id_token, **userinfo}
    return Claims(
        provider=provider.id,
        issuer=_identifier(id_token.get("iss")),
        subject=_identifier(id_token.get("sub")),
        email=_email(said.get("email")) if said.get("email_verified") is True else "",
        username=_name(said.get("preferred_username")),
        name=_name(said.get("name")),
    )


def _require_anew(id_token: dict[str, Any], *, since: float) -> None:
    """Who shows that it is they has signed in over there for it; a provider that does not say when, is believed."""
    signed_in_at = id_token.get("auth_time")
    if signed_in_at is None:
        return
    if not isinstance(signed_in_at, int | float) or signed_in_at < since - CLOCKS_DIFFER_S:
        raise ProviderFailed


def _of_oauth(sociallogin: SocialLogin, provider: Provider) -> Claims:
    """allauth knows where each provider keeps what; the addresses come with the main one first."""
    verified = [address.email for address in sociallogin.email_addresses if address.verified is True]
    return Claims(
        provider=provider.id,
        issuer=provider.id,
        subject=_identifier(sociallogin.account.uid),
        email=_email(verified[0]) if verified else "",
        username=_name(sociallogin.said.get("username")),
        name=_name(sociallogin.said.get("name")),
        family=provider.id,
    )


def _identifier(value: Any) -> str:
    identifier = _text(value)
    if not 1 <= len(identifier) <= IDENTIFIER_LIMIT or "\0" in identifier:
        raise ProviderFailed
    return identifier


def _email(value: Any) -> str:
    """In small letters, as allauth keeps them; empty where it is none that we could keep."""
    address = _text(value).lower()
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address if len(address) <= EMAIL_LIMIT else ""


def _name(value: Any) -> str:
    """Only to be shown and to make ours from; PostgreSQL keeps no NUL, and a cookie no novel."""
    return _text(value).replace("\0", "")[:NAME_LIMIT]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
