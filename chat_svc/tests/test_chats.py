"""Chats begin, are renamed, end; the list counts what is unread."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from abdre.db import close_connections
from abdre.events import chat_group, user_group
from chat_svc import selectors, services
from chat_svc.errors import ChatNotFound, ChatOver, InvalidChat, NotAllowed
from chat_svc.models import Chat, Membership, Message, State
from chat_svc.tests.conftest import Told, member, say
from user_svc.services import lock_people

if TYPE_CHECKING:
    from user_svc.models import User


def test_the_creator_owns_the_chat_and_everybody_added_is_told(ada: User, bob: User, told: Told):
    chat = services.create_chat(creator_id=ada.id, kind="group", title=" Tea ", members=[bob.id])

    roles = dict(Membership.objects.filter(chat=chat).values_list("user__username", "role"))
    assert (chat.title, roles) == ("Tea", {"ada": "owner", "bob": "member"})
    assert told.types_to(user_group(bob.id)) == ["chat.created"]


def test_a_guest_starts_a_temporary_chat_and_nothing_else(guest: User, bob: User):
    chat = services.create_chat(creator_id=guest.id, kind="temporary")

    assert chat.expires_at is not None
    with pytest.raises(NotAllowed):
        services.create_chat(creator_id=guest.id, kind="group")
    with pytest.raises(NotAllowed):
        services.create_chat(creator_id=guest.id, kind="temporary", members=[bob.id])


def test_operators_can_switch_guest_hosting_off(guest: User, settings):
    settings.GUEST_HOSTING = False

    with pytest.raises(NotAllowed):
        services.create_chat(creator_id=guest.id, kind="temporary")


def test_a_pair_has_one_direct_chat(ada: User, bob: User):
    first = services.create_chat(creator_id=ada.id, kind="direct", members=[bob.id])
    second = services.create_chat(creator_id=bob.id, kind="direct", members=[ada.id])

    assert first.id == second.id
    assert selectors.chat_detail(chat_id=first.id, user_id=ada.id)["title"] == "Bob"
    assert selectors.chat_detail(chat_id=first.id, user_id=bob.id)["title"] == "Ada"


@pytest.mark.postgres
def test_two_who_begin_their_direct_chat_at_the_same_moment_get_one(
    ada: User, bob: User, monkeypatch: pytest.MonkeyPatch
):
    both_found_none = threading.Barrier(2)

    def lock_together(user_ids: set[UUID]) -> None:
        both_found_none.wait(10)
        lock_people(user_ids)

    def begin(one: User, other: User) -> Chat:
        try:
            return services.create_chat(creator_id=one.id, kind="direct", members=[other.id])
        finally:
            close_connections()

    monkeypatch.setattr("chat_svc.services.chats.lock_people", lock_together)
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(begin, (ada, bob), (bob, ada))

    assert first == second == Chat.objects.get()
    assert Membership.objects.filter(chat=first, state=State.ACTIVE).count() == 2


@pytest.mark.parametrize("asker", ["ada", "bob"])
def test_a_direct_chat_that_was_left_has_both_in_it_again_when_either_asks(ada: User, bob: User, asker: str):
    chat = services.create_chat(creator_id=ada.id, kind="direct", members=[bob.id])
    services.leave_chat(chat_id=chat.id, user_id=ada.id)
    say(chat, bob, "are you there?")
    who, other = (ada, bob) if asker == "ada" else (bob, ada)

    again = services.create_chat(creator_id=who.id, kind="direct", members=[other.id])

    assert again.id == chat.id
    for person in (ada, bob):
        assert selectors.chat_detail(chat_id=chat.id, user_id=person.id)["role"] == "owner"
    assert selectors.chat_detail(chat_id=chat.id, user_id=ada.id)["unread"] == 1


def test_a_direct_chat_that_both_have_left_begins_again(ada: User, bob: User):
    chat = services.create_chat(creator_id=ada.id, kind="direct", members=[bob.id])
    for person in (ada, bob):
        services.leave_chat(chat_id=chat.id, user_id=person.id)

    services.create_chat(creator_id=bob.id, kind="direct", members=[ada.id])

    assert say(chat, bob).created
    assert selectors.chat_detail(chat_id=chat.id, user_id=ada.id)["unread"] == 1


def test_asking_again_for_a_direct_chat_that_nobody_left_tells_nobody(ada: User, bob: User, told: Told):
    chat = services.create_chat(creator_id=ada.id, kind="direct", members=[bob.id])
    told.items.clear()

    services.create_chat(creator_id=bob.id, kind="direct", members=[ada.id])

    assert told.items == []
    assert Chat.objects.get(id=chat.id).version == chat.version


@pytest.mark.parametrize(
    "options",
    [
        {"kind": "party"},
        {"kind": "group", "title": "x" * 101},
        {"kind": "group", "ttl_s": 60},
        {"kind": "temporary", "ttl_s": 59},
        {"kind": "temporary", "ttl_s": 7 * 24 * 3600 + 1},
        {"kind": "direct"},
    ],
)
def test_what_cannot_be_is_refused(ada: User, options: dict):
    with pytest.raises(InvalidChat):
        services.create_chat(creator_id=ada.id, **options)


def test_guests_are_not_added_but_invited(ada: User, guest: User):
    with pytest.raises(InvalidChat):
        services.create_chat(creator_id=ada.id, kind="group", members=[guest.id])


def test_the_database_itself_refuses_a_temporary_chat_without_end(ada: User):
    with pytest.raises(IntegrityError), transaction.atomic():
        Chat.objects.create(kind="temporary", created_by=ada)


def test_the_owner_renames_and_all_are_told(chat: Chat, ada: User, bob: User, told: Told):
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"title": "Coffee"})

    event, told_in_chat = told.to(chat_group(chat.id))
    assert (event["type"], event["summary"]["title"]) == ("chat.changed", "Coffee")
    assert event["version"] == event["summary"]["version"] == Chat.objects.get(id=chat.id).version - 1
    assert told_in_chat["message"]["system"] == {"type": "renamed", "title": "Coffee"}


def test_neither_a_member_nor_a_stranger_renames_and_nobody_is_told(chat: Chat, bob: User, eve: User, told: Told):
    with pytest.raises(NotAllowed):
        services.change_chat(chat_id=chat.id, actor_id=bob.id, facts={"title": "Mine"})
    with pytest.raises(ChatNotFound):
        services.change_chat(chat_id=chat.id, actor_id=eve.id, facts={"title": "Mine"})

    assert told.items == []
    assert Chat.objects.get(id=chat.id).title == "Tea"


def test_a_closed_chat_can_be_read_and_not_changed(chat: Chat, ada: User, bob: User):
    say(chat, bob, "last words")
    services.close_chat(chat_id=chat.id, actor_id=ada.id)

    assert selectors.messages(chat_id=chat.id, user_id=bob.id)["items"][0]["body"] == "last words"
    with pytest.raises(ChatOver):
        services.edit_message(chat_id=chat.id, actor_id=bob.id, seq=1, body="changed")
    with pytest.raises(ChatOver):
        services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"title": "Again"})


def test_a_temporary_chat_is_gone_with_everything_at_its_end(ada: User, told: Told):
    chat = services.create_chat(creator_id=ada.id, kind="temporary", ttl_s=60)
    say(chat, ada, "for now")
    Chat.objects.filter(id=chat.id).update(expires_at=timezone.now() - dt.timedelta(seconds=1))

    with pytest.raises(ChatNotFound):
        selectors.messages(chat_id=chat.id, user_id=ada.id)
    assert services.erase_expired_chats() == 1

    assert not Message.objects.filter(chat_id=chat.id).exists()
    assert not Membership.objects.filter(chat_id=chat.id).exists()
    assert told.to(user_group(ada.id))[-1] == {"type": "chat.removed", "chat": str(chat.id), "reason": "expired"}
    assert services.erase_expired_chats() == 0


def test_the_list_is_newest_first_with_what_is_unread(chat: Chat, ada: User, bob: User):
    other = services.create_chat(creator_id=ada.id, kind="group", title="Other", members=[bob.id])
    say(chat, bob, "one")
    say(chat, bob, "two")

    items = selectors.chat_list(user_id=ada.id)["items"]

    assert [(item["id"], item["unread"]) for item in items] == [(str(chat.id), 2), (str(other.id), 0)]
    assert items[0]["last_message"] is not None
    assert items[0]["last_message"]["body"] == "two"
    assert items[0]["member_count"] == 2


def test_a_chat_of_many_is_made_by_as_many_statements_as_one_of_few(ada: User):
    def asked(count: int) -> int:
        others = [member(f"other-{count}-{n}").id for n in range(count)]
        with CaptureQueriesContext(connection) as captured:
            services.create_chat(creator_id=ada.id, kind="group", members=others)
        return len(captured)

    assert asked(2) == asked(12)


def test_the_list_comes_in_pages_and_in_few_queries(ada: User, bob: User, django_assert_num_queries):
    chats = [services.create_chat(creator_id=ada.id, kind="group", title=str(n)) for n in range(4)]
    chats.append(services.create_chat(creator_id=ada.id, kind="direct", members=[bob.id]))
    say(chats[-1], bob, "hello")

    with django_assert_num_queries(3):
        first = selectors.chat_list(user_id=ada.id, limit=3)
    assert [item["title"] for item in first["items"]] == ["Bob", "3", "2"]
    rest = selectors.chat_list(user_id=ada.id, limit=3, before=first["next"] or "")

    seen = [item["id"] for page in (first, rest) for item in page["items"]]
    assert seen == [str(chat.id) for chat in reversed(chats)]
    assert rest["next"] is None


def test_a_stranger_sees_no_chat_in_the_list(chat: Chat, eve: User):
    assert selectors.chat_list(user_id=eve.id) == {"items": [], "next": None}
    with pytest.raises(ChatNotFound):
        selectors.chat_detail(chat_id=chat.id, user_id=eve.id)
