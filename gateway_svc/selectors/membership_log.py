"""Who came, went, or was given a role, in lines; the page's script says the same (static/js/membership_lines.js)."""

import datetime as dt
from collections.abc import Hashable
from dataclasses import dataclass
from itertools import groupby

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gateway_svc.selectors import times
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.system import actor


@dataclass(frozen=True)
class LogLine:
    """Of one entry or of several neighbours; the moment is that of the first."""

    after_seq: int
    version: int
    at: str
    time_text: str
    text: str

    @property
    def day(self) -> dt.date:
        return day_of(self.at)


def log_lines(entries: list[Json]) -> list[LogLine]:
    """`entries` of the messages' API, ascending by version."""
    lines = [_line(list(together)) for _key, together in groupby(entries, key=_together)]
    return [line for line in lines if line.text]


def day_of(at: str) -> dt.date:
    """In the reader's zone."""
    return timezone.localtime(dt.datetime.fromisoformat(at)).date()


def _together(entry: Json) -> Hashable:
    """What neighbours have in common that are one line; each change of a role is one of its own."""
    own = entry["version"] if entry["kind"] == "role_changed" else 0
    return entry["after_seq"], entry["kind"], entry["by"] and entry["by"]["id"], day_of(entry["at"]), own


def _line(entries: list[Json]) -> LogLine:
    first = entries[0]
    return LogLine(first["after_seq"], first["version"], first["at"], times.clock(first["at"]), _words(entries))


def _words(entries: list[Json]) -> str:
    """Empty for a kind that this page does not know yet."""
    first = entries[0]
    by = actor(first["by"]) if first["by"] else ""
    return _sentences().get(_kind(first), "").format(people=_people(entries), by=by)


def _kind(entry: Json) -> str:
    if entry["kind"] == "role_changed":
        return str(entry["role"])
    return "added" if entry["kind"] == "joined" and entry["by"] else str(entry["kind"])


def _people(entries: list[Json]) -> str:
    name, *others = [str(entry["user"]["display_name"]) for entry in entries]
    if not others:
        return name
    if len(others) == 1:
        return _("{name} and {other}").format(name=name, other=others[0])
    count = len(others) - 1
    more = ngettext("{name}, {other} and {count} other", "{name}, {other} and {count} others", count)
    return more.format(name=name, other=others[0], count=count)


def _sentences() -> dict[str, str]:
    return {
        "joined": _("{people} joined"),
        "added": _("{by} added {people}"),
        "left": _("{people} left"),
        "removed": _("{by} removed {people}"),
        "banned": _("{by} banned {people}"),
        "owner": _("{people} is an owner now"),
        "admin": _("{people} is an admin now"),
        "member": _("{people} does not manage this chat any more"),
    }
