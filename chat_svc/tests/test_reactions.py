"""People react to messages: counted right, told once, by whom the chat lets, and gone with what they stood on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import chat_svc
from abdre.db import close_connections
from abdre.events import chat_group
from chat_svc import events, selectors, services
from chat_svc.emoji import as_emoji
from chat_svc.errors import (
    ChatNotFound,
    ChatOver,
    InvalidMessage,
    MessageDeleted,
    MessageNotFound,
    TooManyReactions,
)
from chat_svc.models import Chat, Kind, Membership, Message, Reaction
from chat_svc.tests.conftest import Api, Told, member, say
from user_svc.selectors import user_json

if TYPE_CHECKING:
    from user_svc.models import User

THUMB, HEART = "👍", "❤️"
TWENTY = "😀😁😂😃😄😅😆😇😈😉😊😋😌😍😎😏😐😑😒😓"
FAMILY, WALES, FINE = "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "👌🏽"


def react(chat: Chat, user: User, emoji: str = THUMB, *, seq: int = 1, on: bool = True) -> events.MessageJson:
    return services.react(chat_id=chat.id, actor_id=user.id, seq=seq, emoji=emoji, on=on)


def reacted(emoji: str, *users: User) -> events.ReactionJson:
    return {"emoji": emoji, "count": len(users), "users": [str(user.id) for user in users]}


@pytest.fixture
def said(chat: Chat, bob: User, told: Told) -> events.MessageJson:
    message = say(chat, bob, "**tea**").message
    told.items.clear()
    return message


def test_a_reaction_is_a_change_of_the_message_that_all_are_told(
    chat: Chat, ada: User, bob: User, said: events.MessageJson, told: Told
):
    react(chat, ada, HEART)
    shown = react(chat, bob, THUMB)

    assert shown["reactions"] == [reacted(HEART, ada), reacted(THUMB, bob)]
    assert {**shown, "reactions": [], "version": said["version"]} == said
    assert [item["version"] - said["version"] for item in told.to(chat_group(chat.id))] == [1, 2]
    assert told.to(chat_group(chat.id))[-1] == events.message_changed(shown, chat=chat)


def test_history_and_who_was_away_see_them(chat: Chat, ada: User, bob: User, said: events.MessageJson):
    shown = react(chat, ada)

    assert selectors.messages(chat_id=chat.id, user_id=bob.id)["items"] == [shown]
    [resumed] = selectors.resume([selectors.Cursors(bob.id, {chat.id: said["version"]})])
    assert [item["message"] for item in resumed.items] == [shown]


def test_what_is_so_already_changes_nothing_and_is_not_told(
    chat: Chat, ada: User, bob: User, said: events.MessageJson, told: Told
):
    first = react(chat, ada)
    told.items.clear()

    assert react(chat, ada) == first
    assert react(chat, bob, on=False) == first
    assert told.items == []


def test_it_is_taken_back_by_whoever_gave_it_and_the_rest_stays(
    chat: Chat, ada: User, bob: User, said: events.MessageJson
):
    react(chat, ada)
    react(chat, bob)

    assert react(chat, ada, on=False)["reactions"] == [reacted(THUMB, bob)]
    gone = react(chat, bob, on=False)
    assert gone["reactions"] == []
    assert {**gone, "version": said["version"]} == said
    assert Reaction.objects.count() == 0


@pytest.mark.parametrize("emoji", [THUMB, FAMILY, WALES, FINE, "🇰🇿", "#️⃣", HEART])
def test_an_emoji_is_whatever_keyboards_offer(emoji: str):
    assert as_emoji(emoji) == emoji


def test_the_picker_offers_nothing_else():
    """Nor in another spelling: what one person chose there, another one's keyboard may have typed."""
    offered = (Path(chat_svc.__file__).parents[1] / "static/vendor/emoji/en.js").read_text().split("`")[1].splitlines()
    signs = [line.partition("|")[0] for line in offered]

    assert len(signs) > 1800
    assert [sign for sign in signs if as_emoji(sign) != sign] == []


def test_two_spellings_of_an_emoji_are_one(chat: Chat, ada: User, bob: User, said: events.MessageJson):
    react(chat, ada, "❤")
    shown = react(chat, bob, "❤️")

    assert shown["reactions"] == [reacted(HEART, ada, bob)]


