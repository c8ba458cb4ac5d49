"""Whoever comes back is given all that is newer than their cursors, or told to begin anew, in one statement."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat_svc import selectors, services
from chat_svc.models import Chat, Membership, Message
from chat_svc.selectors import Cursors, Resumed
from chat_svc.tests.conftest import say

if TYPE_CHECKING:
    from user_svc.models import User

NOWHERE = UUID(int=1)


def resumed(user: User, cursors: dict[UUID, int]) -> Resumed:
    return selectors.resume([Cursors(user.id, cursors)])[0]


def bodies(items: list[Any]) -> list[str]:
    return [item["message"]["body"] for item in items if "message" in item]


def versions(items: list[Any]) -> list[int]:
    return [item["version"] for item in items]


@pytest.fixture
def quick_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("chat_svc.selectors.resuming"), "CHAT_LIMIT", 3)
    monkeypatch.setattr(import_module("chat_svc.selectors.resuming"), "CALL_LIMIT", 5)


def test_everything_that_changed_comes_in_its_present_state_and_in_order(chat: Chat, ada: User, bob: User, guest: User):
    say(chat, ada, "as it was")
    since = selectors.heads_of(bob.id)[chat.id]
    say(chat, bob, "said", reply_to=1)
    services.edit_message(chat_id=chat.id, actor_id=ada.id, seq=1, body="edited")
    say(chat, ada, "gone")
    services.delete_message(chat_id=chat.id, actor_id=ada.id, seq=3)
    services.enrol(chat_id=chat.id, user_id=guest.id)
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"title": "Coffee"})

    found = resumed(bob, {chat.id: since})

    assert [item["type"] for item in found.items] == [
        "message.created",
        "message.changed",
        "message.changed",
        "membership.changed",
        "chat.changed",
        "message.created",  # that it was renamed
    ]
    assert found.items == selectors.changes(chat_id=chat.id, user_id=bob.id, since=since).items
    assert (found.heads, found.resets) == (selectors.heads_of(bob.id), [])


def test_from_the_beginning_it_is_the_whole_chat(chat: Chat, ada: User, bob: User):
    say(chat, ada)

    found = resumed(bob, {chat.id: 0})

    assert found.items == selectors.changes(chat_id=chat.id, user_id=bob.id, since=0).items
    assert versions(found.items) == [1, 2, 3, 4]


def test_nothing_new_is_nothing_but_the_heads(chat: Chat, ada: User):
    assert resumed(ada, selectors.heads_of(ada.id)) == Resumed(heads=selectors.heads_of(ada.id))
    assert selectors.resume([Cursors(ada.id, {})]) == [Resumed()]
    assert selectors.resume([]) == []


def test_a_foreign_chat_is_told_of_like_one_that_never_was(chat: Chat, ada: User, eve: User):
    say(chat, ada, "secret")

    found = resumed(eve, {chat.id: 0, NOWHERE: 0})

    assert found == Resumed(gone=[chat.id, NOWHERE])


def test_who_asks_beside_a_member_learns_no_more_than_alone(chat: Chat, ada: User, bob: User, eve: User):
    say(chat, ada, "secret")
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=bob.id)

    hers, his, strangers = selectors.resume([Cursors(user.id, {chat.id: 0}) for user in (ada, bob, eve)])

    assert bodies(hers.items) == ["secret"]
    assert his == strangers == Resumed(gone=[chat.id])


def test_a_chat_that_is_over_by_time_is_removed(ada: User):
    brief = services.create_chat(creator_id=ada.id, kind="temporary", ttl_s=3600)
    Chat.objects.filter(id=brief.id).update(expires_at=timezone.now())

    assert resumed(ada, {brief.id: 0}) == Resumed(gone=[brief.id])


def test_a_cursor_from_the_future_is_a_reset(chat: Chat, ada: User):
    found = resumed(ada, {chat.id: 2**53})

    assert (found.items, found.resets, found.heads) == ([], [chat.id], selectors.heads_of(ada.id))


def test_a_chat_beyond_its_bound_is_reset_and_the_others_come(chat: Chat, ada: User, bob: User, quick_limits: None):
    other = services.create_chat(creator_id=ada.id, kind="group", members=[bob.id])
    cursors = selectors.heads_of(ada.id)
    for number in range(4):
        say(chat, bob, str(number))
    for number in range(3):
        say(other, bob, f"hello {number}")

    found = resumed(ada, cursors)

    assert found.resets == [chat.id]
    assert bodies(found.items) == ["hello 0", "hello 1", "hello 2"]
    assert found.heads == selectors.heads_of(ada.id)


def test_many_changes_of_few_messages_are_few_news(chat: Chat, ada: User, quick_limits: None):
    say(chat, ada)
    since = selectors.heads_of(ada.id)[chat.id]
    for number in range(10):
        services.edit_message(chat_id=chat.id, actor_id=ada.id, seq=1, body=f"edit {number}")

    found = resumed(ada, {chat.id: since})

    assert (bodies(found.items), found.resets) == (["edit 9"], [])


def test_a_call_beyond_its_bound_resets_what_it_cannot_hold(ada: User, chat: Chat, quick_limits: None):
    rooms = [services.create_chat(creator_id=ada.id, kind="group") for _ in range(4)]
    cursors = {room.id: selectors.heads_of(ada.id)[room.id] for room in rooms}
    for room in rooms:
        say(room, ada, "one")
        say(room, ada, "two")

    found = resumed(ada, cursors)

    assert bodies(found.items) == ["one", "two"] * 2
    assert found.resets == [room.id for room in rooms[2:]]


def test_two_who_stopped_at_the_same_version_are_given_the_same_events(chat: Chat, ada: User, bob: User):
    since = selectors.heads_of(ada.id)[chat.id]
    say(chat, ada)

    hers, his = selectors.resume([Cursors(ada.id, {chat.id: since}), Cursors(bob.id, {chat.id: since})])

    assert hers.items[0] is his.items[0]


def test_the_hub_asks_without_a_reader(chat: Chat, ada: User):
    say(chat, ada, "salem")

    found, missing = selectors.resume([Cursors(None, {chat.id: 3}), Cursors(None, {NOWHERE: 0})])

    assert (bodies(found.items), found.heads) == (["salem"], {chat.id: 4})
    assert missing.heads == {}


def many_chats(user: User, count: int, messages: int) -> dict[UUID, int]:
    """Chats as rows, quickly; each with `messages` of the person's. Answers their heads."""
    now, head = timezone.now(), messages + 1
    chats = [
        Chat(id=uuid4(), kind="group", created_by_id=user.id, last_seq=messages, version=head) for _ in range(count)
    ]
    Chat.objects.bulk_create(chats)
    Membership.objects.bulk_create(Membership(chat=chat, user_id=user.id, role="owner", version=1) for chat in chats)
    Message.objects.bulk_create(
        Message(
            chat_id=chat.id,
            seq=seq,
            version=seq + 1,
            sender_id=user.id,
            client_id=uuid4(),
            body="salem",
            created_at=now,
        )
        for chat in chats
        for seq in range(1, messages + 1)
    )
    return {chat.id: head for chat in chats}


