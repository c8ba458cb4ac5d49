"""Chats with rules of their own for who writes: announcements only, slow mode."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Unpack
from uuid import UUID

import pytest
from django.utils import timezone

from abdre.events import chat_group
from chat_svc import selectors, services
from chat_svc.errors import AnnouncementsOnly, ChatNotFound, InvalidChat, LinksRefused, NotAllowed, SlowMode
from chat_svc.models import Chat, Membership
from chat_svc.tests.conftest import Told, batch, post, say

if TYPE_CHECKING:
    from user_svc.models import User

RULES = [
    {"topic": "Ours"},
    {"slow_mode_s": 30},
    {"announcement_only": True},
    {"guest_links": "refused"},
    {"guest_files": "refused"},
    {"is_public": True, "guests_may_join": True},
    {"history_for_newcomers": False},
    {"keeps_days": 7},
]
LINKS = ["see https://example.org", "www.example.org", "[tea](//example.org)", "MAILTO:me@example.org"]


def configure(chat: Chat, user: User, **facts: Unpack[services.ChatFacts]) -> None:
    services.change_chat(chat_id=chat.id, actor_id=user.id, facts=facts)


@pytest.mark.parametrize("facts", RULES)
def test_who_manages_the_chat_sets_its_rules_and_all_are_told(chat: Chat, ada: User, told: Told, facts: dict):
    configure(chat, ada, **facts)

    event = told.to(chat_group(chat.id))[0]
    assert event["type"] == "chat.changed"
    assert facts.items() <= event["summary"].items()
    assert facts.items() <= selectors.chat_detail(chat_id=chat.id, user_id=ada.id).items()


@pytest.mark.parametrize("facts", RULES)
def test_neither_a_member_nor_a_stranger_sets_them(chat: Chat, bob: User, eve: User, told: Told, facts: dict):
    with pytest.raises(NotAllowed):
        configure(chat, bob, **facts)
    with pytest.raises(ChatNotFound):
        configure(chat, eve, **facts)

    assert told.items == []


@pytest.mark.parametrize(
    "facts",
    [
        {"topic": "x" * 251},
        {"topic": "\0"},
        {"slow_mode_s": -1},
        {"slow_mode_s": 21601},
        {"keeps_days": -1},
        {"keeps_days": 3651},
        {"guest_links": "burnt"},
        {"guest_files": ""},
    ],
)
def test_what_cannot_be_a_rule_is_refused(chat: Chat, ada: User, facts: dict):
    with pytest.raises(InvalidChat):
        configure(chat, ada, **facts)


def test_where_only_announcements_are_written_members_read(chat: Chat, ada: User, bob: User, told: Told):
    configure(chat, ada, announcement_only=True)
    told.items.clear()

    with pytest.raises(AnnouncementsOnly):
        say(chat, bob)
    assert told.items == []

    assert say(chat, ada).created
    assert told.types_to(chat_group(chat.id)) == ["message.created"]


def test_in_slow_mode_a_member_waits_and_who_manages_does_not(chat: Chat, ada: User, bob: User):
    configure(chat, ada, slow_mode_s=30)

    say(chat, bob)
    with pytest.raises(SlowMode) as refused:
        say(chat, bob)
    for _ in range(2):
        say(chat, ada)

    assert 1 <= (refused.value.retry_after_s or 0) <= 30
    Membership.objects.filter(user=bob).update(last_sent_at=timezone.now() - timedelta(seconds=30))
    say(chat, bob)


def test_a_retry_in_slow_mode_is_the_same_message(chat: Chat, ada: User, bob: User):
    configure(chat, ada, slow_mode_s=30)
    first = say(chat, bob)

    again = say(chat, bob, client_id=UUID(first.message["client_id"]))

    assert (again.created, again.message["seq"]) == (False, first.message["seq"])


def test_of_two_at_once_in_slow_mode_one_is_stored(chat: Chat, ada: User, bob: User):
    configure(chat, ada, slow_mode_s=30)

    outcomes = batch([post(chat, bob), post(chat, bob), post(chat, ada)])

    assert [type(outcome) for outcome in outcomes] == [services.Sent, SlowMode, services.Sent]
    assert [outcome.message["seq"] for outcome in (outcomes[0], outcomes[2])] == [2, 3]


def test_a_stranger_hears_of_no_rule(chat: Chat, ada: User, eve: User):
    configure(chat, ada, announcement_only=True)

    with pytest.raises(ChatNotFound):
        say(chat, eve)


def test_rules_of_one_chat_are_not_those_of_another(chat: Chat, other: Chat, ada: User, bob: User):
    configure(chat, ada, announcement_only=True)

    outcomes = batch([post(chat, bob), post(other, bob)])

    assert [type(outcome) for outcome in outcomes] == [AnnouncementsOnly, services.Sent]


@pytest.mark.parametrize("link", LINKS)
def test_where_guests_post_no_links_members_do(chat: Chat, ada: User, bob: User, guest: User, told: Told, link: str):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    configure(chat, ada, guest_links="refused")
    told.items.clear()

    with pytest.raises(LinksRefused):
        say(chat, guest, link)
    assert told.items == []

    assert say(chat, bob, link).created
    assert say(chat, guest, "no link: at five (or six)").created


def test_where_announcements_alone_are_written_nobody_else_edits_one_into_an_old_message(
    chat: Chat, ada: User, bob: User, told: Told
):
    for person in (ada, bob):
        say(chat, person)
    configure(chat, ada, announcement_only=True)
    told.items.clear()

    with pytest.raises(AnnouncementsOnly):
        services.edit_message(chat_id=chat.id, actor_id=bob.id, seq=2, body="Buy tea!")
    assert told.items == []

    assert services.edit_message(chat_id=chat.id, actor_id=ada.id, seq=1, body="Tea at five")["body"] == "Tea at five"
    assert services.delete_message(chat_id=chat.id, actor_id=bob.id, seq=2)["deleted_at"]


def test_no_guest_edits_a_link_into_a_message(chat: Chat, ada: User, guest: User, told: Told):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    configure(chat, ada, guest_links="refused")
    seq = say(chat, guest).message["seq"]
    told.items.clear()

    with pytest.raises(LinksRefused):
        services.edit_message(chat_id=chat.id, actor_id=guest.id, seq=seq, body=LINKS[0])
    assert told.items == []


def test_only_a_group_is_public_and_only_where_the_operator_lets_it(chat: Chat, ada: User, bob: User, settings):
    brief = services.create_chat(creator_id=ada.id, kind="temporary")
    with pytest.raises(InvalidChat):
        configure(brief, ada, is_public=True)

    settings.PUBLIC_CHATS = False
    with pytest.raises(NotAllowed):
        configure(chat, ada, is_public=True)
    configure(chat, ada, is_public=False)
