"""What was done to a chat, in words; the page's script says the same (static/js/system_words.js)."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gateway_svc.selectors.api import Json


def words(item: Json) -> str:
    """Of a system message; empty for a fact that this page does not know yet."""
    fact = item["system"]
    sentence = _keeping(fact) if _kind(fact) == "keeping_changed" else _sentences().get(_kind(fact), "")
    return sentence and sentence % {"name": actor(item["sender"]), **fact}


def actor(person: Json) -> str:
    """Who did it: all moderators of the house do so by one account."""
    return _("A moderator") if person.get("speaks_for_staff") else str(person["display_name"])


def _kind(fact: Json) -> str:
    """Taking something away has words of its own."""
    match fact:
        case {"type": "renamed", "title": ""}:
            return "title_removed"
        case {"type": "topic_changed", "topic": ""}:
            return "topic_removed"
        case {"type": "slow_mode_changed", "slow_mode_s": 0}:
            return "slow_mode_off"
        case {"type": "announcements_changed", "announcement_only": False}:
            return "announcements_off"
        case {"type": "keeping_changed", "keeps_days": 0}:
            return "keeping_off"
        case {"type": "picture_changed", "picture": ""}:
            return "picture_removed"
    return str(fact["type"])


def _keeping(fact: Json) -> str:
    return ngettext(
        "%(name)s has messages deleted after %(keeps_days)s day",
        "%(name)s has messages deleted after %(keeps_days)s days",
        fact["keeps_days"],
    )


def _sentences() -> dict[str, str]:
    return {
        "renamed": _("%(name)s renamed the chat to “%(title)s”"),
        "title_removed": _("%(name)s took the name off this chat"),
        "topic_changed": _("%(name)s set the topic: %(topic)s"),
        "topic_removed": _("%(name)s removed the topic"),
        "slow_mode_changed": _("%(name)s turned slow mode on"),
        "slow_mode_off": _("%(name)s turned slow mode off"),
        "announcements_changed": _("%(name)s lets only those write who manage this chat"),
        "announcements_off": _("%(name)s lets everybody write"),
        "keeping_off": _("%(name)s turned off deleting old messages"),
        "picture_changed": _("%(name)s changed the picture"),
        "picture_removed": _("%(name)s removed the picture"),
        "closed": _("%(name)s closed this chat"),
        "reopened": _("%(name)s opened this chat again"),
        "pinned": _("%(name)s pinned a message"),
    }
