"""Who is new writes so many messages a minute."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import OperationalError
from django.utils import timezone

from abdre.errors import TooMany
from abdre.store import StoreAway, store
from chat_svc import services
from chat_svc.errors import NewcomersPace
from chat_svc.models import Chat, Message
from chat_svc.tests.conftest import batch, post, say, sent_or_held
from chat_svc.writer.pace import forget_newcomers
from user_svc.selectors import newcomers_since

if TYPE_CHECKING:
    from user_svc.models import User


@pytest.fixture(autouse=True)
def _two_a_minute(settings: Any) -> None:
    settings.NEWCOMERS_MESSAGES_PER_MINUTE = 2
    forget_newcomers()


@pytest.fixture
def settled(ada: User) -> User:
    get_user_model().objects.filter(id=ada.id).update(date_joined=timezone.now() - timedelta(minutes=11))
    return ada


def test_a_newcomer_writes_so_many_over_all_chats(chat: Chat, other: Chat, bob: User):
    say(chat, bob)
    say(other, bob)

    for place in (chat, other):
        with pytest.raises(NewcomersPace) as refused:
            say(place, bob)
        assert 1 <= (refused.value.retry_after_s or 0) <= 60
    assert isinstance(refused.value, TooMany)
    assert Message.objects.count() == 2


def test_guests_too_and_nobody_who_has_been_here_for_a_while(chat: Chat, settled: User, guest: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)

    outcomes = batch([post(chat, person) for person in (guest, settled, guest, guest, settled)])

    expected = [services.Sent, services.Sent, services.Sent, NewcomersPace, services.Sent]
    assert [type(outcome) for outcome in outcomes] == expected
    assert say(chat, settled).created


def test_another_process_counts_on(chat: Chat, bob: User):
    say(chat, bob)
    say(chat, bob)
    forget_newcomers()  # as a process that has never heard of bob

    with pytest.raises(NewcomersPace):
        say(chat, bob)


def test_what_is_approved_was_counted_when_it_was_written(chat: Chat, ada: User, settled: User, guest: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"guest_links": "held"})
    held = [sent_or_held(chat, guest, "www.example.org") for _ in range(2)]

    for one in held:
        assert isinstance(one, services.Held)
        services.approve_held(chat_id=chat.id, actor_id=ada.id, held_id=one.held["id"])  # type: ignore[arg-type]

    assert Message.objects.filter(chat=chat).count() == 2


def test_while_the_store_is_away_everybody_writes(chat: Chat, bob: User, monkeypatch: pytest.MonkeyPatch):
    def away(key: str, *, window_s: int) -> None:
        raise StoreAway("away")

    monkeypatch.setattr(store, "hit", away)

    for _ in range(3):
        assert say(chat, bob).created


def test_who_has_been_asked_about_is_not_asked_about_again(chat: Chat, settled: User, bob: User, monkeypatch: Any):
    say(chat, settled)
    say(chat, bob)
    monkeypatch.setattr("chat_svc.writer.pace.newcomers_since", None)

    assert say(chat, settled).created
    assert say(chat, bob).created


def test_a_batch_that_fills_what_is_known_of_people_is_stored(chat: Chat, ada: User, bob: User, monkeypatch: Any):
    say(chat, ada)
    monkeypatch.setattr("chat_svc.writer.pace.KNOWN_LIMIT", 0)

    outcomes = batch([post(chat, person) for person in (ada, bob)])

    assert [type(outcome) for outcome in outcomes] == [services.Sent, services.Sent]


def test_what_was_said_or_held_is_answered_at_any_pace_and_not_counted(chat: Chat, ada: User, guest: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"guest_links": "held"})
    ids = [uuid4(), uuid4()]
    say(chat, guest, "one", ids[0])
    for _ in range(3):
        assert not say(chat, guest, "one", ids[0]).created
    assert isinstance(sent_or_held(chat, guest, "www.example.org", ids[1]), services.Held)
    with pytest.raises(NewcomersPace):
        say(chat, guest, "three")

    assert not say(chat, guest, "one", ids[0]).created
    assert isinstance(sent_or_held(chat, guest, "www.example.org", ids[1]), services.Held)


def test_a_connection_that_has_died_is_found_out_by_asking_once_more(chat: Chat, bob: User, monkeypatch: Any):
    asked = []

    def dies_once(*args: Any, **options: Any) -> Any:
        asked.append(args)
        if len(asked) == 1:
            raise OperationalError("the connection is closed")
        return newcomers_since(*args, **options)

    monkeypatch.setattr("chat_svc.writer.pace.newcomers_since", dies_once)

    assert say(chat, bob).created


def test_where_the_operator_wants_none_nobody_is_counted(chat: Chat, bob: User, settings: Any, monkeypatch: Any):
    settings.NEWCOMERS_MESSAGES_PER_MINUTE = 0
    monkeypatch.setattr("chat_svc.writer.pace.newcomers_since", None)

    for _ in range(3):
        assert say(chat, bob).created
