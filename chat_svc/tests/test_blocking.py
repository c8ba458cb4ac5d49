"""Between two people one of whom has blocked the other: nobody writes, nobody begins, nobody is told why."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.db import connection

from abdre.events import chat_group, user_group
from chat_svc import selectors, services
from chat_svc.models import Chat, Kind, Membership
from chat_svc.tests.conftest import Told, batch, post, say
from user_svc.errors import MayNotWrite, UserNotFound
from user_svc.selectors import has_blocked
from user_svc.services import block, change_privacy, hand_over_blocks, lock_people, unblock

if TYPE_CHECKING:
    from user_svc.models import User


def begin(creator: User, other: User) -> Chat:
    return services.create_chat(creator_id=creator.id, kind=Kind.DIRECT, members=[other.id])


@pytest.fixture
def direct(ada: User, bob: User) -> Chat:
    return begin(ada, bob)


@pytest.fixture
def blocked(direct: Chat, ada: User, bob: User, told: Told) -> None:
    block(user_id=ada.id, other_id=bob.id)


def test_neither_writes_in_the_chat_that_there_is(direct: Chat, blocked: None, ada: User, bob: User):
    for person in (ada, bob):
        with pytest.raises(MayNotWrite):
            say(direct, person)

    assert Chat.objects.get(id=direct.id).last_seq == 0


def test_others_of_the_same_batch_are_written(direct: Chat, chat: Chat, blocked: None, ada: User, bob: User):
    refused, sent = batch([post(direct, bob), post(chat, bob)])

    assert isinstance(refused, MayNotWrite)
    assert sent.created


def test_only_the_blockers_own_devices_hear_of_it(blocked: None, ada: User, bob: User, told: Told):
    assert told.items == [
        (user_group(ada.id), {"type": "block.changed", "user": str(bob.id), "blocked": True}),
    ]


def test_what_was_said_before_is_edited_no_more(direct: Chat, ada: User, bob: User):
    say(direct, bob)
    block(user_id=ada.id, other_id=bob.id)

    with pytest.raises(MayNotWrite):
        services.edit_message(chat_id=direct.id, actor_id=bob.id, seq=1, body="and another thing")


def test_nobody_reacts_or_pins_any_more_and_nothing_is_told(direct: Chat, ada: User, bob: User, told: Told):
    say(direct, ada)
    on_it: dict[str, Any] = {"chat_id": direct.id, "actor_id": bob.id, "seq": 1}
    services.react(**on_it, emoji="👍", on=True)
    block(user_id=ada.id, other_id=bob.id)
    told.items.clear()

    with pytest.raises(MayNotWrite):
        services.react(**on_it, emoji="❤️", on=True)
    with pytest.raises(MayNotWrite):
        services.pin(**on_it, on=True)
    assert told.items == []
    services.react(**on_it, emoji="👍", on=False)  # to take something back says nothing


def test_that_one_types_is_not_told(direct: Chat, blocked: None, bob: User, told: Told):
    services.start_typing(chat_id=direct.id, user_id=bob.id)

    assert told.types_to(chat_group(direct.id)) == []


def test_in_groups_both_write_on(chat: Chat, blocked: None, ada: User, bob: User):
    assert say(chat, ada).created
    assert say(chat, bob).created


def test_neither_takes_the_other_into_a_group(chat: Chat, direct: Chat, ada: User, bob: User, eve: User, told: Told):
    block(user_id=ada.id, other_id=eve.id)
    told.items.clear()

    for one, other in ((ada, eve), (eve, ada)):
        own = services.create_chat(creator_id=one.id, kind=Kind.GROUP, title="Come in")
        with pytest.raises(MayNotWrite):
            services.add_member(chat_id=own.id, actor_id=one.id, user_id=other.id)
        with pytest.raises(MayNotWrite):
            services.create_chat(creator_id=one.id, kind=Kind.GROUP, title="Come in", members=[bob.id, other.id])
        assert not Membership.objects.filter(chat=own, user=other).exists()
        assert not [item for item in told.to(user_group(other.id)) if item["chat"] == str(own.id)]
    assert Chat.objects.filter(title="Come in").count() == 2


def test_after_it_is_taken_back_both_write_again(direct: Chat, blocked: None, ada: User, bob: User):
    unblock(user_id=ada.id, other_id=bob.id)

    assert say(direct, bob).created


def test_where_both_have_blocked_each_other_both_must_take_it_back(direct: Chat, blocked: None, ada: User, bob: User):
    block(user_id=bob.id, other_id=ada.id)
    unblock(user_id=ada.id, other_id=bob.id)

    with pytest.raises(MayNotWrite):
        say(direct, ada)


def test_nobody_takes_back_anothers_block(direct: Chat, blocked: None, ada: User, bob: User, eve: User):
    for stranger in (bob, eve):
        with pytest.raises(UserNotFound):
            unblock(user_id=stranger.id, other_id=bob.id if stranger is eve else ada.id)

    assert has_blocked(user_id=ada.id, other_id=bob.id)


def test_no_chat_is_begun_or_opened_again(direct: Chat, blocked: None, ada: User, bob: User, eve: User):
    services.leave_chat(chat_id=direct.id, user_id=ada.id)
    block(user_id=eve.id, other_id=bob.id)

    for other in (ada, eve):
        with pytest.raises(MayNotWrite) as refusal:
            begin(bob, other)
        assert refusal.value.text == MayNotWrite().text

    assert not Membership.objects.get(chat=direct, user=ada).is_active


def test_who_is_blocked_reads_the_same_words_as_who_may_not_write(ada: User, bob: User, eve: User):
    block(user_id=ada.id, other_id=bob.id)
    change_privacy(user_id=eve.id, facts={"who_may_write": "nobody"})

    texts = []
    for other in (ada, eve):
        with pytest.raises(MayNotWrite) as refusal:
            begin(bob, other)
        texts.append(refusal.value.body())

    assert texts[0] == texts[1]


def test_who_wants_nobody_new_keeps_whom_they_talk_to(direct: Chat, ada: User, bob: User):
    change_privacy(user_id=bob.id, facts={"who_may_write": "nobody"})

    assert begin(ada, bob).id == direct.id
    assert say(direct, ada).created


def test_of_peers_only_who_shares_a_chat_may_begin(chat: Chat, ada: User, bob: User, eve: User):
    change_privacy(user_id=bob.id, facts={"who_may_write": "peers"})

    assert begin(ada, bob)
    with pytest.raises(MayNotWrite):
        begin(eve, bob)


def test_a_code_leads_to_whoever_shows_it_but_not_past_a_block(ada: User, bob: User, eve: User):
    change_privacy(user_id=eve.id, facts={"who_may_write": "nobody"})
    block(user_id=bob.id, other_id=ada.id)

    assert services.open_direct_chat(host_id=ada.id, user_id=eve.id)
    with pytest.raises(MayNotWrite):
        services.open_direct_chat(host_id=ada.id, user_id=bob.id)


def sign_in(guest: User, account: User) -> None:
    hand_over_blocks(from_user_id=guest.id, to_user_id=account.id)
    services.merge_memberships(from_user=guest.id, to_user=account.id)


def talk_by_code(ada: User, guest: User) -> Chat:
    membership, _came_in = services.open_direct_chat(host_id=ada.id, user_id=guest.id)
    return membership.chat


def test_a_blocked_guest_who_signs_in_is_blocked_still_until_it_is_taken_back(ada: User, bob: User, guest: User):
    direct = talk_by_code(ada, guest)
    block(user_id=ada.id, other_id=guest.id)

    sign_in(guest, bob)

    with pytest.raises(MayNotWrite):
        say(direct, bob)
    unblock(user_id=ada.id, other_id=bob.id)
    assert say(direct, bob).created


def test_who_is_blocked_does_not_come_back_as_a_guest_and_sign_in(ada: User, bob: User, guest: User):
    block(user_id=ada.id, other_id=bob.id)
    direct = talk_by_code(ada, guest)

    sign_in(guest, bob)

    with pytest.raises(MayNotWrite):
        say(direct, bob)


def test_a_block_holds_in_all_direct_chats_of_the_two(direct: Chat, ada: User, bob: User, guest: User):
    second = talk_by_code(ada, guest)
    sign_in(guest, bob)
    assert say(second, bob).created

    block(user_id=ada.id, other_id=bob.id)

    for chat in (direct, second):
        with pytest.raises(MayNotWrite):
            say(chat, bob)


def test_a_block_moves_the_chats_version_so_that_no_message_slips_past_it(direct: Chat, ada: User, bob: User):
    before = Chat.objects.get(id=direct.id).version

    block(user_id=ada.id, other_id=bob.id)
    block(user_id=ada.id, other_id=bob.id)  # again is no harm, and no news

    assert Chat.objects.get(id=direct.id).version == before + 1


def test_the_list_names_the_other_person_of_a_direct_chat(direct: Chat, chat: Chat, ada: User, bob: User):
    listed = {item["kind"]: item["partner"] for item in selectors.chat_list(user_id=ada.id)["items"]}

    assert listed["group"] is None
    assert listed["direct"] == {"id": str(bob.id), "display_name": "Bob", "is_guest": False, "picture": None}


def test_the_chats_that_two_people_share(direct: Chat, chat: Chat, ada: User, bob: User, eve: User):
    services.create_chat(creator_id=ada.id, kind=Kind.GROUP, title="Without bob")

    def shared(other: User) -> set[str]:
        return {item["id"] for item in selectors.chat_list(user_id=ada.id, with_id=other.id)["items"]}

    assert shared(bob) == {str(chat.id), str(direct.id)}
    assert shared(eve) == set()


@pytest.mark.postgres
def test_a_chat_that_begins_while_somebody_blocks_is_blocked(ada: User, bob: User, monkeypatch: pytest.MonkeyPatch):
    """The chat appears between the blocker's look for it and the blocker's lock."""
    begun: list[Chat] = []

    def begin_first(people: set[UUID]) -> None:
        if not begun:
            begun.append(in_another_thread(lambda: begin(bob, ada)))
        lock_people(people)

    monkeypatch.setattr("chat_svc.services.blocking.lock_people", begin_first)

    block(user_id=ada.id, other_id=bob.id)

    assert Chat.objects.get(direct_key__isnull=False).is_blocked


def in_another_thread(deed: Callable[[], Chat]) -> Chat:
    def done() -> Chat:
        try:
            return deed()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(done).result(timeout=10)