@pytest.mark.parametrize(
    "emoji",
    ["", "a", "👍👍", "👍 ", ":)", "1", "#", "\ufe0f", "🏽", "\u200d", "<b>", "🇰", "x" * 10_000, "👨‍👩‍👧‍👦" * 100],
)
def test_nothing_else_is_one(chat: Chat, ada: User, said: events.MessageJson, told: Told, emoji: str):
    with pytest.raises(InvalidMessage):
        react(chat, ada, emoji)

    assert told.items == []


def test_a_message_takes_twenty_kinds_and_five_of_one_person(chat: Chat, said: events.MessageJson, told: Told):
    people = [member(f"person{number}") for number in range(5)]
    for person in people:
        services.enrol(chat_id=chat.id, user_id=person.id)
    for number, emoji in enumerate(TWENTY):
        react(chat, people[number // 5], emoji)
    told.items.clear()

    with pytest.raises(TooManyReactions):
        react(chat, people[4], THUMB)
    with pytest.raises(TooManyReactions):
        react(chat, people[0], TWENTY[-1])
    assert told.items == []
    assert react(chat, people[4], TWENTY[0])["reactions"][0]["count"] == 2


def test_strangers_and_those_removed_are_refused_and_nobody_is_told(
    chat: Chat, ada: User, bob: User, eve: User, said: events.MessageJson, told: Told
):
    react(chat, bob)
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=bob.id)
    told.items.clear()

    for person in (eve, bob):
        for on in (True, False):
            with pytest.raises(ChatNotFound):
                react(chat, person, on=on)
        with pytest.raises(ChatNotFound):
            selectors.reactions(chat_id=chat.id, user_id=person.id, seq=1)
    assert told.items == []
    assert Reaction.objects.count() == 1


def test_what_is_hidden_from_a_newcomer_is_not_there_for_them(
    chat: Chat, bob: User, eve: User, said: events.MessageJson
):
    react(chat, bob)
    services.enrol(chat_id=chat.id, user_id=eve.id)
    Membership.objects.filter(chat=chat, user=eve).update(visible_from_seq=2)

    with pytest.raises(MessageNotFound):
        react(chat, eve)
    with pytest.raises(MessageNotFound):
        selectors.reactions(chat_id=chat.id, user_id=eve.id, seq=1)


def test_guests_react_also_where_only_announcements_are_written(chat: Chat, ada: User, guest: User):
    say(chat, ada)
    services.enrol(chat_id=chat.id, user_id=guest.id)
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"announcement_only": True})

    assert react(chat, guest)["reactions"] == [reacted(THUMB, guest)]


def test_in_a_closed_chat_nobody_reacts(chat: Chat, ada: User, bob: User, said: events.MessageJson, told: Told):
    react(chat, bob)
    services.close_chat(chat_id=chat.id, actor_id=ada.id)
    told.items.clear()

    for on in (True, False):
        with pytest.raises(ChatOver):
            react(chat, bob, on=on)
    assert told.items == []


def test_what_is_not_there_takes_no_reaction(chat: Chat, bob: User, said: events.MessageJson):
    with pytest.raises(MessageNotFound):
        react(chat, bob, seq=7)
    react(chat, bob)
    services.delete_message(chat_id=chat.id, actor_id=bob.id, seq=1)

    with pytest.raises(MessageDeleted):
        react(chat, bob)
    assert selectors.messages(chat_id=chat.id, user_id=bob.id)["items"][0]["reactions"] == []
    assert Reaction.objects.count() == 0


def test_an_edit_leaves_them(chat: Chat, ada: User, bob: User, said: events.MessageJson):
    react(chat, ada)

    edited = services.edit_message(chat_id=chat.id, actor_id=bob.id, seq=1, body="coffee")

    assert edited["reactions"] == [reacted(THUMB, ada)]


def test_fifty_people_at_once_are_fifty_and_no_version_is_missing(chat: Chat, said: events.MessageJson, told: Told):
    people = [member(f"person{number}") for number in range(50)]
    for person in people:
        services.enrol(chat_id=chat.id, user_id=person.id)
    told.items.clear()
    before = Chat.objects.get(id=chat.id).version

    def one(person: User) -> None:
        react(chat, person)
        close_connections()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, people))

    message = Message.objects.get(chat=chat, seq=1)
    assert message.extras is not None
    assert message.extras["html"] == said["html"]
    [counted] = message.extras["reactions"]
    assert counted["count"] == 50
    assert set(counted["users"]) == {str(person.id) for person in people}
    assert sorted(item["version"] for item in told.to(chat_group(chat.id))) == list(range(before + 1, before + 51))


