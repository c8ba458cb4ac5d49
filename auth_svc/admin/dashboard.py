"""The admin's first page: what waits, who is there, how it goes; to each of the staff what concerns their work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from abdre.errors import REFUSED
from abdre.pulse import Pulse
from auth_svc.admin.entry import staff_person
from auth_svc.admin.plot import Plot, number, plot
from auth_svc.events import LOGINS_FAILED
from auth_svc.selectors.dashboard import Figures, figures
from chat_svc.events import MESSAGES_REFUSED, MESSAGES_STORED
from chat_svc.selectors import held_for_staff
from chat_svc.selectors.overview import LoggedDeed, newest_deeds, waiting_reports
from chat_svc.services.moderation import Deed, Right, may
from user_svc.events import ACCOUNTS_MADE, GUESTS_MADE
from user_svc.selectors import users_by_id

if TYPE_CHECKING:
    from user_svc.models import User

NEWEST_DEEDS = 8
A_MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Tile:
    """One number of what waits; `path`: where it is worked off."""

    title: Any
    number: str
    details: list[str] = field(default_factory=list)
    path: str = ""


@dataclass(frozen=True)
class Health:
    role: str
    is_well: bool
    state: str
    details: list[str]


@dataclass(frozen=True)
class Line:
    """A deed of the log."""

    deed: str
    actor: str
    person: str
    ago: str


@dataclass(frozen=True)
class Dashboard:
    """`is_known`: False while the store is away, which brings most of it."""

    tiles: list[Tile]
    plots: list[Plot]
    health: list[Health]
    log: list[Line]
    is_known: bool


def dashboard(request: HttpRequest) -> Dashboard:
    user = staff_person(request)
    seen = figures() if may(user, Right.HANDLE_REPORTS) else None
    return Dashboard(
        tiles=[*_waiting(user), *_people(seen)],
        plots=[*_plots_of_work(seen), *(_plots_of_system(seen) if may(user, Right.SEE_SYSTEM) else [])],
        health=[_health(role, heard) for role, heard in seen.pulses.items()] if seen else [],
        log=_log() if may(user, Right.READ_LOG) else [],
        is_known=seen is not None or not may(user, Right.HANDLE_REPORTS),
    )


def _reports(user: User) -> Tile:
    waiting = waiting_reports(asked_by=user.id)
    details = [
        _("%(count)s not taken on") % {"count": number(waiting.unclaimed)},
        _("%(count)s mine") % {"count": number(waiting.mine)},
    ]
    if waiting.escalated:
        details.append(_("%(count)s escalated") % {"count": number(waiting.escalated)})
    if waiting.oldest_at:
        details.append(_("the oldest waits %(time)s") % {"time": _since(waiting.oldest_at)})
    path = reverse("admin:chat_svc_report_changelist")
    return Tile(gettext_lazy("Open reports"), number(waiting.total), details, path)


def _held(_user: User) -> Tile:
    waiting = held_for_staff()
    details = []
    if oldest := waiting.first():
        details.append(_("the oldest waits %(time)s") % {"time": _since(oldest.held_at)})
    return Tile(gettext_lazy("Waiting for approval"), number(waiting.count()), details, reverse("admin:held"))


# What waits for staff: who may work it off, and the question how much it is.
WAITING: tuple[tuple[Right, Callable[[User], Tile]], ...] = (
    (Right.HANDLE_REPORTS, _reports),
    (Right.MODERATE_MESSAGES, _held),
)


def _waiting(user: User) -> list[Tile]:
    return [tile(user) for right, tile in WAITING if may(user, right)]


def _people(seen: Figures | None) -> Iterator[Tile]:
    if seen:
        yield Tile(gettext_lazy("People online"), number(seen.people_online))


def _plots_of_work(seen: Figures | None) -> Iterator[Plot]:
    if seen:
        yield plot("messages", gettext_lazy("Messages"), seen.minutes, {MESSAGES_STORED: ""})


def _plots_of_system(seen: Figures | None) -> Iterator[Plot]:
    if not seen:
        return
    yield plot(
        "sign-ups",
        gettext_lazy("Sign-ups"),
        seen.hours,
        {ACCOUNTS_MADE: gettext_lazy("Accounts"), GUESTS_MADE: gettext_lazy("Guests")},
    )
    for key, title, name in (
        ("logins-failed", gettext_lazy("Failed logins"), LOGINS_FAILED),
        ("refused", gettext_lazy("Requests refused"), REFUSED),
        ("messages-refused", gettext_lazy("Messages refused"), MESSAGES_REFUSED),
    ):
        yield plot(key, title, seen.minutes, {name: ""})


def _health(role: str, heard: list[Pulse]) -> Health:
    if not heard:
        return Health(role, is_well=False, state=_("silent"), details=[])
    lacks = sorted({lack for pulse in heard for lack in pulse.lacks})
    avoided = sorted({name for pulse in heard for name in pulse.avoids})
    versions = sorted({pulse.version for pulse in heard})
    details = [
        ngettext("%(count)d process", "%(count)d processes", len(heard)) % {"count": len(heard)},
        *([_("versions %(versions)s") % {"versions": ", ".join(versions)}] if len(versions) > 1 else []),
        *lacks,
        *(_("gets no answer from %(role)s") % {"role": name} for name in avoided),
    ]
    return Health(role, not lacks, _("not ready") if lacks else _("ready"), details)


def _log() -> list[Line]:
    deeds = newest_deeds(NEWEST_DEEDS)
    people = users_by_id({person for deed in deeds for person in (deed.actor_id, deed.person_id) if person})

    def name(person_id: Any) -> str:
        return people[person_id].display_name if person_id in people else ""

    return [Line(_said(deed), name(deed.actor_id), name(deed.person_id), _since(deed.at)) for deed in deeds]


def _said(logged: LoggedDeed) -> str:
    return str(Deed(logged.deed).label) if logged.deed in Deed.values else logged.deed


def _since(moment: dt.datetime) -> str:
    now = timezone.now()
    return timesince(moment, now, depth=1) if now - moment >= A_MINUTE else _("less than a minute")
