"""A chat begins, is renamed, ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from abdre import jobs, pictures
from abdre.events import chat_group, publish, user_group
from chat_svc.errors import InvalidChat, NotAllowed, Silenced, WordsRefused
from chat_svc.events import chat_changed, chat_created, chat_removed
from chat_svc.filtering import FilterAction
from chat_svc.models import (
    KEEPS_DAYS_LIMIT,
    SLOW_MODE_LIMIT_S,
    TITLE_LIMIT,
    TOPIC_LIMIT,
    Chat,
    GuestRule,
    Kind,
    Membership,
    Role,
    State,
)
from chat_svc.models.chats import pair_key
from chat_svc.models.hooks import bots_of_hooks
from chat_svc.rights import Action, require
from chat_svc.selectors.filtering import judged
from chat_svc.services.ending import close
from chat_svc.services.members import bring_back
from chat_svc.services.notices import watch_if_told
from chat_svc.services.pictures import folder_of
from chat_svc.services.system import say_system
from chat_svc.writer.rules import refuse_if_silenced
from user_svc.errors import MayNotWrite
from user_svc.selectors import (
    check_may_begin_chat,
    check_not_apart,
    may_be_added,
    parted_from,
    user_by_id,
    users_by_id,
)
from user_svc.services import delete_hook_bots, forget_title_of_chat, lock_people

if TYPE_CHECKING:
    from user_svc.models import User

TTL_DEFAULT_S = 24 * 3600
TTL_LOWEST_S, TTL_HIGHEST_S = 60, 7 * 24 * 3600
ERASE_BATCH = 20
# What is told in the chat when it changes, as which fact.
FACTS = {
    "title": "renamed",
    "topic": "topic_changed",
    "slow_mode_s": "slow_mode_changed",
    "announcement_only": "announcements_changed",
    "keeps_days": "keeping_changed",
}


def create_chat(
    *, creator_id: UUID, kind: str, title: str = "", members: Sequence[UUID] = (), ttl_s: int | None = None
) -> Chat:
    """The creator owns it; `members` are accounts, for a direct chat exactly one (whose pair has one chat for ever).

    `ttl_s` is the lifetime of a temporary chat in seconds. Raises InvalidChat, NotAllowed, Silenced, WordsRefused,
    MayNotWrite.
    """
    others = [user_id for user_id in dict.fromkeys(members) if user_id != creator_id]
    _check_creator(creator_id, kind=kind, others=others)
    _check_members(others)
    if kind == Kind.DIRECT:
        return _direct_chat(creator_id, others, check_may_begin_chat)
    if not parted_from(creator_id).isdisjoint(others):  # else a group would be a way around the block
        raise MayNotWrite
    if kind != Kind.TEMPORARY and ttl_s is not None:
        raise InvalidChat("ttl_s", _("Only a temporary chat ends by itself."))
    with transaction.atomic():
        chat = _new_chat(
            creator_id, kind=kind, title=_filtered(_checked_title(title), creator_id), expires_at=_end(kind, ttl_s)
        )
        _first_members(chat, creator_id, others)
    return chat


def _check_creator(creator_id: UUID, *, kind: str, others: Sequence[UUID]) -> None:
    creator = user_by_id(creator_id)
    if kind not in Kind.values:
        raise InvalidChat("kind", _("One of group, direct, temporary."))
    if creator.is_bot:
        raise NotAllowed(_("Bots are added to chats, and start none."))
    if kind != Kind.DIRECT and creator.silenced_until and creator.silenced_until > timezone.now():
        raise Silenced(creator.silenced_until)  # else a title would be a way to say more
    if creator.is_guest and not settings.GUEST_HOSTING:
        raise NotAllowed(_("Guests cannot start chats here."))
    if creator.is_guest and (kind != Kind.TEMPORARY or others):
        raise NotAllowed(_("Guests can start temporary chats only, and invite by code."))


def _check_members(user_ids: Sequence[UUID]) -> None:
    found = users_by_id(user_ids)
    if any(user_id not in found or not may_be_added(found[user_id]) for user_id in user_ids):
        raise InvalidChat("members", _("Only people with an account can be added."))


def _checked_title(title: str) -> str:
    cleaned = title.strip()
    if len(cleaned) > TITLE_LIMIT or "\0" in cleaned:
        raise InvalidChat("title", _("A title has at most 100 characters."))
    return cleaned


def _filtered(text: str, person_id: UUID) -> str:
    """A name cannot wait for somebody's leave: what would be held is refused. Raises WordsRefused."""
    verdict = judged(text, person_id)
    if verdict.action in (FilterAction.HOLD, FilterAction.REFUSE):
        raise WordsRefused
    return verdict.body


