"""What is unread: kept with each change, and always what counting anew would give."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from abdre.db import close_connections
from abdre.errors import AppError
from abdre.events import chat_group, user_group
from chat_svc import selectors, services
from chat_svc.errors import ChatNotFound, MessageNotFound
from chat_svc.models import Chat, Membership, Mention, Message, State
from chat_svc.tests.conftest import Api, Told, say

if TYPE_CHECKING:
    from user_svc.models import User

STEPS = 60
SEEDS = range(3)


def kept(chat: Chat) -> dict[str, tuple[int, int]]:
    """(unread, mentions) by person, as the lists show them."""
    active = Membership.objects.filter(chat=chat, state=State.ACTIVE).select_related("user", "chat")
    return {one.user.display_name: (one.chat.last_seq - one.read_seq - one.uncounted, one.mentions) for one in active}


def counted(chat: Chat) -> dict[str, tuple[int, int]]:
    """The same from the messages themselves."""
    active = Membership.objects.filter(chat=chat, state=State.ACTIVE).select_related("user")
    news = Message.objects.filter(chat=chat, deleted_at=None, kind="text")
    return {
        one.user.display_name: (
            news.filter(seq__gt=one.read_seq).exclude(sender_id=one.user_id).count(),
            Mention.objects.filter(chat=chat, user_id=one.user_id, seq__gt=one.read_seq).count(),
        )
        for one in active
    }


class Deeds:
    """What people do at random; what is refused (a deleted message edited) changes nothing."""

    def __init__(self, chat: Chat, people: list[User], seed: int) -> None:
        self.chat = chat
        self.people = people
        self.chance = random.Random(seed)

    def one(self) -> None:
        said, marked = (self.send, self.send, self.edit, self.delete), (self.read, self.read, self.unread)
        deed = self.chance.choice((*said, *marked, self.prune))
        with suppress(AppError):
            deed(self.chance.choice(self.people))

    def body(self) -> str:
        return self.chance.choice(("tea", "@ada", "@bob tea", "@gulnara @ada", "@all"))

    def seq(self) -> int:
        last_seq = Chat.objects.values_list("last_seq", flat=True).get(id=self.chat.id)
        return self.chance.randint(1, max(last_seq, 1))

    def send(self, who: User) -> None:
        say(self.chat, who, self.body())

    def edit(self, who: User) -> None:
        services.edit_message(chat_id=self.chat.id, actor_id=who.id, seq=self.seq(), body=self.body())

    def delete(self, who: User) -> None:
        services.delete_message(chat_id=self.chat.id, actor_id=who.id, seq=self.seq())

    def read(self, who: User) -> None:
        if self.chance.random() < 0.5:
            services.mark_read(chat_id=self.chat.id, user_id=who.id, seq=self.seq())
        else:
            services.mark_read_all({(self.chat.id, who.id): self.seq()})

    def unread(self, who: User) -> None:
        services.mark_unread(chat_id=self.chat.id, user_id=who.id, seq=self.seq())

    def prune(self, _who: User) -> None:
        """The two oldest messages have come of age."""
        own = Chat.objects.filter(id=self.chat.id)
        own.update(keeps_days=7)
        first = own.values_list("pruned_below", flat=True).get()
        long_ago = timezone.now() - timedelta(days=8)
        Message.objects.filter(chat=self.chat, seq__lte=first + 1).update(created_at=long_ago)
        list(services.prune(own))


@pytest.fixture
def people(chat: Chat, ada: User, bob: User, guest: User) -> list[User]:
    services.enrol(chat_id=chat.id, user_id=guest.id)
    return [ada, bob, guest]


@pytest.mark.parametrize("seed", SEEDS)
def test_after_each_step_the_counts_are_those_of_the_messages(chat: Chat, people: list[User], seed: int):
    deeds = Deeds(chat, people, seed)

    for _ in range(STEPS):
        deeds.one()
        assert kept(chat) == counted(chat)

    chat.refresh_from_db()
    assert chat.pruned_below > 1


@pytest.mark.postgres
def test_the_counts_hold_whoever_does_what_at_the_same_moment(chat: Chat, people: list[User]):
    def busy(seed: int) -> None:
        deeds = Deeds(chat, people, seed)
        for _ in range(40):
            deeds.one()
        close_connections()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(busy, range(4)))

    assert kept(chat) == counted(chat)


def test_sending_reads_what_stood_before(chat: Chat, ada: User, bob: User):
    say(chat, ada, "@bob")
    services.delete_message(chat_id=chat.id, actor_id=ada.id, seq=1)
    say(chat, ada, "@bob")

    say(chat, bob)

    assert kept(chat) == {"Ada": (1, 0), "Bob": (0, 0)}


def test_a_deleted_message_is_unread_no_more(chat: Chat, ada: User, bob: User):
    for body in ("@bob one", "two"):
        say(chat, ada, body)

    services.delete_message(chat_id=chat.id, actor_id=ada.id, seq=1)

    assert kept(chat)["Bob"] == (1, 0)


def test_erasing_all_that_somebody_said_counts_right(chat: Chat, ada: User, bob: User, guest: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    for number in range(5):
        say(chat, bob, "@ada")
        say(chat, guest, f"{number}")
    services.mark_read(chat_id=chat.id, user_id=ada.id, seq=3)

    services.erase_messages(user_id=bob.id)

    assert kept(chat) == counted(chat)
    assert kept(chat)["Ada"] == (4, 0)


def test_a_mark_short_of_the_end_is_told_to_own_devices_with_what_it_leaves(
    chat: Chat, ada: User, bob: User, told: Told
):
    for body in ("one", "two", "@bob three"):
        say(chat, ada, body)

    services.mark_read(chat_id=chat.id, user_id=bob.id, seq=1)

    assert [(event["user"], event["seq"]) for event in told.to(chat_group(chat.id)) if "user" in event] == [
        (str(bob.id), 1)
    ]
    assert told.to(user_group(bob.id)) == [
        {"type": "unread.changed", "chat": str(chat.id), "last_seq": 3, "read_seq": 1, "unread": 2, "mentions": 1}
    ]


def test_marked_unread_it_is_so_on_own_devices_and_nobody_else_is_told(chat: Chat, ada: User, bob: User, told: Told):
    for body in ("@bob one", "two", "three"):
        say(chat, ada, body)
    services.mark_read(chat_id=chat.id, user_id=bob.id, seq=3)
    told.items.clear()

    answer = Api(bob)("POST", f"/api/chats/{chat.id}/unread", {"seq": 1})

    assert answer.status_code == 204
    assert kept(chat)["Bob"] == (3, 1)
    assert told.items == [
        (
            user_group(bob.id),
            {"type": "unread.changed", "chat": str(chat.id), "last_seq": 3, "read_seq": 0, "unread": 3, "mentions": 1},
        )
    ]


def test_own_messages_are_not_unread_though_marked_so(chat: Chat, ada: User, bob: User):
    for user in (ada, bob, ada):
        say(chat, user)
    services.mark_read(chat_id=chat.id, user_id=bob.id, seq=3)

    services.mark_unread(chat_id=chat.id, user_id=bob.id, seq=1)

    assert kept(chat)["Bob"] == (2, 0)


@pytest.mark.parametrize("seq", [0, 4])
def test_what_is_not_there_is_not_marked_unread(chat: Chat, ada: User, bob: User, seq: int):
    for _ in range(3):
        say(chat, ada)

    with pytest.raises(MessageNotFound):
        services.mark_unread(chat_id=chat.id, user_id=bob.id, seq=seq)


def test_a_stranger_marks_nothing_unread_and_clears_nothing(chat: Chat, ada: User, eve: User, told: Told):
    say(chat, ada)
    told.items.clear()

    for deed in ("unread", "clear"):
        answer = Api(eve)("POST", f"/api/chats/{chat.id}/{deed}", {"seq": 1})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "chat_not_found")
    with pytest.raises(ChatNotFound):
        services.mark_unread(chat_id=chat.id, user_id=eve.id, seq=1)
    assert told.items == []


def test_a_cleared_chat_begins_anew_for_one_person(chat: Chat, ada: User, bob: User, told: Told):
    for _ in range(2):
        say(chat, ada, "@bob")
    told.items.clear()

    assert Api(bob)("POST", f"/api/chats/{chat.id}/clear").status_code == 204
    say(chat, ada, "new")

    assert told.items[0] == (user_group(bob.id), {"type": "chat.cleared", "chat": str(chat.id), "seq": 2})
    seqs = {
        user.display_name: [item["seq"] for item in selectors.messages(chat_id=chat.id, user_id=user.id)["items"]]
        for user in (ada, bob)
    }
    assert seqs == {"Ada": [1, 2, 3], "Bob": [3]}
    (resumed,) = selectors.resume([selectors.Cursors(bob.id, {chat.id: 0})])
    assert [item["message"]["seq"] for item in resumed.items if "message" in item] == [3]
    assert kept(chat)["Bob"] == (1, 0)
    with pytest.raises(MessageNotFound):
        services.mark_unread(chat_id=chat.id, user_id=bob.id, seq=2)
