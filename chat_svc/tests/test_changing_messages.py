"""Messages are edited, deleted, read; every change is a version that catches people up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from abdre.events import chat_group
from chat_svc import selectors, services
from chat_svc.errors import ChatNotFound, InvalidMessage, MessageDeleted, MessageNotFound, NotAMember, NotYourMessage
from chat_svc.models import Chat, Membership, Message, in_one_era
from chat_svc.services.eras import EPOCH
from chat_svc.tests.conftest import Told, say

if TYPE_CHECKING:
    from user_svc.models import User


def edit(chat: Chat, user: User, seq: int = 1, body: str = "changed"):
    return services.edit_message(chat_id=chat.id, actor_id=user.id, seq=seq, body=body)


def delete(chat: Chat, user: User, seq: int = 1):
    return services.delete_message(chat_id=chat.id, actor_id=user.id, seq=seq)


@pytest.fixture
def said(chat: Chat, bob: User, told: Told) -> dict:
    message = say(chat, bob, "first words").message
    told.items.clear()
    return dict(message)


def test_the_author_edits_and_all_are_told(chat: Chat, bob: User, said: dict, told: Told):
    changed = edit(chat, bob)

    assert (changed["body"], changed["seq"], changed["version"]) == ("changed", 1, said["version"] + 1)
    assert changed["edited_at"] is not None
    assert told.to(chat_group(chat.id)) == [
        {"type": "message.changed", "chat": str(chat.id), "version": changed["version"], "message": changed}
    ]


def test_nobody_else_edits_and_nobody_is_told(chat: Chat, ada: User, eve: User, said: dict, told: Told):
    with pytest.raises(NotYourMessage):
        edit(chat, ada)
    with pytest.raises(ChatNotFound):
        edit(chat, eve)

    assert told.items == []
    assert Message.objects.get(chat=chat, seq=1).body == "first words"


def test_a_deleted_message_keeps_its_seq_and_loses_its_body(chat: Chat, bob: User, said: dict, told: Told):
    deleted = delete(chat, bob)

    assert (deleted["seq"], deleted["body"]) == (1, "")
    assert Message.objects.get(chat=chat, seq=1).body == ""
    assert told.types_to(chat_group(chat.id)) == ["message.changed"]


def test_deleting_twice_is_told_once_and_editing_afterwards_is_refused(chat: Chat, bob: User, said: dict, told: Told):
    first, second = delete(chat, bob), delete(chat, bob)

    assert first == second
    assert told.types_to(chat_group(chat.id)) == ["message.changed"]
    with pytest.raises(MessageDeleted):
        edit(chat, bob)


def test_the_owner_deletes_for_everyone_and_a_member_does_not(chat: Chat, ada: User, bob: User, eve: User, told: Told):
    say(chat, ada, "ada's")
    say(chat, bob, "bob's")

    assert delete(chat, ada, seq=2)["body"] == ""
    with pytest.raises(NotYourMessage):
        delete(chat, bob, seq=1)
    with pytest.raises(ChatNotFound):
        delete(chat, eve, seq=1)


def test_an_unknown_message_is_said_to_be_unknown(chat: Chat, bob: User):
    with pytest.raises(MessageNotFound):
        edit(chat, bob, seq=7)


def test_an_edit_is_checked_like_a_message(chat: Chat, bob: User, said: dict):
    with pytest.raises(InvalidMessage):
        edit(chat, bob, body=" ")


def test_marks_move_forward_only_and_never_past_the_end(chat: Chat, ada: User, said: dict, told: Told):
    for seq in (1, 0, 99):
        services.mark_read(chat_id=chat.id, user_id=ada.id, seq=seq)

    assert Membership.objects.get(chat=chat, user=ada).read_seq == 1
    assert told.to(chat_group(chat.id)) == [
        {"type": "receipt.read", "chat": str(chat.id), "user": str(ada.id), "seq": 1}
    ]


def test_a_stranger_neither_reads_nor_types_and_nobody_is_told(chat: Chat, eve: User, said: dict, told: Told):
    with pytest.raises(NotAMember):
        services.mark_read(chat_id=chat.id, user_id=eve.id, seq=1)
    with pytest.raises(NotAMember):
        services.start_typing(chat_id=chat.id, user_id=eve.id)

    assert told.items == []


def test_history_goes_in_both_directions_by_seq(chat: Chat, ada: User, bob: User):
    for number in range(1, 8):
        say(chat, bob, str(number))

    def page(**options):
        found = selectors.messages(chat_id=chat.id, user_id=ada.id, limit=3, **options)
        return [message["seq"] for message in found["items"]], found["has_more"]

    assert page() == ([5, 6, 7], True)
    assert page(before=5) == ([2, 3, 4], True)
    assert page(before=2) == ([1], False)
    assert page(after=3) == ([4, 5, 6], True)
    assert page(after=6) == ([7], False)


def test_history_costs_three_queries_at_any_depth(chat: Chat, ada: User, bob: User, django_assert_num_queries):
    for number in range(6):
        say(chat, bob, str(number))

    with django_assert_num_queries(3):
        selectors.messages(chat_id=chat.id, user_id=ada.id, before=4, limit=2)


def test_changes_bring_rows_in_their_present_state_in_version_order(chat: Chat, ada: User, bob: User, guest: User):
    since = Chat.objects.get(id=chat.id).version
    say(chat, bob, "one")
    say(chat, bob, "two")
    edit(chat, bob, seq=1, body="one, changed")
    services.enrol(chat_id=chat.id, user_id=guest.id)
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"title": "Renamed"})

    found = selectors.changes(chat_id=chat.id, user_id=ada.id, since=since)

    assert [event["type"] for event in found.items] == [
        "message.created",
        "message.changed",
        "membership.changed",
        "chat.changed",
        "message.created",  # that it was renamed
    ]
    assert [event["version"] for event in found.items] == sorted(event["version"] for event in found.items)
    assert found.version == Chat.objects.get(id=chat.id).version


def test_changes_cut_by_the_limit_name_the_version_to_go_on_from(chat: Chat, ada: User, bob: User):
    since = Chat.objects.get(id=chat.id).version
    for number in range(5):
        say(chat, bob, str(number))

    first = selectors.changes(chat_id=chat.id, user_id=ada.id, since=since, limit=3)
    rest = selectors.changes(chat_id=chat.id, user_id=ada.id, since=first.version, limit=3)

    assert (first.is_cut, rest.is_cut) == (True, False)
    assert [event["message"]["body"] for event in first.items + rest.items] == ["0", "1", "2", "3", "4"]


def test_a_cursor_from_the_future_is_told_to_begin_anew(chat: Chat, ada: User):
    assert selectors.changes(chat_id=chat.id, user_id=ada.id, since=10_000).reset


def test_after_a_restored_backup_no_cursor_of_before_misses_what_comes(chat: Chat, ada: User, bob: User):
    """One of the lost time is no longer ahead as soon as enough was said again."""
    head = Chat.objects.get(id=chat.id).version
    services.begin_new_era()
    for number in range(5):
        say(chat, bob, str(number))

    for before in (0, head, head + 3):
        [resumed] = selectors.resume([selectors.Cursors(ada.id, {chat.id: before})])

        assert (resumed.items, resumed.resets) == ([], [chat.id])
        assert selectors.changes(chat_id=chat.id, user_id=ada.id, since=before).reset
    [whole] = selectors.resume([selectors.Cursors(ada.id, {chat.id: resumed.heads[chat.id] - 1})])
    assert [event["message"]["body"] for event in whole.items] == ["4"]


def test_a_backup_that_is_restored_twice_begins_another_era_each_time(
    chat: Chat, ada: User, bob: User, monkeypatch: pytest.MonkeyPatch
):
    in_the_backup, restored_at = Chat.objects.get(id=chat.id).version, timezone.now()
    services.begin_new_era()
    for number in range(3):
        say(chat, bob, str(number))
    cursor = Chat.objects.get(id=chat.id).version

    Message.objects.all().delete()
    Chat.objects.update(version=in_the_backup)
    monkeypatch.setattr(timezone, "now", lambda: restored_at + timedelta(minutes=1))
    services.begin_new_era()
    for number in range(5):
        say(chat, bob, str(number))

    assert selectors.changes(chat_id=chat.id, user_id=ada.id, since=cursor).reset


def test_an_era_is_never_one_of_before_whatever_the_clock_says(chat: Chat, monkeypatch: pytest.MonkeyPatch):
    services.begin_new_era()
    before = Chat.objects.get(id=chat.id).version
    monkeypatch.setattr(timezone, "now", lambda: EPOCH)

    services.begin_new_era()

    assert not in_one_era(Chat.objects.get(id=chat.id).version, before)
    assert Chat.objects.get(id=chat.id).version > before
    assert Chat.objects.get(id=chat.id).version < 2**53  # which JavaScript's numbers hold