def _end(kind: str, ttl_s: int | None) -> dt.datetime | None:
    if kind != Kind.TEMPORARY:
        return None
    lifetime_s = TTL_DEFAULT_S if ttl_s is None else ttl_s
    if not TTL_LOWEST_S <= lifetime_s <= TTL_HIGHEST_S:
        raise InvalidChat("ttl_s", _("From one minute to seven days, in seconds."))
    return timezone.now() + dt.timedelta(seconds=lifetime_s)


def _new_chat(creator_id: UUID, **facts: object) -> Chat:
    return Chat.objects.create(created_by_id=creator_id, version=1, own_version=1, **facts)


def _first_members(chat: Chat, creator_id: UUID, others: Sequence[UUID]) -> None:
    roles = {creator_id: Role.OWNER, **dict.fromkeys(others, Role.OWNER if chat.kind == Kind.DIRECT else Role.MEMBER)}
    versions = chat.next_versions(len(roles))
    made = [
        Membership(chat=chat, user_id=user_id, role=role, version=version)
        for (user_id, role), version in zip(roles.items(), versions, strict=True)
    ]
    for membership in Membership.objects.bulk_create(made):
        publish(user_group(membership.user_id), chat_created(chat, membership, member_count=len(made)))
    watch_if_told(chat, *roles)


def _direct_chat(creator_id: UUID, others: Sequence[UUID], check: Callable[[UUID, UUID], None]) -> Chat:
    """`check` is asked before one is begun, and raises where it may not be."""
    if len(others) != 1:
        raise InvalidChat("members", _("A direct chat has one other person."))
    key = pair_key(creator_id, others[0])
    existing = Chat.objects.filter(direct_key=key).first()
    if existing is not None:
        if existing.is_blocked:
            raise MayNotWrite
        bring_back(chat_id=existing.id, user_ids=[creator_id, *others])
        return existing
    try:
        with transaction.atomic():
            lock_people({creator_id, others[0]})  # who blocks somebody does so too: one sees what the other has done
            check(creator_id, others[0])
            chat = _new_chat(creator_id, kind=Kind.DIRECT, direct_key=key)
            _first_members(chat, creator_id, others)
    except IntegrityError:  # the other person pressed at the same moment
        return Chat.objects.get(direct_key=key)
    return chat


def open_direct_chat(*, host_id: UUID, user_id: UUID) -> tuple[Membership, bool]:
    """(the person's membership of their chat with the host, whether they were not in it before).

    For who came by the host's own code, guests too: showing it is the host's yes. Raises MayNotWrite.
    """
    with transaction.atomic():
        active = Membership.objects.filter(user_id=user_id, state=State.ACTIVE)
        was_in = active.filter(chat__direct_key=pair_key(host_id, user_id)).exists()
        chat = _direct_chat(host_id, [user_id], check_not_apart)
        return chat.membership_of(user_id), not was_in


class ChatFacts(TypedDict, total=False):
    """`slow_mode_s`: seconds that a member waits between two messages, 0 for none.

    `keeps_days`: for which messages are kept, 0 for as long as the installation says.
    """

    title: str
    topic: str
    slow_mode_s: int
    announcement_only: bool
    guest_links: str
    guest_files: str
    is_public: bool
    guests_may_join: bool
    history_for_newcomers: bool
    keeps_days: int


