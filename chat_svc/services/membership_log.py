"""Who came, went, or was given a role is told, and stands in the chat's log: it has no number among the messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from abdre.events import chat_group, publish
from chat_svc.events import membership_told
from chat_svc.models import Chat, EntryKind, Kind, Membership, MembershipEntry

if TYPE_CHECKING:
    from user_svc.models import User


def tell(chat: Chat, membership: Membership, kind: EntryKind | None, *, by: User | None = None) -> None:
    tell_all(chat, [membership], kind, by=by)


def tell_all(chat: Chat, memberships: Sequence[Membership], kind: EntryKind | None, *, by: User | None = None) -> None:
    """`by` has just changed them, under the chat's lock; their own people without. `kind` None: for programs alone,
    as all of it is in a direct chat, where two people come and go as they please."""
    if kind is None or chat.kind == Kind.DIRECT:
        publish(chat_group(chat.id), *(membership_told(membership, None) for membership in memberships))
        return
    entries = [_entry(chat, membership, kind, by) for membership in memberships]
    MembershipEntry.objects.bulk_create(entries)
    told = zip(memberships, entries, strict=True)
    publish(chat_group(chat.id), *(membership_told(membership, entry) for membership, entry in told))


def _entry(chat: Chat, membership: Membership, kind: EntryKind, by: User | None) -> MembershipEntry:
    return MembershipEntry(
        chat=chat,
        after_seq=chat.last_seq,
        version=membership.version,
        kind=kind,
        user=membership.user,
        role=membership.role,
        by=by if by and by.id != membership.user_id else None,
    )
