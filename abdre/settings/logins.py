"""Third-party logins: what the environment says of them, in the form in which allauth reads its settings."""

import re
from importlib.util import find_spec
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from abdre.settings import env

OIDC = "openid_connect"
PACKAGE = "allauth.socialaccount.providers"
GOOGLE = "https://accounts.google.com"
# It stands in the address that is registered over there.
ID = re.compile(r"[a-z0-9_-]{1,40}")
# These speak OpenID Connect, and have their own variables.
ELSEWHERE = {OIDC: "ABDRE_OIDC_PROVIDERS", "google": "ABDRE_GOOGLE_CLIENT_ID"}

# One provider had variables of its own.
FORMER = ("ABDRE_OIDC_ISSUER", "ABDRE_OIDC_CLIENT_ID", "ABDRE_OIDC_CLIENT_SECRET", "ABDRE_OIDC_NAME")


def from_environment() -> dict[str, Any]:
    """`SOCIALACCOUNT_PROVIDERS`, in the order in which the login page offers them."""
    _refuse_former_names()
    oidc = [*_google(), *(_oidc(entry) for entry in _oidc_entries())]
    others = _other_entries()
    _refuse_twice([app["provider_id"] for app in oidc] + [entry["provider"] for entry in others], "id")
    _refuse_twice([app["settings"]["server_url"] for app in oidc], "issuer")
    return {
        OIDC: {"OAUTH_PKCE_ENABLED": True, "APPS": oidc},
        **{entry["provider"]: _other(entry) for entry in others},
    }


def _refuse_former_names() -> None:
    """Else a login that was offered before would be missing after an upgrade, and nobody told why."""
    for name in FORMER:
        if env.text(name):
            raise ImproperlyConfigured(f"{name} is read no longer: name the provider in ABDRE_OIDC_PROVIDERS")


def packages(providers: dict[str, Any]) -> list[str]:
    """What belongs into INSTALLED_APPS for them."""
    return [f"{PACKAGE}.{name}" for name in providers]


def _google() -> list[dict[str, Any]]:
    """Google is an OpenID Connect provider as any other: so its answers carry our nonce, and one way is tested."""
    client_id = env.text("ABDRE_GOOGLE_CLIENT_ID")
    if not client_id:
        return []
    secret = env.required("ABDRE_GOOGLE_CLIENT_SECRET")
    issuer = env.url("ABDRE_GOOGLE_ISSUER", GOOGLE)
    app = {"id": "google", "name": "Google", "issuer": issuer, "client_id": client_id, "client_secret": secret}
    return [_oidc(app)]


def _oidc_entries() -> list[dict[str, Any]]:
    name = "ABDRE_OIDC_PROVIDERS"
    entries = env.records("ABDRE_OIDC_PROVIDERS", texts=("id", "name", "issuer", "client_id", "client_secret"))
    for entry in entries:
        entry["issuer"] = env.as_url(name, entry["issuer"])
        if not ID.fullmatch(entry["id"]) or entry["id"] == OIDC:
            raise ImproperlyConfigured(f"{name}: an id is made of a-z, 0-9, - and _, not {entry['id']!r}")
    return entries


def _oidc(entry: dict[str, Any]) -> dict[str, Any]:
    return {
        "provider_id": entry["id"],
        "name": entry["name"],
        "client_id": entry["client_id"],
        "secret": entry["client_secret"],
        "settings": {"server_url": entry["issuer"]},
    }


def _other_entries() -> list[dict[str, Any]]:
    name = "ABDRE_SOCIAL_PROVIDERS"
    texts = ("provider", "name", "client_id", "client_secret")
    entries = env.records("ABDRE_SOCIAL_PROVIDERS", texts=texts, more=("options",))
    for entry in entries:
        provider = entry["provider"]
        if provider in ELSEWHERE:
            raise ImproperlyConfigured(f"{name}: {provider} belongs into {ELSEWHERE[provider]}")
        if not ID.fullmatch(provider) or not find_spec(f"{PACKAGE}.{provider}"):
            raise ImproperlyConfigured(f"{name}: allauth has no provider {provider!r}")
        if not isinstance(entry.setdefault("options", {}), dict):
            raise ImproperlyConfigured(f"{name}: the options of {provider} must be a JSON object")
    return entries


def _other(entry: dict[str, Any]) -> dict[str, Any]:
    app = {"name": entry["name"], "client_id": entry["client_id"], "secret": entry["client_secret"], "key": ""}
    return {"OAUTH_PKCE_ENABLED": True, **entry["options"], "APPS": [app]}


def _refuse_twice(values: list[str], what: str) -> None:
    for value in values:
        if values.count(value) > 1:
            names = "ABDRE_OIDC_PROVIDERS, ABDRE_SOCIAL_PROVIDERS and ABDRE_GOOGLE_CLIENT_ID"
            raise ImproperlyConfigured(f"{names} hold the {what} {value!r} twice")
