"""Staff takes somebody out of a chat, bars them from it, and lets them in again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest

from abdre.events import chat_group, user_group
from chat_svc import selectors, services
from chat_svc.errors import Banned, ChatNotFound, MemberNotFound, NotAllowed, NotAMember, TargetProtected, Unchanged
from chat_svc.models import Chat, Membership, ModerationEntry, Role, State
from chat_svc.services import moderation
from chat_svc.services.moderation import Staff
from chat_svc.tests.conftest import Told, say
from chat_svc.tests.moderators import by, moderator, refused
from user_svc.selectors import notices_of

if TYPE_CHECKING:
    from user_svc.models import User

Deed = Callable[[Staff, UUID, UUID], ModerationEntry]


def remove(by: Staff, chat_id: UUID, user_id: UUID) -> ModerationEntry:
    return moderation.remove_member(by=by, chat_id=chat_id, user_id=user_id)


def ban(by: Staff, chat_id: UUID, user_id: UUID) -> ModerationEntry:
    return moderation.ban_from_chat(by=by, chat_id=chat_id, user_id=user_id)


def unban(by: Staff, chat_id: UUID, user_id: UUID) -> ModerationEntry:
    return moderation.unban_from_chat(by=by, chat_id=chat_id, user_id=user_id)


DEEDS = [remove, ban, unban]
every_deed = pytest.mark.parametrize("deed", DEEDS, ids=lambda deed: deed.__name__)
PUT_OUT = [(remove, State.REMOVED), (ban, State.BANNED)]


@pytest.fixture
def mira(transactional_db: None) -> User:
    """A moderator, who is not in the chat."""
    return moderator()


def state_of(chat: Chat, user: User) -> str:
    return Membership.objects.get(chat=chat, user=user).state


@pytest.mark.parametrize(("deed", "state"), PUT_OUT, ids=lambda one: getattr(one, "__name__", str(one)))
def test_somebody_is_put_out_and_nobody_reads_by_whom(
    chat: Chat, ada: User, bob: User, mira: User, told: Told, deed: Deed, state: str
):
    entry = deed(by(mira), chat.id, bob.id)

    [event] = told.to(chat_group(chat.id))
    assert (event["membership"]["state"], event["entry"]["kind"]) == (state, state)
    assert event["entry"]["by"]["speaks_for_staff"] is True
    assert {"type": "chat.removed", "chat": str(chat.id), "reason": state} in told.to(user_group(bob.id))
    assert str(mira.id) not in str(told.items)
    log = selectors.membership_log(chat_id=chat.id, user_id=ada.id)["items"]
    assert log[-1]["by"] == event["entry"]["by"]
    assert (entry.person_id, entry.chat_id) == (bob.id, chat.id)
    assert [(one.kind, one.reason) for one in notices_of(bob.id)] == [(entry.deed.removeprefix("person."), "rude")]
    with pytest.raises(NotAMember):
        say(chat, bob)


def test_who_was_banned_comes_in_again_when_the_ban_is_lifted(chat: Chat, bob: User, mira: User):
    banned = ban(by(mira), chat.id, bob.id)
    with pytest.raises(Banned):
        services.enrol(chat_id=chat.id, user_id=bob.id)
    with pytest.raises(Unchanged):
        ban(by(mira), chat.id, bob.id)

    entry = unban(by(mira), chat.id, bob.id)

    assert entry.undoes == banned.pk
    assert services.enrol(chat_id=chat.id, user_id=bob.id)[1]
    assert [one.kind for one in notices_of(bob.id)] == ["unbanned_from_chat", "banned_from_chat"]


def test_who_has_left_is_banned_too_and_the_others_read_nothing_of_it(chat: Chat, bob: User, mira: User, told: Told):
    services.leave_chat(chat_id=chat.id, user_id=bob.id)
    told.items.clear()

    ban(by(mira), chat.id, bob.id)

    assert [event["entry"] for event in told.to(chat_group(chat.id))] == [None]
    assert state_of(chat, bob) == State.BANNED


def test_a_chat_that_loses_its_owner_goes_to_somebody_else(chat: Chat, ada: User, bob: User, mira: User):
    remove(by(mira), chat.id, ada.id)

    assert Membership.objects.get(chat=chat, user=bob).role == Role.OWNER
    chat.refresh_from_db()
    assert chat.closed_at is None


def test_and_closes_where_nobody_is_left_to_have_it(chat: Chat, ada: User, bob: User, guest: User, mira: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    remove(by(mira), chat.id, bob.id)

    ban(by(mira), chat.id, ada.id)

    chat.refresh_from_db()
    assert chat.closed_at is not None


@every_deed
def test_nobody_is_put_out_of_a_direct_chat(ada: User, bob: User, mira: User, deed: Deed):
    chat = services.create_chat(creator_id=ada.id, kind="direct", members=[bob.id])

    with pytest.raises(NotAllowed):
        deed(by(mira), chat.id, bob.id)


@every_deed
def test_who_may_not_puts_nobody_out_and_nobody_hears_of_it(
    chat: Chat, ada: User, bob: User, mira: User, told: Told, deed: Deed
):
    if deed is unban:
        ban(by(mira), chat.id, bob.id)
    before = state_of(chat, bob)
    told.items.clear()

    refused(told, lambda who: deed(who, chat.id, bob.id), member=ada)  # its owner does so in another way

    assert state_of(chat, bob) == before


@every_deed
def test_whom_nobody_puts_out(chat: Chat, ada: User, eve: User, mira: User, told: Told, deed: Deed):
    other = moderator("other")
    services.add_member(chat_id=chat.id, actor_id=ada.id, user_id=other.id)
    told.items.clear()

    for problem, chat_id, user_id in [
        (TargetProtected, chat.id, other.id),
        (TargetProtected, chat.id, mira.id),
        (MemberNotFound, chat.id, eve.id),
        (ChatNotFound, uuid4(), eve.id),
    ]:
        with pytest.raises(problem):
            deed(by(mira), chat_id, user_id)

    assert told.items == []
