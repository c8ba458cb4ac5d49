"""From a report to the deeds' screens: what can be done about it, and what was done and can be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from auth_svc.admin.deeds import SCREENS
from chat_svc.services.moderation import Deed, may


class Offer(NamedTuple):
    """`screen`: of a deed; `about`: what of the targets it needs, `also`: what it is given where that is known."""

    said: str | Promise
    screen: str
    about: tuple[str, ...]
    also: tuple[str, ...] = ()


class Button(NamedTuple):
    said: str | Promise
    path: str


class Group(NamedTuple):
    title: str | Promise
    buttons: list[Button]


@dataclass(frozen=True)
class Targets:
    """What a report is about, as far as it names it."""

    person: UUID | None = None
    chat: UUID | None = None
    seq: int = 0
    invitation: UUID | None = None


OFFERS: dict[str | Promise, list[Offer]] = {
    _("The message"): [
        Offer(_("Delete this message"), "delete-message", ("chat", "seq")),
        Offer(_("Delete all of theirs in this chat"), "delete-messages-of", ("person", "chat")),
        Offer(_("Delete all of theirs everywhere"), "delete-messages-of", ("person",)),
    ],
    _("The person"): [
        Offer(_("Warn"), "warn", ("person",)),
        Offer(_("Silence in this chat"), "silence", ("person", "chat")),
        Offer(_("Silence everywhere"), "silence", ("person",)),
        Offer(_("Remove from this chat"), "remove-member", ("person", "chat")),
        Offer(_("Ban from this chat"), "ban-from-chat", ("person", "chat")),
        Offer(_("Ban from everything"), "ban", ("person",), also=("chat",)),
        Offer(_("End sessions"), "end-sessions", ("person",)),
    ],
    _("The code"): [Offer(_("Revoke the code"), "revoke-code", ("invitation",))],
    _("The chat"): [
        Offer(_("Slow down"), "slow-chat", ("chat",)),
        Offer(_("Lock"), "lock-chat", ("chat",)),
        Offer(_("Close"), "close-chat", ("chat",)),
    ],
}
# By which screen a deed is taken back.
UNDONE_BY = {
    Deed.MESSAGES_DELETED: "restore-messages",
    Deed.SILENCED: "unsilence",
    Deed.BANNED_FROM_CHAT: "unban-from-chat",
    Deed.BANNED: "unban",
    Deed.CHAT_CLOSED: "reopen-chat",
    Deed.CHAT_LOCKED: "unlock-chat",
}


def buttons(user: Any, targets: Targets, **way: Any) -> list[Group]:
    """What `user` may do about it. `way`: the report, and where to go on."""
    groups = [Group(title, list(_open_to(user, offers, targets, way))) for title, offers in OFFERS.items()]
    return [group for group in groups if group.buttons]


def _open_to(user: Any, offers: Iterable[Offer], targets: Targets, way: Mapping[str, Any]) -> Iterable[Button]:
    for offer in offers:
        known = {name: value for name, value in vars(targets).items() if value and name in offer.about + offer.also}
        if known.keys() >= {*offer.about} and is_open_to(user, offer.screen):
            yield Button(offer.said, _path(offer.screen, {**known, **way}))


def undo_path(user: Any, entry: Any, **way: Any) -> str:
    """Empty where `user` cannot take it back."""
    screen = UNDONE_BY.get(entry.deed, "")
    if not is_open_to(user, screen):
        return ""
    about = {"person": entry.person_id, "chat": entry.chat_id, "seq": entry.seq, "invitation": entry.target_id}
    return _path(screen, {"entry": entry.pk, **{name: value for name, value in about.items() if value}, **way})


def is_open_to(user: Any, name: str) -> bool:
    return name in SCREENS and may(user, SCREENS[name].right)


def _path(screen: str, query: Mapping[str, Any]) -> str:
    return f"{reverse('admin:deed', args=[screen])}?{urlencode(query)}"
