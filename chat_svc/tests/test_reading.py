"""Read marks of many people go to the database as one statement; nobody waits for them, strangers hear nothing."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from unittest.mock import Mock
from uuid import UUID

import pytest
from django.db import OperationalError, connection, transaction

from abdre.db import close_connections
from abdre.events import chat_group, user_group
from chat_svc import services
from chat_svc.models import Chat, Membership
from chat_svc.selectors import members
from chat_svc.services import reading
from chat_svc.tests.conftest import Told, member, say
from user_svc.services import change_privacy

if TYPE_CHECKING:
    from user_svc.models import User


@pytest.fixture
def said(chat: Chat, ada: User) -> None:
    for number in range(3):
        say(chat, ada, f"message {number}")


def mark_of(chat: Chat, user: User) -> int:
    return Membership.objects.get(chat=chat, user=user).read_seq


def receipts(told: Told, group: str) -> list[tuple[str, int]]:
    return [(item["user"], item["seq"]) for item in told.to(group) if item["type"] == "receipt.read"]


def test_many_marks_are_written_and_told(chat: Chat, ada: User, bob: User, said: None, told: Told):
    other = services.create_chat(creator_id=bob.id, kind="group", title="Coffee", members=[ada.id])
    say(other, bob)

    left = services.mark_read_all({(chat.id, bob.id): 2, (other.id, ada.id): 1, (other.id, bob.id): 0})

    assert left == {}
    assert (mark_of(chat, bob), mark_of(other, ada)) == (2, 1)
    assert receipts(told, chat_group(chat.id)) == [(str(bob.id), 2)]
    assert receipts(told, chat_group(other.id)) == [(str(ada.id), 1)]


def test_receipts_are_told_when_the_rows_are_free_again(
    chat: Chat, bob: User, said: None, transactional_db: None, monkeypatch: pytest.MonkeyPatch
):
    in_transaction = []
    monkeypatch.setattr(reading, "_tell_read", lambda *told: in_transaction.append(connection.in_atomic_block))

    services.mark_read_all({(chat.id, bob.id): 2})
    services.mark_read(chat_id=chat.id, user_id=bob.id, seq=3)

    assert in_transaction == [False, False]


def test_a_receipt_is_told_though_the_database_failed_at_first(
    chat: Chat, bob: User, said: None, told: Told, monkeypatch: pytest.MonkeyPatch
):
    failing = Mock(side_effect=[OperationalError("restarting"), {chat.id: 2}])
    monkeypatch.setattr(reading, "member_counts", failing)

    with pytest.raises(OperationalError):
        services.mark_read_all({(chat.id, bob.id): 2})
    services.mark_read_all({(chat.id, bob.id): 2})

    assert receipts(told, chat_group(chat.id)) == [(str(bob.id), 2)]


def test_a_mark_neither_goes_back_nor_past_the_end(chat: Chat, bob: User, said: None, told: Told):
    services.mark_read_all({(chat.id, bob.id): 99})
    services.mark_read_all({(chat.id, bob.id): 1})

    assert mark_of(chat, bob) == 3
    assert receipts(told, chat_group(chat.id)) == [(str(bob.id), 3)]


def test_a_strangers_mark_is_passed_over_and_nobody_is_told(chat: Chat, bob: User, eve: User, said: None, told: Told):
    left = services.mark_read_all({(chat.id, eve.id): 3, (chat.id, bob.id): 1})

    assert left == {}
    assert receipts(told, chat_group(chat.id)) == [(str(bob.id), 1)]
    assert not Membership.objects.filter(user=eve).exists()


def test_in_a_large_chat_only_ones_own_devices_are_told(
    chat: Chat, bob: User, said: None, told: Told, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(reading, "RECEIPTS_LIMIT", 1)

    services.mark_read_all({(chat.id, bob.id): 2})

    assert receipts(told, chat_group(chat.id)) == []
    assert receipts(told, user_group(bob.id)) == [(str(bob.id), 2)]


def hide_receipts(user: User) -> None:
    change_privacy(user_id=user.id, facts={"shows_receipts": False})


def test_who_hides_how_far_they_have_read_tells_their_own_devices_alone(
    chat: Chat, ada: User, bob: User, said: None, told: Told
):
    hide_receipts(bob)

    services.mark_read(chat_id=chat.id, user_id=bob.id, seq=1)
    services.mark_read_all({(chat.id, bob.id): 2})

    assert receipts(told, chat_group(chat.id)) == []
    assert receipts(told, user_group(bob.id)) == [(str(bob.id), 1), (str(bob.id), 2)]
    assert shown_marks(chat, ada) == {ada.id: 3, bob.id: 0}


def test_who_hides_their_own_marks_sees_none(chat: Chat, ada: User, bob: User, said: None):
    services.mark_read(chat_id=chat.id, user_id=bob.id, seq=2)
    assert shown_marks(chat, ada) == {ada.id: 3, bob.id: 2}

    hide_receipts(ada)

    assert shown_marks(chat, ada) == {ada.id: 3, bob.id: 0}


def shown_marks(chat: Chat, reader: User) -> dict[UUID, int]:
    rows = members(chat_id=chat.id, user_id=reader.id)
    return {UUID(row["user"]["id"]): row["read_seq"] for row in rows}


@pytest.mark.postgres
def test_the_statements_do_not_grow_with_the_people(chat: Chat, ada: User, said: None, django_assert_max_num_queries):
    crowd = [member(f"member{number}") for number in range(40)]
    for one in crowd:
        services.enrol(chat_id=chat.id, user_id=one.id)
    Membership.objects.filter(chat=chat).update(read_seq=0)

    with django_assert_max_num_queries(6):  # begin, hold, mark, count the chat's members, who hides theirs, commit
        services.mark_read_all({(chat.id, one.id): 2 for one in crowd})

    assert Membership.objects.filter(chat=chat, read_seq=2).count() == 40


@pytest.mark.postgres
def test_a_row_that_somebody_else_writes_is_left_for_later(chat: Chat, ada: User, bob: User, said: None):
    Membership.objects.filter(chat=chat).update(read_seq=0)
    with _held(chat, bob):
        left = services.mark_read_all({(chat.id, bob.id): 2, (chat.id, ada.id): 2})

    assert left == {(chat.id, bob.id): 2}
    assert (mark_of(chat, ada), mark_of(chat, bob)) == (2, 0)
    assert services.mark_read_all(left) == {}
    assert mark_of(chat, bob) == 2


class _held:
    """Another process holds the person's row, as the writer of messages does."""

    def __init__(self, chat: Chat, user: User) -> None:
        self.membership = Membership.objects.get(chat=chat, user=user)
        self.locked, self.done = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._hold)

    def _hold(self) -> None:
        with transaction.atomic():
            Membership.objects.select_for_update().get(id=self.membership.id)
            self.locked.set()
            assert self.done.wait(10)
        connection.close()
        close_connections()

    def __enter__(self) -> None:
        self.thread.start()
        assert self.locked.wait(10)

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()
