"""Staff closes a chat, opens it again, locks and slows it; what is said of it in the chat names no moderator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from abdre.events import chat_group
from chat_svc import services
from chat_svc.errors import AnnouncementsOnly, ChatNotFound, ChatOver, InvalidChat, NotAllowed, SlowMode, Unchanged
from chat_svc.models import Chat, ModerationEntry
from chat_svc.services import moderation
from chat_svc.services.moderation import Staff
from chat_svc.tests.conftest import Told, say
from chat_svc.tests.moderators import by, moderator, refused
from user_svc.errors import InvalidName
from user_svc.selectors import notices_of
from user_svc.services import create_member, staff_account

if TYPE_CHECKING:
    from user_svc.models import User

Deed = Callable[[Staff, UUID], ModerationEntry]


def close(by: Staff, chat_id: UUID) -> ModerationEntry:
    return moderation.close_chat(by=by, chat_id=chat_id)


def reopen(by: Staff, chat_id: UUID) -> ModerationEntry:
    return moderation.reopen_chat(by=by, chat_id=chat_id)


def lock(by: Staff, chat_id: UUID) -> ModerationEntry:
    return moderation.lock_chat(by=by, chat_id=chat_id)


def unlock(by: Staff, chat_id: UUID) -> ModerationEntry:
    return moderation.unlock_chat(by=by, chat_id=chat_id)


def slow(by: Staff, chat_id: UUID) -> ModerationEntry:
    return moderation.slow_chat(by=by, chat_id=chat_id, seconds=30)


# Each with the one before it, without which there is nothing to do.
DEEDS = [(None, close), (close, reopen), (None, lock), (lock, unlock), (None, slow)]
every_deed = pytest.mark.parametrize(("before", "deed"), DEEDS, ids=lambda deed: deed.__name__ if deed else "")


@pytest.fixture
def mira(transactional_db: None) -> User:
    """A moderator, who is not in the chat."""
    return moderator()


def system(told: Told, chat: Chat) -> list[dict]:
    events = told.to(chat_group(chat.id))
    return [event["message"] for event in events if event["type"] == "message.created"]


def kinds(user: User) -> list[str]:
    return [notice.kind for notice in notices_of(user.id)]


def test_a_closed_chat_is_read_on_and_says_that_moderators_closed_it(
    chat: Chat, ada: User, bob: User, mira: User, told: Told
):
    entry = close(by(mira), chat.id)

    assert told.types_to(chat_group(chat.id)) == ["message.created", "chat.changed"]
    [message] = system(told, chat)
    assert message["system"] == {"type": "closed"}
    assert message["sender"] == {
        "id": str(staff_account().id),
        "display_name": "Moderators",
        "is_guest": False,
        "picture": None,
        "is_bot": True,
        "speaks_for_staff": True,
    }
    assert str(mira.id) not in str(told.items)
    with pytest.raises(ChatOver):
        say(chat, ada)
    with pytest.raises(ChatOver):
        close(by(mira), chat.id)
    assert (entry.deed, entry.chat_id) == ("chat.closed", chat.id)
    assert (kinds(ada), kinds(bob)) == (["chat_closed"], [])  # its owners read why


def test_opened_again_it_goes_on(chat: Chat, ada: User, bob: User, mira: User, told: Told):
    closed = close(by(mira), chat.id)
    told.items.clear()

    entry = reopen(by(mira), chat.id)

    events = told.to(chat_group(chat.id))
    assert [event["type"] for event in events] == ["chat.changed", "message.created"]
    assert events[0]["summary"]["closed_at"] is None
    assert say(chat, bob).created
    assert (entry.undoes, kinds(ada)[0]) == (closed.pk, "chat_reopened")
    with pytest.raises(Unchanged):
        reopen(by(mira), chat.id)

    services.close_chat(chat_id=chat.id, actor_id=ada.id)  # by its owner: no deed of staff is undone
    assert reopen(by(mira), chat.id).undoes is None


def test_a_temporary_chat_is_not_opened_after_its_time(ada: User, mira: User):
    chat = services.create_chat(creator_id=ada.id, kind="temporary")
    close(by(mira), chat.id)
    Chat.objects.filter(id=chat.id).update(expires_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(ChatOver):
        reopen(by(mira), chat.id)


def test_in_a_locked_chat_only_who_manages_it_writes(chat: Chat, ada: User, bob: User, mira: User, told: Told):
    locked = lock(by(mira), chat.id)

    assert told.types_to(chat_group(chat.id)) == ["chat.changed", "message.created"]
    assert system(told, chat)[0]["system"] == {"type": "announcements_changed", "announcement_only": True}
    with pytest.raises(AnnouncementsOnly):
        say(chat, bob)
    assert say(chat, ada).created
    with pytest.raises(Unchanged):
        lock(by(mira), chat.id)

    assert unlock(by(mira), chat.id).undoes == locked.pk
    assert say(chat, bob).created


def test_in_a_slowed_chat_members_wait(chat: Chat, bob: User, mira: User, told: Told):
    entry = slow(by(mira), chat.id)

    assert system(told, chat)[0]["system"] == {"type": "slow_mode_changed", "slow_mode_s": 30}
    assert entry.details == {"facts": {"slow_mode_s": 30}}
    say(chat, bob)
    with pytest.raises(SlowMode):
        say(chat, bob)

    moderation.slow_chat(by=by(mira), chat_id=chat.id, seconds=0)
    assert say(chat, bob).created


@every_deed
def test_who_may_not_changes_no_chat_and_nobody_hears_of_it(
    chat: Chat, ada: User, mira: User, told: Told, before: Deed | None, deed: Deed
):
    if before:
        before(by(mira), chat.id)
    told.items.clear()

    refused(told, lambda who: deed(who, chat.id), member=ada)  # not even its owner


@pytest.mark.parametrize("deed", [lock, slow], ids=lambda deed: deed.__name__)
def test_a_direct_chat_has_no_rules(ada: User, bob: User, mira: User, deed: Deed):
    chat = services.create_chat(creator_id=ada.id, kind="direct", members=[bob.id])

    with pytest.raises(NotAllowed):
        deed(by(mira), chat.id)

    close(by(mira), chat.id)
    assert kinds(ada) == kinds(bob) == ["chat_closed"]


@pytest.mark.parametrize("seconds", [-1, 21601])
def test_what_is_no_pace_is_refused(chat: Chat, mira: User, told: Told, seconds: int):
    with pytest.raises(InvalidChat):
        moderation.slow_chat(by=by(mira), chat_id=chat.id, seconds=seconds)

    assert told.items == []


@every_deed
def test_a_chat_that_is_not_there(mira: User, before: Deed | None, deed: Deed):
    with pytest.raises(ChatNotFound):
        deed(by(mira), uuid4())


def test_nobody_else_is_taken_for_the_staff(transactional_db: None):
    first = staff_account()

    assert staff_account().id == first.id
    with pytest.raises(InvalidName):  # no name of a person's
        create_member(username=str(first.username), password=None)
