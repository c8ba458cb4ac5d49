"""Staff keeps somebody from writing for a time: in a chat, or everywhere."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from abdre.db import close_connections
from abdre.errors import Invalid
from abdre.events import chat_group, user_group
from abdre.wire import utc
from chat_svc import selectors, services
from chat_svc.errors import CannotUndo, ChatNotFound, MemberNotFound, NotAllowed, Silenced, TargetProtected
from chat_svc.models import Chat, Membership, Message, ModerationEntry, ScheduledMessage
from chat_svc.services import moderation
from chat_svc.tests.conftest import Api, Told, batch, post, say
from chat_svc.tests.moderators import by, moderator, refused
from user_svc.selectors import notices_of
from user_svc.services import create_bot
from user_svc.services import silence as silence_everywhere

if TYPE_CHECKING:
    from user_svc.models import User

HOUR = timedelta(hours=1)
SCOPES = pytest.mark.parametrize("is_everywhere", [False, True], ids=["in the chat", "everywhere"])


@pytest.fixture
def mira(transactional_db: None) -> User:
    return moderator()


def silence(mira: User, user: User, chat: Chat | None, lasts: timedelta = HOUR) -> None:
    moderation.silence(by=by(mira), user_id=user.id, chat_id=chat.id if chat else None, lasts=lasts)


@SCOPES
def test_who_is_silenced_writes_nothing_and_nobody_hears_of_it(
    chat: Chat, ada: User, bob: User, mira: User, told: Told, is_everywhere: bool
):
    silence(mira, bob, None if is_everywhere else chat)
    told.items.clear()

    with pytest.raises(Silenced) as refusal:
        say(chat, bob)
    outcomes = batch([post(chat, bob), post(chat, ada), post(chat, bob)])

    assert refusal.value.until
    assert HOUR - timedelta(minutes=1) < refusal.value.until - timezone.now() <= HOUR
    assert [type(outcome) for outcome in outcomes] == [Silenced, services.Sent, Silenced]
    assert [event["message"]["sender"]["id"] for event in told.to(chat_group(chat.id))] == [str(ada.id)]


def test_in_other_chats_they_write_unless_it_is_everywhere(chat: Chat, other: Chat, bob: User, mira: User):
    silence(mira, bob, chat)
    assert say(other, bob).created

    silence(mira, bob, None)
    with pytest.raises(Silenced):
        say(other, bob)


def test_a_program_is_told_until_when(chat: Chat, bob: User, mira: User):
    silence(mira, bob, chat)
    until = selectors.chat_detail(chat_id=chat.id, user_id=bob.id)["silenced_until"]

    answer = Api(bob)("POST", f"/api/chats/{chat.id}/messages", {"client_id": str(uuid4()), "body": "hi"})

    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["until"]) == (403, "silenced", until)
    assert until is not None
    assert until[:10] in error["message"]


def _edit(chat: Chat, user: User) -> object:
    return services.edit_message(chat_id=chat.id, actor_id=user.id, seq=1, body="more")


def _react(chat: Chat, user: User) -> object:
    return services.react(chat_id=chat.id, actor_id=user.id, seq=1, emoji="👍", on=True)


def _pin(chat: Chat, user: User) -> object:
    return services.pin(chat_id=chat.id, actor_id=user.id, seq=1, on=True)


def _rename(chat: Chat, user: User) -> object:
    return services.change_chat(chat_id=chat.id, actor_id=user.id, facts={"title": "more"})


def _take_picture_off(chat: Chat, user: User) -> object:
    Chat.objects.filter(id=chat.id).update(picture="0" * 64)
    return services.remove_chat_picture(chat_id=chat.id, actor_id=user.id)


def _schedule(chat: Chat, user: User) -> object:
    at = timezone.now() + HOUR
    return services.schedule_message(chat_id=chat.id, sender_id=user.id, client_id=uuid4(), body="more", send_at=at)


def _forward(chat: Chat, user: User) -> object:
    return services.forward_message(chat_id=chat.id, seq=1, user_id=user.id, to=chat.id, client_id=uuid4())


WAYS = [_edit, _react, _pin, _rename, _take_picture_off, _schedule, _forward]


@SCOPES
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_nor_is_anything_said_in_another_way(
    chat: Chat, bob: User, ada: User, mira: User, told: Told, way: Callable[[Chat, User], object], is_everywhere: bool
):
    services.change_role(chat_id=chat.id, actor_id=ada.id, user_id=bob.id, role="admin")
    say(chat, bob)
    silence(mira, bob, None if is_everywhere else chat)
    told.items.clear()

    with pytest.raises(Silenced):
        way(chat, bob)
    assert told.items == []

    moderation.unsilence(by=by(mira), user_id=bob.id, chat_id=None if is_everywhere else chat.id)
    assert way(chat, bob)


def test_who_is_silenced_everywhere_begins_no_chat_with_a_title_of_theirs(bob: User, ada: User, mira: User):
    silence(mira, bob, None)

    with pytest.raises(Silenced):
        services.create_chat(creator_id=bob.id, kind="group", title="Buy tea", members=[ada.id])


def test_they_take_back_what_they_said_and_leave(chat: Chat, bob: User, mira: User):
    say(chat, bob)
    services.react(chat_id=chat.id, actor_id=bob.id, seq=1, emoji="👍", on=True)
    silence(mira, bob, chat)

    services.react(chat_id=chat.id, actor_id=bob.id, seq=1, emoji="👍", on=False)
    services.delete_message(chat_id=chat.id, actor_id=bob.id, seq=1)
    services.leave_chat(chat_id=chat.id, user_id=bob.id)


def test_what_was_to_be_sent_later_is_refused_and_its_author_hears_why(chat: Chat, bob: User, mira: User):
    _schedule(chat, bob)
    silence(mira, bob, chat, timedelta(days=1))
    ScheduledMessage.objects.update(send_at=timezone.now())

    services.send_scheduled_messages()

    assert ScheduledMessage.objects.get().problem == "silenced"
    assert not Message.objects.exists()


@SCOPES
def test_it_ends_by_itself(chat: Chat, bob: User, mira: User, is_everywhere: bool):
    silence(mira, bob, None if is_everywhere else chat)
    over = timezone.now() - timedelta(seconds=1)
    Membership.objects.filter(user=bob).update(silenced_until=None if is_everywhere else over)
    silence_everywhere(user_id=bob.id, until=over if is_everywhere else None)

    assert say(chat, bob).created
    assert selectors.chat_detail(chat_id=chat.id, user_id=bob.id)["silenced_until"] is None


def test_the_later_end_counts(chat: Chat, bob: User, mira: User):
    silence(mira, bob, chat, HOUR)
    silence(mira, bob, None, 2 * HOUR)

    [item] = selectors.chat_list(user_id=bob.id)["items"]
    assert item["silenced_until"] == utc(_end_everywhere(bob))

    moderation.unsilence(by=by(mira), user_id=bob.id)
    with pytest.raises(Silenced):
        say(chat, bob)


def _end_everywhere(user: User):
    user.refresh_from_db()
    return user.silenced_until


@SCOPES
def test_the_person_alone_is_told_and_it_is_noted(chat: Chat, bob: User, mira: User, told: Told, is_everywhere: bool):
    place = None if is_everywhere else chat.id
    entry = moderation.silence(by=by(mira), user_id=bob.id, chat_id=place, lasts=HOUR)
    end = moderation.unsilence(by=by(mira, "enough"), user_id=bob.id, chat_id=place)

    until = entry.details["until"]
    named = {"type": "silence.changed", "chat": None if is_everywhere else str(chat.id)}
    mine = user_group(bob.id)
    assert {group for group, _item in told.items} == {mine}
    heard = [item for item in told.to(mine) if item["type"] == "silence.changed"]
    assert heard == [{**named, "until": until}, {**named, "until": None}]
    assert [(one.deed, one.person_id, one.chat_id) for one in (entry, end)] == [
        ("person.silenced", bob.id, place),
        ("person.unsilenced", bob.id, place),
    ]
    shown = [(one.kind, one.reason, one.until and utc(one.until)) for one in notices_of(bob.id)]
    assert shown == [("unsilenced", "enough", None), ("silenced", "rude", until)]
    with pytest.raises(CannotUndo):
        moderation.unsilence(by=by(mira), user_id=bob.id, chat_id=place)


@SCOPES
def test_of_two_who_end_it_at_once_one_has_done_it(chat: Chat, bob: User, mira: User, is_everywhere: bool):
    place = None if is_everywhere else chat.id
    silence(mira, bob, None if is_everywhere else chat)
    together = Barrier(2)

    def end(by_whom: User) -> bool:
        together.wait(timeout=10)
        try:
            moderation.unsilence(by=by(by_whom), user_id=bob.id, chat_id=place)
        except CannotUndo:
            return False
        finally:
            close_connections()
        return True

    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(end, (mira, moderator("nurlan"))))

    assert sorted(done) == [False, True]
    assert ModerationEntry.objects.filter(deed="person.unsilenced").count() == 1


@SCOPES
@pytest.mark.parametrize("deed", ["silence", "unsilence"])
def test_who_may_not_silences_nobody(
    chat: Chat, ada: User, bob: User, mira: User, told: Told, deed: str, is_everywhere: bool
):
    place = None if is_everywhere else chat.id
    if deed == "unsilence":
        silence(mira, bob, None if is_everywhere else chat)
        refused(told, lambda who: moderation.unsilence(by=who, user_id=bob.id, chat_id=place), member=ada)
    else:
        refused(told, lambda who: moderation.silence(by=who, user_id=bob.id, chat_id=place, lasts=HOUR), member=ada)

    assert (selectors.chat_detail(chat_id=chat.id, user_id=bob.id)["silenced_until"] is None) == (deed == "silence")


def test_whom_nobody_silences(chat: Chat, ada: User, bob: User, eve: User, mira: User, told: Told):
    hook = services.create_incoming_hook(chat_id=chat.id, actor_id=ada.id, name="CI")
    bot = Membership.objects.get(chat=chat, user__is_bot=True).user
    told.items.clear()
    bad: list[tuple[type[Exception], UUID, UUID | None, timedelta]] = [
        (TargetProtected, mira.id, None, HOUR),
        (TargetProtected, moderator("other").id, chat.id, HOUR),
        (MemberNotFound, eve.id, chat.id, HOUR),
        (ChatNotFound, bob.id, uuid4(), HOUR),
        (NotAllowed, bot.id, None, HOUR),
        (Invalid, bob.id, None, timedelta(0)),
        (Invalid, bob.id, None, timedelta(days=366)),
    ]

    for problem, user_id, chat_id, lasts in bad:
        with pytest.raises(problem):
            moderation.silence(by=by(mira), user_id=user_id, chat_id=chat_id, lasts=lasts)

    assert told.items == []
    assert services.post_by_hook(token=hook.secret, text="built", address="10.0.0.0/24").created


@SCOPES
@pytest.mark.parametrize("is_before", [True, False], ids=["before", "after"])
def test_nor_does_their_bot_whenever_it_came(
    chat: Chat, ada: User, bob: User, mira: User, is_everywhere: bool, is_before: bool
):
    place = None if is_everywhere else chat
    if not is_before:
        silence(mira, bob, place)
    bot = create_bot(owner_id=bob.id, username="helper", display_name="Helper")
    services.add_member(chat_id=chat.id, actor_id=ada.id, user_id=bot.id)
    if is_before:
        silence(mira, bob, place)

    with pytest.raises(Silenced):
        say(chat, bot)
    outcomes = batch([post(chat, bot), post(chat, ada)])
    assert [type(outcome) for outcome in outcomes] == [Silenced, services.Sent]

    moderation.unsilence(by=by(mira), user_id=bob.id, chat_id=place.id if place else None)
    assert say(chat, bot).created


def _make(chat: Chat, user: User, hook_id: UUID) -> object:
    return services.create_incoming_hook(chat_id=chat.id, actor_id=user.id, name="more")


def _make_outgoing(chat: Chat, user: User, hook_id: UUID) -> object:
    return services.create_outgoing_hook(chat_id=chat.id, actor_id=user.id, name="more", url="https://example.org/")


def _renew(chat: Chat, user: User, hook_id: UUID) -> object:
    return services.renew_hook_token(chat_id=chat.id, actor_id=user.id, hook_id=hook_id)


@SCOPES
@pytest.mark.parametrize("way", [_make, _make_outgoing, _renew], ids=lambda way: way.__name__)
def test_nor_do_they_make_a_webhook_or_renew_one_to_speak_by_it(
    chat: Chat, bob: User, ada: User, mira: User, told: Told, way: Callable[..., object], is_everywhere: bool
):
    services.change_role(chat_id=chat.id, actor_id=ada.id, user_id=bob.id, role="admin")
    hook = services.create_incoming_hook(chat_id=chat.id, actor_id=bob.id, name="CI")
    silence(mira, bob, None if is_everywhere else chat)
    told.items.clear()

    with pytest.raises(Silenced):
        way(chat, bob, hook.hook_id)

    assert told.items == []
    assert services.post_by_hook(token=hook.secret, text="built", address="10.0.0.0/24").created
    services.delete_hook(chat_id=chat.id, actor_id=bob.id, hook_id=hook.hook_id)


@SCOPES
@pytest.mark.parametrize("was_in", [False, True])
def test_a_guest_does_not_get_out_of_it_by_an_account(
    chat: Chat, ada: User, eve: User, guest: User, mira: User, is_everywhere: bool, was_in: bool
):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    if was_in:
        services.enrol(chat_id=chat.id, user_id=eve.id)
    silence(mira, guest, None if is_everywhere else chat)

    services.merge_memberships(from_user=guest.id, to_user=eve.id)

    with pytest.raises(Silenced):
        say(chat, eve)
