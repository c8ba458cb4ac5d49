"""What one person wants of a chat: to be told of it or not, to have it on top or out of the way. Nobody else hears."""

import datetime as dt
from typing import TypedDict
from uuid import UUID

from django.utils.translation import gettext as _

from abdre.events import publish, user_group
from chat_svc.errors import InvalidChat, TooManyPinned
from chat_svc.events import preferences_changed
from chat_svc.models import Membership, Notify, State
from chat_svc.selectors.chats import membership_or_refusal

PINNED_LIMIT = 10


class PreferenceFacts(TypedDict, total=False):
    """`muted_until`: None for not at all; a moment that nobody lives to see for good."""

    notify: str
    muted_until: dt.datetime | None
    archived: bool
    pinned: bool
    favourite: bool


def prefer(*, chat_id: UUID, user_id: UUID, facts: PreferenceFacts) -> Membership:
    """Raises ChatNotFound, InvalidChat, TooManyPinned."""
    membership = membership_or_refusal(chat_id, user_id)
    columns = _columns(membership, facts)
    if columns.get("is_pinned") and not membership.is_pinned:
        _refuse_too_many(user_id)
    for name, value in columns.items():
        setattr(membership, name, value)
    membership.save(update_fields=[*columns])
    publish(user_group(user_id), preferences_changed(membership))
    return membership


def _columns(membership: Membership, facts: PreferenceFacts) -> dict[str, object]:
    columns: dict[str, object] = {}
    if "notify" in facts:
        if facts["notify"] not in Notify.values:
            raise InvalidChat("notify", _("One of all, mentions, nothing."))
        columns["notify"] = facts["notify"]
    if "muted_until" in facts:
        columns["muted_until"] = facts["muted_until"]
    if "archived" in facts:
        columns["archived_seq"] = membership.chat.last_seq if facts["archived"] else None
    if "pinned" in facts:
        columns["is_pinned"] = facts["pinned"]
    if "favourite" in facts:
        columns["is_favourite"] = facts["favourite"]
    return columns


def _refuse_too_many(user_id: UUID) -> None:
    if Membership.objects.filter(user_id=user_id, state=State.ACTIVE, is_pinned=True).count() >= PINNED_LIMIT:
        raise TooManyPinned
