"""A chat may keep what was said earlier from those who come later; in every way of reading it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from abdre.events import chat_group
from chat_svc import selectors, services
from chat_svc.errors import MessageNotFound
from chat_svc.models import Chat, Membership
from chat_svc.selectors import Cursors
from chat_svc.tests.conftest import Told, say
from user_svc.services import create_guest

if TYPE_CHECKING:
    from user_svc.models import User


@pytest.fixture
def secretive(chat: Chat, ada: User, eve: User) -> Chat:
    """Two messages that eve, who came in afterwards, may not see, and one that she may."""
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"history_for_newcomers": False})
    say(chat, ada, "first")
    say(chat, ada, "second")
    services.enrol(chat_id=chat.id, user_id=eve.id)
    say(chat, ada, "third")
    return Chat.objects.get(id=chat.id)


def read(chat: Chat, user: User) -> list[str]:
    return [message["body"] for message in selectors.messages(chat_id=chat.id, user_id=user.id)["items"]]


def changed(chat: Chat, user: User) -> list[str]:
    found = selectors.changes(chat_id=chat.id, user_id=user.id, since=0)
    return [event["message"]["body"] for event in found.items if "message" in event]


def resumed(chat: Chat, *readers: User | None, since: int = 0) -> list[list[str]]:
    asked = [Cursors(reader.id if reader else None, {chat.id: since}) for reader in readers]
    return [
        [event["message"]["body"] for event in found.items if "message" in event] for found in selectors.resume(asked)
    ]


def test_a_newcomer_reads_from_where_they_came_in(secretive: Chat, bob: User, eve: User):
    everything = ["first", "second", "third"]

    assert (read(secretive, bob), read(secretive, eve)) == (everything, ["third"])
    assert (changed(secretive, bob), changed(secretive, eve)) == (everything, ["third"])
    assert resumed(secretive, bob, eve) == [everything, ["third"]]


def test_earlier_pages_do_not_lead_there(secretive: Chat, eve: User):
    page = selectors.messages(chat_id=secretive.id, user_id=eve.id, before=3)

    assert (page["items"], page["has_more"]) == ([], False)


def test_the_last_message_is_not_shown_to_who_may_not_see_it(chat: Chat, ada: User, eve: User):
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"history_for_newcomers": False})
    say(chat, ada)
    services.enrol(chat_id=chat.id, user_id=eve.id)

    detail = selectors.chat_detail(chat_id=chat.id, user_id=eve.id)

    assert (detail["last_message"], detail["unread"]) == (None, 0)
    assert selectors.chat_detail(chat_id=chat.id, user_id=ada.id)["last_message"] is not None


def test_who_was_there_before_the_rule_sees_everything(secretive: Chat, ada: User, eve: User):
    services.change_chat(chat_id=secretive.id, actor_id=ada.id, facts={"history_for_newcomers": True})
    carol = create_guest(display_name="Carol")
    services.enrol(chat_id=secretive.id, user_id=carol.id)

    assert read(secretive, carol) == ["first", "second", "third"]
    assert read(secretive, eve) == ["third"]


def test_of_a_message_hidden_from_somebody_only_that_it_changed_is_told(
    secretive: Chat, ada: User, bob: User, told: Told
):
    for seq in (1, 3):
        services.edit_message(chat_id=secretive.id, actor_id=ada.id, seq=seq, body="edited")
    services.delete_message(chat_id=secretive.id, actor_id=ada.id, seq=2)

    assert told.types_to(chat_group(secretive.id)) == ["chat.stale", "message.changed", "chat.stale"]
    stale = told.to(chat_group(secretive.id))[0]
    assert set(stale) == {"type", "chat", "version"}
    assert resumed(secretive, bob, since=stale["version"] - 1) == [["edited", "edited", ""]]


def test_what_somebody_who_left_for_good_erases_is_not_told_either(secretive: Chat, ada: User, told: Told):
    services.erase_messages(user_id=ada.id)

    assert told.types_to(chat_group(secretive.id)) == ["chat.stale", "chat.stale", "message.changed"]


def test_a_hole_is_mended_without_what_is_hidden_from_somebody(secretive: Chat, ada: User):
    services.edit_message(chat_id=secretive.id, actor_id=ada.id, seq=1, body="edited")
    found = selectors.room_changes(chat_id=secretive.id, since=0)

    assert resumed(secretive, None) == [["third"]]
    assert [event["message"]["body"] for event in found.items if "message" in event] == ["third"]
    assert found.version == secretive.version + 1


def test_a_hidden_message_is_not_there_for_deeds_either(secretive: Chat, ada: User, eve: User, told: Told):
    services.change_role(chat_id=secretive.id, actor_id=ada.id, user_id=eve.id, role="admin")
    told.items.clear()

    with pytest.raises(MessageNotFound):
        services.delete_message(chat_id=secretive.id, actor_id=eve.id, seq=1)
    assert told.items == []


def test_who_comes_again_is_a_newcomer(secretive: Chat, bob: User):
    services.leave_chat(chat_id=secretive.id, user_id=bob.id)
    services.enrol(chat_id=secretive.id, user_id=bob.id)

    assert read(secretive, bob) == []
    assert Chat.objects.get(id=secretive.id).hidden_below == 4


def test_a_guest_who_logs_in_takes_along_what_they_may_see(secretive: Chat, ada: User, bob: User, guest: User):
    carol = create_guest(display_name="Carol")
    Membership.objects.create(chat=secretive, user=carol, role="guest", version=1_000)
    Membership.objects.create(chat=secretive, user=guest, role="guest", version=1_001, visible_from_seq=3)

    services.merge_memberships(from_user=carol.id, to_user=guest.id)

    assert read(secretive, guest) == ["first", "second", "third"]
