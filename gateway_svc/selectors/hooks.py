"""Webhooks of a chat, as the page of those who manage it shows them."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gateway_svc.selectors import times
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.forms import Field

HOOK_NAME = Field(
    "name", gettext_lazy("Name"), maxlength=60, hint=gettext_lazy("Everybody in the chat sees it, with the word “bot”.")
)
# Both forms stand on one page, where an id is there once.
TARGET_NAME = replace(HOOK_NAME, name="target")
HOOK_URL = Field("url", gettext_lazy("Address to tell"), type="url", inputmode="url", maxlength=2048, is_plain=True)


@dataclass(frozen=True)
class Incoming:
    id: str
    name: str
    state: str
    delete_text: str


@dataclass(frozen=True)
class Delivery:
    time: str
    time_text: str
    text: str


@dataclass(frozen=True)
class Outgoing:
    id: str
    name: str
    url: str
    state: str
    is_off: bool
    deliveries: list[Delivery]
    delete_text: str


def incoming(item: Json) -> Incoming:
    used = item["last_used_at"]
    state = _("last used %(time)s") % {"time": times.short(used)} if used else _("never used")
    if not item["is_on"]:
        state = _("its bot was removed from the chat")
    return Incoming(
        id=item["id"],
        name=item["name"],
        state=f"…{item['ending']} · {state}",
        delete_text=_("Delete %(name)s") % {"name": item["name"]},
    )


def outgoing(item: Json) -> Outgoing:
    return Outgoing(
        id=item["id"],
        name=item["name"],
        url=item["url"],
        state=_state(item),
        is_off=item["off_at"] is not None,
        deliveries=[_delivery(delivery) for delivery in item["deliveries"]],
        delete_text=_("Delete %(name)s") % {"name": item["name"]},
    )


def _state(item: Json) -> str:
    if item["off_at"]:
        return _("switched off %(time)s") % {"time": times.short(item["off_at"])}
    if item["failing_since"]:
        return _("failing since %(time)s, tried again") % {"time": times.short(item["failing_since"])}
    return _("on")


def _delivery(item: Json) -> Delivery:
    events = ngettext("%(count)d event", "%(count)d events", item["count"]) % {"count": item["count"]}
    problems = {"timeout": _("no answer in time"), "unreachable": _("cannot be reached")}
    answer = problems.get(item["problem"]) or _("answered %(status)d") % {"status": item["status"]}
    return Delivery(item["at"], times.short(item["at"]), f"{events}: {answer}")
