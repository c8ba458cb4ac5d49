"""How somebody is told of messages while they look elsewhere, and on which devices."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from gateway_svc.selectors import times
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.forms import Switch


@dataclass(frozen=True)
class Device:
    name: str
    is_current: bool
    since: str
    since_text: str


def switches(shown: Json, *, is_guest: bool) -> list[Switch]:
    """Guests have no address for letters."""
    all_of_them = [
        Switch("sounds", _("Sounds"), shown["sounds"], _("A short sound when somebody writes.")),
        Switch(
            "hides_text",
            _("Hide the text"),
            shown.get("hides_text", False),
            _("A notification then says neither who wrote nor what."),
        ),
    ]
    if is_guest:
        return all_of_them
    letters = Switch(
        "digest",
        _("Letters about missed mentions"),
        shown.get("digest", False),
        _("At most one in six hours, to your confirmed address: of mentions that you have not read for an hour."),
    )
    return [*all_of_them, letters]


def devices(subscriptions: Json, sessions: Json) -> list[Device]:
    """Called as the list of devices calls them."""
    names = {session["id"]: session["device"] for session in sessions["items"]}
    return [
        Device(
            name=names.get(one["session"], _("Unknown device")),
            is_current=one["is_current"],
            since=one["created_at"],
            since_text=times.short(one["created_at"]),
        )
        for one in subscriptions["items"]
    ]
