"""A chat and who is in it, as its people read it, and the news of both."""

from typing import Annotated, NotRequired, TypedDict
from uuid import UUID

from abdre.wire import Id, Moment, utc
from chat_svc.models import Chat, EntryKind, GuestRule, Kind, Membership, MembershipEntry, Role, State
from user_svc.selectors import UserJson, user_json


class MembershipJson(TypedDict):
    chat: Id
    user: UserJson
    role: Annotated[str, Role]
    state: Annotated[str, State]
    joined_at: Moment
    version: int


class MembershipEntryJson(TypedDict):
    """What happened to a membership, and after which message (0: before the first). `role` is the one from then on;
    `by` did it, where that was somebody else."""

    after_seq: int
    version: int
    kind: Annotated[str, EntryKind]
    user: UserJson
    role: Annotated[str, Role]
    by: UserJson | None
    at: Moment


class SummaryJson(TypedDict):
    """What everybody in the chat may know of it. `keeps_days`: for which its messages are kept, 0 where the chat has no
    rule of its own. `pruned_below`: messages before this one are gone for good, and count as nobody's news; 1: none."""

    id: Id
    kind: Annotated[str, Kind]
    title: str
    topic: str
    slow_mode_s: int
    announcement_only: bool
    picture: str
    guest_links: Annotated[str, GuestRule]
    guest_files: Annotated[str, GuestRule]
    is_public: bool
    guests_may_join: bool
    history_for_newcomers: bool
    keeps_days: int
    pruned_below: int
    created_at: Moment
    expires_at: Moment | None
    closed_at: Moment | None
    version: int
    last_seq: int
    member_count: int


class MembershipEvent(TypedDict):
    """`entry`: what the log says of the change, null where nothing. Only as it happens: a resume tells states."""

    type: str
    chat: str
    version: int
    membership: MembershipJson
    entry: NotRequired[MembershipEntryJson | None]


class ChatEvent(TypedDict):
    type: str
    chat: str
    version: int
    summary: SummaryJson


class ChatCreatedEvent(ChatEvent):
    role: str


class ChatRemovedEvent(TypedDict):
    type: str
    chat: str
    reason: str


def membership_json(membership: Membership, *, user: UserJson | None = None) -> MembershipJson:
    """`user` where the caller knows the person's card already."""
    return {
        "chat": str(membership.chat_id),
        "user": user or user_json(membership.user),
        "role": membership.role,
        "state": membership.state,
        "joined_at": utc(membership.joined_at),
        "version": membership.version,
    }


def entry_json(entry: MembershipEntry) -> MembershipEntryJson:
    return {
        "after_seq": entry.after_seq,
        "version": entry.version,
        "kind": entry.kind,
        "user": user_json(entry.user),
        "role": entry.role,
        "by": user_json(entry.by) if entry.by else None,
        "at": utc(entry.at),
    }


def summary_json(chat: Chat, *, member_count: int | None = None) -> SummaryJson:
    """What everybody in the chat may know of it; nothing depends on who reads."""
    return {
        "id": str(chat.id),
        "kind": chat.kind,
        "title": chat.title,
        "topic": chat.topic,
        "slow_mode_s": chat.slow_mode_s,
        "announcement_only": chat.announcement_only,
        "picture": chat.picture,
        "guest_links": chat.guest_links,
        "guest_files": chat.guest_files,
        "is_public": chat.is_public,
        "guests_may_join": chat.guests_may_join,
        "history_for_newcomers": chat.history_for_newcomers,
        "keeps_days": chat.keeps_days,
        "pruned_below": chat.pruned_below,
        "created_at": utc(chat.created_at),
        "expires_at": utc(chat.expires_at),
        "closed_at": utc(chat.closed_at),
        "version": chat.version,
        "last_seq": chat.last_seq,
        "member_count": chat.memberships.filter(state=State.ACTIVE).count() if member_count is None else member_count,
    }


def membership_changed(membership: Membership, *, user: UserJson | None = None) -> MembershipEvent:
    return {
        "type": "membership.changed",
        "chat": str(membership.chat_id),
        "version": membership.version,
        "membership": membership_json(membership, user=user),
    }


def membership_told(membership: Membership, entry: MembershipEntry | None) -> MembershipEvent:
    """As it happens."""
    return {**membership_changed(membership), "entry": entry_json(entry) if entry else None}


def chat_changed(chat: Chat, *, member_count: int | None = None) -> ChatEvent:
    return {
        "type": "chat.changed",
        "chat": str(chat.id),
        "version": chat.own_version,
        "summary": summary_json(chat, member_count=member_count),
    }


def chat_created(chat: Chat, membership: Membership, *, member_count: int | None = None) -> ChatCreatedEvent:
    """For one person who has just come in."""
    return {
        "type": "chat.created",
        "chat": str(chat.id),
        "version": chat.version,
        "summary": summary_json(chat, member_count=member_count),
        "role": membership.role,
    }


def chat_removed(chat_id: UUID, reason: str) -> ChatRemovedEvent:
    """For one person who has just gone; `reason`: left, removed, banned, closed, expired."""
    return {"type": "chat.removed", "chat": str(chat_id), "reason": reason}
