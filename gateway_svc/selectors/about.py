"""What stands on the page about a chat: what one wants of it, and what it demands of everybody."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from abdre.wire import utc
from gateway_svc.errors import Refused
from gateway_svc.selectors import later, times
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.chats import Chat
from gateway_svc.selectors.forms import TITLE, Choices, Field, Switch, Text, choices
from gateway_svc.selectors.security import Line

FOR_GOOD = "9999-12-31T00:00:00.000Z"
KEEP = "keep"
PICK = "pick"
MUTES: Mapping[str, Text] = {
    "": gettext_lazy("Not muted"),
    "3600": gettext_lazy("For an hour"),
    "28800": gettext_lazy("For eight hours"),
    "tomorrow": gettext_lazy("Until tomorrow at 9:00"),
    PICK: gettext_lazy("Until a day and a time…"),
    "forever": gettext_lazy("For good"),
}
LEVELS: Mapping[str, Text] = {
    "all": gettext_lazy("Every message"),
    "mentions": gettext_lazy("Only when I am mentioned"),
    "nothing": gettext_lazy("Nothing"),
}
PACES: Mapping[str, Text] = {
    "0": gettext_lazy("Off"),
    "10": gettext_lazy("10 seconds"),
    "30": gettext_lazy("30 seconds"),
    "60": gettext_lazy("One minute"),
    "300": gettext_lazy("5 minutes"),
    "900": gettext_lazy("15 minutes"),
    "3600": gettext_lazy("One hour"),
    "21600": gettext_lazy("Six hours"),
}
KEEPINGS: Mapping[str, Text] = {
    "1": gettext_lazy("For a day"),
    "7": gettext_lazy("For a week"),
    "30": gettext_lazy("For 30 days"),
    "90": gettext_lazy("For 90 days"),
    "365": gettext_lazy("For a year"),
}
GUEST_RULES: Mapping[str, Text] = {
    "allowed": gettext_lazy("Yes"),
    "held": gettext_lazy("When one of you has approved it"),
    "refused": gettext_lazy("No"),
}
DAY = Field("date", gettext_lazy("Day"), type="date")
TOPIC = Field("topic", gettext_lazy("Topic"), required=False, maxlength=250)


@dataclass(frozen=True)
class Preferences:
    level: Choices
    mute: Choices
    until: str  # the moment that is being chosen, as its field has it
    switches: list[Switch]


@dataclass(frozen=True)
class Rules:
    title: Field
    topic: Field
    pace: Choices
    keeping: Choices
    guests: list[Choices]
    switches: list[Switch]


def places(chat: Chat) -> list[Line]:
    """Each further page about a chat adds its line here."""
    lines = [
        Line(_("Photos and files"), _("What was sent here"), f"{chat.url}/files", "image"),
        Line(_("Pinned messages"), _("What is kept above the others"), f"{chat.url}/pins", "pin"),
        Line(_("Export"), _("Take this chat along as a file"), f"{chat.url}/export", "download"),
    ]
    if chat.may_manage:
        lines.append(Line(_("Waiting for approval"), _("Guests’ links and files"), f"{chat.url}/held", "clock"))
        lines.append(
            Line(_("Integrations"), _("Programs that write here, or listen"), f"{chat.url}/integrations", "link")
        )
    return lines


def preferences(chat: Json, sent: Mapping[str, Any]) -> Preferences:
    """`sent`: the form once more, where something was wrong in it; empty else."""
    chat = {**chat, **(_flags(sent) if sent else {})}
    return Preferences(
        level=choices("notify", _("Tell me of"), LEVELS, chat["notify"]),
        mute=choices("mute", _("Mute"), MUTES, PICK) if sent.get("mute") == PICK else _mute(chat["muted_until"]),
        until=sent.get("at", ""),
        switches=[
            Switch("pinned", _("On top of the list"), chat["pinned"]),
            Switch("favourite", _("A favourite"), chat["favourite"]),
            Switch(
                "archived", _("In the archive"), chat["archived"], _("Until the next message, or while it is muted.")
            ),
        ],
    )


def _mute(until: str | None) -> Choices:
    left_s = times.left_s(until) if until and until < FOR_GOOD else None
    if until and until >= FOR_GOOD:
        return choices("mute", _("Mute"), MUTES, "forever")
    if not left_s:
        return choices("mute", _("Mute"), MUTES, "")
    still = {KEEP: _("For another %(time)s") % {"time": times.about(left_s)}}
    return choices("mute", _("Mute"), {**still, **MUTES}, KEEP)


def rules(chat: Json, *, may_be_public: bool) -> Rules:
    switches = [
        Switch("announcement_only", _("Only those who manage this chat write"), chat["announcement_only"]),
        Switch("history_for_newcomers", _("Newcomers read what was said before"), chat["history_for_newcomers"]),
    ]
    if may_be_public and chat["kind"] == "group":
        switches += [
            Switch(
                "is_public",
                _("Public"),
                chat["is_public"],
                _("Anybody with an account finds it, and joins without a code."),
            ),
            Switch("guests_may_join", _("Guests may join it too, if it is public"), chat["guests_may_join"]),
        ]
    return Rules(
        title=replace(TITLE, value=chat["title"], required=False),
        topic=replace(TOPIC, value=chat["topic"]),
        pace=choices("slow_mode_s", _("Slow mode"), PACES, str(chat["slow_mode_s"])),
        keeping=choices("keeps_days", _("Keep messages"), _keepings(), str(chat["keeps_days"])),
        guests=[
            choices("guest_links", _("Guests may post links"), GUEST_RULES, chat["guest_links"]),
            choices("guest_files", _("Guests may post files"), GUEST_RULES, chat["guest_files"]),
        ],
        switches=switches,
    )


def _keepings() -> Mapping[str, Text]:
    """A chat may keep its messages for less than the whole house does."""
    house = settings.MESSAGES_KEPT_DAYS
    own = {days: text for days, text in KEEPINGS.items() if not house or int(days) < house}
    if not house:
        return {"0": _("For ever"), **own}
    text = ngettext("For %(days)s day, as everywhere here", "For %(days)s days, as everywhere here", house)
    return {"0": text % {"days": house}, **own}


def keeping(chat: Json) -> str:
    """What everybody is told of it; empty where messages are kept for ever."""
    days = min((days for days in (chat["keeps_days"], settings.MESSAGES_KEPT_DAYS) if days), default=0)
    text = ngettext(
        "Messages here are deleted after %(days)s day.", "Messages here are deleted after %(days)s days.", days
    )
    return text % {"days": days} if days else ""


def wished(sent: Mapping[str, Any], zone: ZoneInfo) -> Json:
    """What the form about oneself asks of the API. Raises Refused where no moment to come was chosen."""
    wishes = _flags(sent)
    mute = sent.get("mute", KEEP)
    if mute != KEEP:
        wishes["muted_until"] = _until(mute, sent.get("at", ""), zone)
    return wishes


def _flags(sent: Mapping[str, Any]) -> Json:
    flags: Json = {name: name in sent for name in ("pinned", "favourite", "archived")}
    return {**flags, "notify": sent.get("notify", "all")}


def _until(mute: str, at: str, zone: ZoneInfo) -> str | None:
    if mute == "forever":
        return FOR_GOOD
    if mute in ("tomorrow", PICK):
        return _moment(mute, at, zone)
    return times.ahead(int(mute)) if mute in MUTES and mute else None


def _moment(mute: str, at: str, zone: ZoneInfo) -> str:
    moment = later.chosen(mute, at, zone)
    if moment is None:
        raise Refused(422, "invalid", _("Choose a day and a time."))
    if moment <= timezone.now():  # it would be taken, and be silent for no time at all
        raise Refused(422, "invalid", _("This moment has passed. Choose a later one."))
    return utc(moment)


def ruled(sent: Mapping[str, Any], *, may_be_public: bool) -> Json:
    """What the form about the chat asks of the API."""
    facts: Json = {name: sent.get(name, "") for name in ("title", "topic")}
    facts |= {name: name in sent for name in ("announcement_only", "history_for_newcomers")}
    facts |= {name: sent[name] for name in ("guest_links", "guest_files") if sent.get(name) in GUEST_RULES}
    for name in ("slow_mode_s", "keeps_days"):
        if sent.get(name, "").isdecimal():
            facts[name] = int(sent[name])
    if may_be_public and "is_public_offered" in sent:
        facts |= {name: name in sent for name in ("is_public", "guests_may_join")}
    return facts