def test_beyond_fifty_they_are_counted_and_each_may_ask_about_themselves(
    chat: Chat, ada: User, said: events.MessageJson, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("chat_svc.events.messages.REACTION_USERS", 2)
    people = [member(f"person{number}") for number in range(3)]
    for person in people:
        services.enrol(chat_id=chat.id, user_id=person.id)
        shown = react(chat, person)

    assert shown["reactions"] == [{**reacted(THUMB, *people[:2]), "count": 3}]
    for person, mine in ((people[2], True), (ada, False)):
        [item] = selectors.reactions(chat_id=chat.id, user_id=person.id, seq=1)
        assert (item["count"], item["mine"], len(item["users"])) == (3, mine, 3)


def test_who_has_their_messages_erased_takes_their_reactions_along(
    chat: Chat, ada: User, bob: User, said: events.MessageJson
):
    say(chat, ada, "ada's")
    for person in (ada, bob):
        for seq in (1, 2):
            react(chat, person, seq=seq)

    services.leave_chats(user_id=bob.id)
    services.erase_messages(user_id=bob.id)

    shown = selectors.messages(chat_id=chat.id, user_id=ada.id)["items"]
    assert [message["reactions"] for message in shown] == [[], [reacted(THUMB, ada)]]
    assert list(Reaction.objects.values_list("seq", "user_id")) == [(2, ada.id)]


def test_they_end_with_a_temporary_chat(ada: User):
    chat = services.create_chat(creator_id=ada.id, kind=Kind.TEMPORARY)
    say(chat, ada)
    react(chat, ada)
    services.edit_message(chat_id=chat.id, actor_id=ada.id, seq=1, body="changed")
    Chat.objects.filter(id=chat.id).update(expires_at="2020-01-01T00:00:00Z")

    services.erase_expired_chats()

    assert Reaction.objects.count() == 0


def test_a_reaction_takes_the_same_few_queries_however_many_there_are(chat: Chat, bob: User, said: events.MessageJson):
    with CaptureQueriesContext(connection) as few:
        react(chat, bob)
    people = [member(f"person{number}") for number in range(10)]
    for person in people:
        services.enrol(chat_id=chat.id, user_id=person.id)
        react(chat, person)
    with CaptureQueriesContext(connection) as many:
        react(chat, bob, HEART)

    assert len(few) == len(many)
    assert len([query for query in many if query["sql"].startswith(("SELECT", "INSERT", "UPDATE"))]) == 8


def test_who_reacted_is_told_in_four_queries(chat: Chat, bob: User, said: events.MessageJson):
    for emoji in (THUMB, HEART):
        react(chat, bob, emoji)

    with CaptureQueriesContext(connection) as queries:
        selectors.reactions(chat_id=chat.id, user_id=bob.id, seq=1)

    assert len(queries) <= 4


def test_by_rest(chat: Chat, bob: User, eve: User, said: events.MessageJson):
    path = f"/api/chats/{chat.id}/messages/1/reactions"

    given = Api(bob)("PUT", f"{path}/{quote(FAMILY)}")
    listed = Api(bob)("GET", path).json()
    again = Api(bob)("PUT", f"{path}/{quote('#️⃣')}")
    gone = Api(bob)("DELETE", f"{path}/{quote(FAMILY)}")

    assert given.json()["reactions"] == [reacted(FAMILY, bob)]
    assert listed == {"items": [{"emoji": FAMILY, "count": 1, "mine": True, "users": [user_json(bob)]}]}
    assert (again.status_code, gone.json()["reactions"]) == (200, [reacted("#️⃣", bob)])
    assert Api(bob)("PUT", f"{path}/nonsense").json()["error"]["fields"] == {"emoji": ["One emoji."]}
    for method, stranger in (("PUT", eve), ("DELETE", eve)):
        assert Api(stranger)(method, f"{path}/{quote(THUMB)}").status_code == 404
    assert Api(eve)("GET", path).status_code == 404
    assert Api(None)("PUT", f"{path}/{quote(THUMB)}").status_code == 401