@pytest.mark.parametrize(("chats", "moved"), [(1, 1), (50, 5), (500, 50)])
def test_one_statement_however_many_chats_there_are(ada: User, chats: int, moved: int, django_assert_num_queries):
    heads = many_chats(ada, chats, messages=2)
    cursors = {chat_id: head - (2 if place < moved else 0) for place, (chat_id, head) in enumerate(heads.items())}

    with django_assert_num_queries(1):
        found = resumed(ada, cursors)

    assert len(found.items) == 2 * moved
    assert found.heads == heads


def test_one_statement_however_many_people_ask(chat: Chat, ada: User, bob: User, django_assert_num_queries):
    say(chat, ada)

    with django_assert_num_queries(1):
        selectors.resume([Cursors(user.id, {chat.id: since}) for user in (ada, bob) for since in range(4)])


@pytest.mark.postgres
def test_no_message_is_read_but_by_the_index(ada: User):
    heads = many_chats(ada, 500, messages=0)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO chat_svc_message (chat_id, seq, version, sender_id, client_id, kind, body, created_at)
            SELECT chat.id, seq, seq + 1, chat.created_by_id, gen_random_uuid(), 'text', 'salem', now()
            FROM chat_svc_chat chat, generate_series(1, 200) AS seq
            """
        )
        cursor.execute("UPDATE chat_svc_chat SET last_seq = 200, version = 201")
        cursor.execute("ANALYZE")
    heads = dict.fromkeys(heads, 201)
    behind = {chat_id: head - (place % 3) * 5 for place, (chat_id, head) in enumerate(heads.items())}
    far_behind = dict.fromkeys(list(heads)[:30], 1)

    for cursors in (behind, far_behind):
        with CaptureQueriesContext(connection) as queries:
            resumed(ada, cursors)
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + queries[0]["sql"].replace("%", "%%"), [])
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "Seq Scan on chat_svc_message" not in plan, plan
        assert "message_version_once" in plan, plan
