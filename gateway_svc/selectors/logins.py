"""Logins elsewhere: which are offered, which somebody has linked, and why one did not work."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gateway_svc.errors import Refused
from gateway_svc.selectors import times
from gateway_svc.selectors.api import Api, Json, part

ACCOUNTS = "/api/oauth/accounts"
# How long a link is news.
NEW = timedelta(minutes=10)


@dataclass(frozen=True)
class Provider:
    id: str
    name: str
    url: str


@dataclass(frozen=True)
class Linked:
    id: str
    provider: str
    name: str
    linked_at: str
    linked_text: str
    unlink_text: str


PROBLEMS = {
    "provider_denied": gettext_lazy("You did not agree over there, so nothing was done."),
    "provider_failed": gettext_lazy("The other service did not answer as it should. Please try again in a moment."),
    "email_in_use": gettext_lazy(
        "An account here has that e-mail address already. Log in to it; then you are asked whether to link the two."
    ),
    "account_closed": gettext_lazy("This account is closed."),
    "somebody_else": gettext_lazy("That account over there is not linked to yours."),
    "second_factor_needed": gettext_lazy("This login has not shown your second step yet. Show that first."),
    "linked_elsewhere": gettext_lazy("That account over there belongs to another person here, so it was not linked."),
    "flow_expired": gettext_lazy("That took too long. Please begin again."),
    "challenge_expired": gettext_lazy("That took too long. Please log in from the start."),
}


def problem(code: str) -> str:
    """In words; empty without a code."""
    return str(PROBLEMS.get(code, _("That did not work. Please try again."))) if code else ""


async def offered(api: Api, *, next_path: str = "") -> list[Provider]:
    """Without their service a page still has its own ways. `next_path`: where a login ends."""
    try:
        answer = await part(api.get("oauth", "/api/oauth/providers"))
    except Refused:
        return []
    query = f"?{urlencode({'next': next_path})}" if next_path else ""
    return [Provider(item["id"], item["name"], item["url"] + query) for item in (answer or {}).get("items", [])]


def linked(item: Json) -> Linked:
    provider = item["provider_name"]
    return Linked(
        id=item["id"],
        provider=provider,
        name=item["name"],
        linked_at=item["linked_at"],
        linked_text=times.short(item["linked_at"]),
        unlink_text=_("Unlink %(account)s") % {"account": f"{provider} {item['name']}".strip()},
    )


def is_new(item: Json) -> bool:
    linked_at = times.moment(item["linked_at"])
    return linked_at is not None and timezone.now() - linked_at < NEW


def of_linked(items: list[Json], providers: list[Provider]) -> list[Provider]:
    """Those of `providers` at which the person has an account."""
    mine = {item["provider"] for item in items}
    return [provider for provider in providers if provider.id in mine]
