"""Moments that somebody chooses, what waits for them, and why it could not be done then."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gateway_svc.selectors import times
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.forms import Text

MORNING = dt.time(9)
# By name, how long from now; `tomorrow` has its own hour, and for `pick` a moment is named.
SPANS = {"minutes": dt.timedelta(minutes=20), "hour": dt.timedelta(hours=1)}
WORDS: Mapping[str, Text] = {
    "minutes": gettext_lazy("In 20 minutes"),
    "hour": gettext_lazy("In an hour"),
    "tomorrow": gettext_lazy("Tomorrow at 9:00"),
}
# What is said of a message that was refused at its time, by the code of the refusal.
PROBLEMS: Mapping[str, Text] = {
    "chat_not_found": gettext_lazy("You are no longer in this chat."),
    "chat_over": gettext_lazy("This chat is over."),
    "announcements_only": gettext_lazy("Only those who manage this chat write here."),
    "links_refused": gettext_lazy("Guests post no links in this chat."),
    "words_refused": gettext_lazy("It says something that is not wanted here."),
    "not_approved": gettext_lazy("It was not approved."),
    "too_many_held": gettext_lazy("Too many messages of yours wait for approval in this chat."),
    "may_not_write": gettext_lazy("You cannot write to this person."),
}


@dataclass(frozen=True)
class Scheduled:
    id: str
    url: str
    chat_url: str
    chat_title: str
    body: str
    at: str
    at_text: str
    problem: str


@dataclass(frozen=True)
class ScheduledPage:
    items: list[Scheduled]
    back_url: str


@dataclass(frozen=True)
class Reminder:
    id: str
    url: str
    text: str
    at: str
    at_text: str
    is_told: bool


@dataclass(frozen=True)
class MomentPage:
    """Asks for a moment. `body`: the message that waits for it, None where there is none to write."""

    title: str
    action: str
    back_url: str
    label: str
    zone: str
    choices: list[tuple[str, Text]] = field(default_factory=list)
    body: str | None = None
    client_id: str = ""
    reply_to: str = ""
    at: str = ""  # as the field has it
    moment: str = ""  # as the services have it
    about: str = ""
    error: str = ""


def chosen(when: str, at: str, zone: ZoneInfo) -> dt.datetime | None:
    """`at`: as a browser's field for a date and a time says it, in `zone`. None where no moment was chosen."""
    now = timezone.now()
    if when in SPANS:
        return now + SPANS[when]
    if when == "tomorrow":
        return dt.datetime.combine(now.astimezone(zone).date() + dt.timedelta(days=1), MORNING, zone)
    try:
        return dt.datetime.fromisoformat(at).replace(tzinfo=zone).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def choices(*names: str) -> list[tuple[str, Text]]:
    return [(name, WORDS[name]) for name in names]


def scheduled(item: Json, title_of: Callable[[str], str]) -> Scheduled:
    chat_url = f"/chats/{item['chat']}"
    return Scheduled(
        id=item["id"],
        url=f"{chat_url}/scheduled/{item['id']}",
        chat_url=chat_url,
        chat_title=title_of(item["chat"]),
        body=item["body"],
        at=item["send_at"],
        at_text=times.dated_clock(item["send_at"]),
        problem=str(PROBLEMS.get(item["problem"], _("It could not be sent."))) if item["problem"] else "",
    )


def reminder(item: Json) -> Reminder:
    return Reminder(
        id=item["id"],
        url=f"/chats/{item['chat']}?at={item['seq']}",
        text=item["text"],
        at=item["at"],
        at_text=times.dated_clock(item["at"]),
        is_told=item["told_at"] is not None,
    )


def field_value(text: str) -> str:
    """As a browser's field for a date and a time has it, in the reader's zone."""
    time = times.moment(text)
    return f"{time:%Y-%m-%dT%H:%M}" if time else ""
