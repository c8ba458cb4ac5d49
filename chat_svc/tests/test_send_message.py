"""Sending: numbered without holes, once, by members only."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils.functional import lazy
from django.utils.translation import get_language, override

from abdre.events import chat_group
from chat_svc import services
from chat_svc.errors import ChatNotFound, ChatOver, InvalidMessage, NotAMember
from chat_svc.models import Chat, Membership, Message
from chat_svc.tests.conftest import Told, say
from chat_svc.writer import Post, Sent, writer
from chat_svc.writer.posts import Outcome

if TYPE_CHECKING:
    from user_svc.models import User


def test_a_member_can_send(chat: Chat, bob: User, told: Told):
    sent = say(chat, bob, "Sälem, qalaısyñ?")

    assert sent.created
    assert (sent.message["seq"], sent.message["body"]) == (1, "Sälem, qalaısyñ?")
    assert sent.message["sender"] == {"id": str(bob.id), "display_name": "Bob", "is_guest": False, "picture": None}
    assert [item["message"] for item in told.to(chat_group(chat.id))] == [sent.message]


def test_a_stranger_is_refused_and_nobody_is_told(chat: Chat, eve: User, told: Told):
    with pytest.raises(NotAMember):
        say(chat, eve)

    assert not Message.objects.exists()
    assert told.items == []


def test_an_unknown_chat_is_refused_in_the_same_words(chat: Chat, eve: User):
    with pytest.raises(ChatNotFound) as unknown:
        services.send_message(chat_id=uuid4(), sender_id=eve.id, client_id=uuid4(), body="?")
    with pytest.raises(ChatNotFound) as foreign:
        say(chat, eve)

    assert unknown.value.body() == foreign.value.body()


def test_seq_has_no_holes_and_version_counts_every_change(chat: Chat, ada: User, bob: User):
    before = Chat.objects.get(id=chat.id).version

    sent = [say(chat, person).message for person in (ada, bob, ada)]

    assert [message["seq"] for message in sent] == [1, 2, 3]
    assert [message["version"] for message in sent] == [before + 1, before + 2, before + 3]
    after = Chat.objects.get(id=chat.id)
    assert (after.last_seq, after.version) == (3, before + 3)


def test_resending_the_same_client_id_stores_one_message_and_tells_once(chat: Chat, bob: User, told: Told):
    client_id = uuid4()

    first = say(chat, bob, "once", client_id)
    again = say(chat, bob, "once more", client_id)

    assert (first.created, again.created) == (True, False)
    assert again.message == first.message
    assert told.types_to(chat_group(chat.id)) == ["message.created"]


def test_the_same_client_id_in_another_chat_is_another_message(chat: Chat, ada: User, bob: User):
    other = services.create_chat(creator_id=ada.id, kind="group", members=[bob.id])
    client_id = uuid4()

    sent = [say(room, bob, "hi", client_id) for room in (chat, other)]

    assert [one.created for one in sent] == [True, True]


def test_the_same_client_id_of_another_person_is_another_message(chat: Chat, ada: User, bob: User):
    client_id = uuid4()

    assert [say(chat, person, "hi", client_id).created for person in (ada, bob)] == [True, True]


def test_many_at_once_are_numbered_without_holes_and_each_once(chat: Chat, ada: User, bob: User):
    client_ids = [uuid4() for _ in range(40)]
    barrier = threading.Barrier(8)

    def send_all(person: User) -> None:
        barrier.wait()
        for client_id in client_ids:
            say(chat, person, "at once", client_id)

    # Four threads say the same forty things for each of the two.
    threads = [threading.Thread(target=send_all, args=(person,)) for person in (ada, bob) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    stored = Message.objects.filter(chat=chat).order_by("seq").values_list("seq", flat=True)
    assert list(stored) == list(range(1, 81))


def test_one_refused_message_does_not_hurt_the_others_of_its_batch(chat: Chat, bob: User, eve: User):
    outcomes: list[Outcome] = []
    for person in (bob, eve, bob):
        writer.submit(Post(chat.id, person.id, uuid4(), "x"), outcomes.append)
    writer.stop()

    assert [type(outcome) for outcome in outcomes] == [Sent, NotAMember, Sent]
    assert list(Message.objects.filter(chat=chat).order_by("seq").values_list("seq", flat=True)) == [1, 2]


def test_a_removed_member_gets_nothing_in_and_nothing_of_what_was_said_before(chat: Chat, ada: User, bob: User):
    client_id = uuid4()
    say(chat, bob, "before", client_id)
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=bob.id)

    for known_or_new in (client_id, uuid4()):
        with pytest.raises(NotAMember):
            say(chat, bob, "after", known_or_new)


def test_a_retry_after_the_end_of_the_chat_still_gets_what_was_stored(chat: Chat, ada: User, bob: User):
    client_id = uuid4()
    stored = say(chat, bob, "before", client_id)
    services.close_chat(chat_id=chat.id, actor_id=ada.id)

    assert say(chat, bob, "before", client_id).message == stored.message


def test_a_member_removed_while_posting_never_gets_a_message_in_afterwards(chat: Chat, ada: User, bob: User):
    stop = threading.Event()
    refused_after = []

    def keep_posting() -> None:
        while not stop.is_set():
            try:
                say(chat, bob, "still here")
            except NotAMember:
                refused_after.append(True)
                return

    posting = threading.Thread(target=keep_posting)
    posting.start()
    while Chat.objects.get(id=chat.id).last_seq < 5:
        pass
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=bob.id)
    stop_version = Membership.objects.get(chat=chat, user=bob).version
    posting.join(timeout=10)
    stop.set()

    assert refused_after
    assert not Message.objects.filter(chat=chat, sender=bob, version__gt=stop_version).exists()


def test_sending_moves_ones_own_mark_and_nobody_elses(chat: Chat, ada: User, bob: User):
    say(chat, bob)

    marks = dict(Membership.objects.filter(chat=chat).values_list("user__username", "read_seq"))
    assert marks == {"ada": 0, "bob": 1}


@pytest.mark.parametrize("body", ["", "   \n\t ", "x" * 8001, "a\0b", "\ud800"])
def test_a_body_that_cannot_be_kept_is_refused(chat: Chat, bob: User, body: str):
    with pytest.raises(InvalidMessage) as refusal:
        say(chat, bob, body)

    assert refusal.value.fields is not None
    assert "body" in refusal.value.fields


@pytest.mark.parametrize(
    "body", ["<script>alert(1)</script>", "  indented\n", "مرحبا 👩‍👩‍👧", "Қазақ &amp; тілі", "x" * 8000]
)
def test_a_body_is_kept_as_typed(chat: Chat, bob: User, body: str):
    assert say(chat, bob, body).message["body"] == body
    assert Message.objects.get(chat=chat).body == body


def test_a_reply_names_a_message_that_is_there(chat: Chat, ada: User, bob: User):
    say(chat, ada)

    assert say(chat, bob, reply_to=1).message["reply_to"] == 1
    with pytest.raises(InvalidMessage):
        say(chat, bob, reply_to=99)


def test_a_chat_that_is_over_takes_no_messages(chat: Chat, ada: User, bob: User):
    services.close_chat(chat_id=chat.id, actor_id=ada.id)

    with pytest.raises(ChatOver):
        say(chat, bob)


def test_a_refusal_is_told_in_the_language_of_who_asked(chat: Chat, eve: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(NotAMember, "message", lazy(get_language, str)())

    with override("kk"), pytest.raises(NotAMember) as refusal:
        say(chat, eve)

    assert refusal.value.text == "kk"


def test_waiting_for_a_commit_inside_a_transaction_is_a_programming_error(chat: Chat, bob: User):
    with transaction.atomic(), pytest.raises(RuntimeError):
        say(chat, bob)
