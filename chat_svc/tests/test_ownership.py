"""A chat is handed over in one step; who was banned may come in again when somebody who manages it says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from abdre.events import chat_group
from chat_svc import selectors, services
from chat_svc.errors import Banned, ChatNotFound, ChatOver, InvalidChat, MemberNotFound, NotAllowed
from chat_svc.models import Chat, Membership
from chat_svc.tests.conftest import Told

if TYPE_CHECKING:
    from user_svc.models import User


def roles(chat: Chat) -> dict[str, str]:
    found = Membership.objects.filter(chat=chat, state="active")
    return dict(found.values_list("user__display_name", "role"))


def transfer(chat: Chat, actor: User, heir: User) -> None:
    services.transfer_chat(chat_id=chat.id, actor_id=actor.id, user_id=heir.id)


def test_the_heir_owns_the_chat_and_who_gave_it_is_an_admin(chat: Chat, ada: User, bob: User, told: Told):
    transfer(chat, ada, bob)

    assert roles(chat) == {"Ada": "admin", "Bob": "owner"}
    events = told.to(chat_group(chat.id))
    assert [(event["membership"]["user"]["display_name"], event["membership"]["role"]) for event in events] == [
        ("Bob", "owner"),
        ("Ada", "admin"),
    ]
    services.leave_chat(chat_id=chat.id, user_id=ada.id)


def test_only_an_owner_hands_it_over_and_nobody_is_told_of_the_try(
    chat: Chat, ada: User, bob: User, eve: User, told: Told
):
    with pytest.raises(NotAllowed):
        transfer(chat, bob, ada)
    with pytest.raises(ChatNotFound):
        transfer(chat, eve, eve)

    assert told.items == []
    assert roles(chat) == {"Ada": "owner", "Bob": "member"}


def test_it_goes_to_nobody_who_is_not_there_a_guest_or_oneself(
    chat: Chat, ada: User, eve: User, guest: User, told: Told
):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    told.items.clear()

    with pytest.raises(MemberNotFound):
        transfer(chat, ada, eve)
    with pytest.raises(NotAllowed):
        transfer(chat, ada, guest)
    with pytest.raises(InvalidChat):
        transfer(chat, ada, ada)
    assert told.items == []


def test_a_chat_that_is_over_is_nobodys_to_give(chat: Chat, ada: User, bob: User):
    services.close_chat(chat_id=chat.id, actor_id=ada.id)

    with pytest.raises(ChatOver):
        transfer(chat, ada, bob)


@pytest.fixture
def banned(chat: Chat, ada: User, bob: User) -> User:
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=bob.id, ban=True)
    return bob


def test_who_was_banned_is_listed_and_may_come_in_again(chat: Chat, ada: User, banned: User, told: Told):
    listed = selectors.banned(chat_id=chat.id, user_id=ada.id)
    assert [(one["user"]["id"], one["state"]) for one in listed] == [(str(banned.id), "banned")]

    services.unban(chat_id=chat.id, actor_id=ada.id, user_id=banned.id)

    (event,) = told.to(chat_group(chat.id))
    assert (event["type"], event["membership"]["state"]) == ("membership.changed", "removed")
    assert selectors.banned(chat_id=chat.id, user_id=ada.id) == []
    assert services.enrol(chat_id=chat.id, user_id=banned.id)[1]


def test_a_ban_is_ended_by_who_manages_the_chat_alone(
    chat: Chat, ada: User, banned: User, eve: User, guest: User, told: Told
):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    told.items.clear()

    for person, refusal in ((guest, NotAllowed), (eve, ChatNotFound), (banned, ChatNotFound)):
        with pytest.raises(refusal):
            services.unban(chat_id=chat.id, actor_id=person.id, user_id=banned.id)
        with pytest.raises(refusal):
            selectors.banned(chat_id=chat.id, user_id=person.id)

    assert told.items == []
    with pytest.raises(Banned):
        services.enrol(chat_id=chat.id, user_id=banned.id)


def test_a_ban_that_is_not_there_is_not_ended(chat: Chat, ada: User, bob: User, told: Told):
    with pytest.raises(MemberNotFound):
        services.unban(chat_id=chat.id, actor_id=ada.id, user_id=bob.id)
    assert told.items == []