def change_chat(*, chat_id: UUID, actor_id: UUID, facts: ChatFacts) -> Chat:
    """Raises ChatNotFound, ChatOver, NotAllowed, Silenced, WordsRefused, InvalidChat."""
    checked = checked_facts(facts)
    checked |= {name: _filtered(str(checked[name]), actor_id) for name in ("title", "topic") if name in checked}
    with transaction.atomic():
        chat, actor = _managed(chat_id, actor_id, *(_action(name) for name in checked))
        refuse_if_silenced(actor)
        if checked.get("is_public"):
            _refuse_public(chat)
        change(chat, actor.user, checked)
    return chat


def change(chat: Chat, actor: User, facts: Mapping[str, object]) -> None:
    """`actor` does it, whose right has been looked at. The caller holds the chat's lock."""
    new = [name for name, value in facts.items() if getattr(chat, name) != value]
    chat.change(**facts)
    publish(chat_group(chat.id), chat_changed(chat))
    for name in (name for name in FACTS if name in new):
        say_system(chat, actor, {"type": FACTS[name], name: facts[name]})  # type: ignore[misc]


def _action(fact: str) -> Action:
    return Action.RENAME if fact == "title" else Action.CONFIGURE


def checked_facts(facts: ChatFacts) -> dict[str, object]:
    """Raises InvalidChat."""
    checked: dict[str, object] = {**facts}
    if "title" in facts:
        checked["title"] = _checked_title(facts["title"])
    if "topic" in facts:
        checked["topic"] = _checked_topic(facts["topic"])
    if not 0 <= facts.get("slow_mode_s", 0) <= SLOW_MODE_LIMIT_S:
        raise InvalidChat("slow_mode_s", _("From 0 to six hours, in seconds."))
    if not 0 <= facts.get("keeps_days", 0) <= KEEPS_DAYS_LIMIT:
        raise InvalidChat("keeps_days", _("From 0 to ten years, in days."))
    for name in ("guest_links", "guest_files"):
        if checked.get(name, GuestRule.ALLOWED) not in GuestRule.values:
            raise InvalidChat(name, _("One of allowed, held, refused."))
    return checked


def _refuse_public(chat: Chat) -> None:
    if chat.kind != Kind.GROUP:
        raise InvalidChat("is_public", _("Only a group can be found by anybody."))
    if not settings.PUBLIC_CHATS:
        raise NotAllowed(_("There are no public chats here."))


def _checked_topic(topic: str) -> str:
    cleaned = topic.strip()
    if len(cleaned) > TOPIC_LIMIT or "\0" in cleaned:
        raise InvalidChat("topic", _("A topic has at most 250 characters."))
    return cleaned


def close_chat(*, chat_id: UUID, actor_id: UUID) -> Chat:
    """Nobody writes any more, everybody can read on. Raises ChatNotFound, ChatOver, NotAllowed."""
    with transaction.atomic():
        chat, _actor = _managed(chat_id, actor_id, Action.CLOSE)
        close(chat)
    return chat


def _managed(chat_id: UUID, actor_id: UUID, *actions: Action) -> tuple[Chat, Membership]:
    chat, membership = Chat.objects.locked_for(chat_id, actor_id)
    chat.refuse_if_over()
    for action in actions:
        require(action, chat=chat, membership=membership)
    return chat, membership


def erase_expired_chats() -> int:
    """Temporary chats whose time is over are gone with everything in them; answers how many. Called by the clock."""
    due = Chat.objects.filter(expires_at__lte=timezone.now()).order_by("expires_at").values_list("id", flat=True)
    chat_ids = list(due[:ERASE_BATCH])
    for chat_id in chat_ids:
        _erase(chat_id)
    return len(chat_ids)


def _erase(chat_id: UUID) -> None:
    with transaction.atomic():
        chat = Chat.objects.select_for_update().filter(id=chat_id).first()
        if chat is None:  # another process was quicker
            return
        for user_id in chat.memberships.filter(state=State.ACTIVE).values_list("user_id", flat=True):
            publish(user_group(user_id), chat_removed(chat_id, "expired"))
        jobs.forget(str(chat_id))  # those that name it first: what was still to be told of it
        pictures.forget_all(folder_of(chat_id))  # before the row: where the storage is away, the next sweep does both
        bots = bots_of_hooks(chat)
        chat.delete()
        forget_title_of_chat(chat_id)
        delete_hook_bots(bots)
