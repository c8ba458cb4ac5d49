"""What staff let somebody know, in words."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gateway_svc.selectors import times
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.forms import Text

TITLES: Mapping[str, Text] = {
    "warned": gettext_lazy("A warning from the moderators"),
    "messages_deleted": gettext_lazy("Moderators deleted what you wrote"),
    "messages_restored": gettext_lazy("What you wrote is there again"),
    "silenced": gettext_lazy("You may not write for now"),
    "unsilenced": gettext_lazy("You may write again"),
    "removed": gettext_lazy("Moderators removed you from a chat"),
    "banned_from_chat": gettext_lazy("Moderators banned you from a chat"),
    "unbanned_from_chat": gettext_lazy("You may enter a chat again"),
    "banned": gettext_lazy("Your account was closed"),
    "unbanned": gettext_lazy("Your account is open again"),
    "code_revoked": gettext_lazy("Moderators revoked your code"),
    "sessions_ended": gettext_lazy("Moderators signed you out"),
    "chat_closed": gettext_lazy("Moderators closed your chat"),
    "report_handled": gettext_lazy("We have looked at what you reported. Thank you for telling us."),
    "chat_reopened": gettext_lazy("Your chat is open again"),
    "made_moderator": gettext_lazy("You are a moderator now"),
    "made_administrator": gettext_lazy("You are an administrator now"),
    "dismissed": gettext_lazy("You are no longer on the staff"),
}
ON_STAFF = ("made_moderator", "made_administrator")


@dataclass(frozen=True)
class Notice:
    """`way_on`: where the reader may go because of it, or empty."""

    id: int
    title: Text
    reason: str
    chat_title: str
    at_text: str
    until_text: str
    is_seen: bool
    way_on: str


def notice(item: Json) -> Notice:
    kind = item["kind"]
    return Notice(
        id=item["id"],
        title=TITLES.get(kind, _("A word from the moderators")),  # of a kind that a newer service knows
        reason=item["reason"],
        chat_title=item["chat_title"],
        at_text=_moment(item["created_at"]),
        until_text=_moment(item["until"]) if item["until"] else "",
        is_seen=item["seen_at"] is not None,
        way_on="/admin/" if kind in ON_STAFF else "",
    )


def _moment(text: str) -> str:
    """Of whom no zone is known, the zone is said: until when one may not write is no matter of hours."""
    zone = timezone.get_current_timezone_name()
    return f"{times.dated_clock(text)} UTC" if zone == "UTC" else times.dated_clock(text)
