"""Who is called by name: `@username`, `@Display_Name`, `@all`; strangers never, and the writer not by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from abdre.events import chat_group
from chat_svc import selectors, services
from chat_svc.models import Chat, Mention, Role
from chat_svc.tests.conftest import Told, batch, member, post, say
from chat_svc.writer import mentions
from user_svc.services import block, create_guest

if TYPE_CHECKING:
    from user_svc.models import User


def said(sent: services.Sent) -> list[tuple[str | None, str]]:
    return [(mention["user"], mention["text"]) for mention in sent.message.get("mentions", [])]


def mentions_of(chat: Chat, user: User) -> int:
    return selectors.chat_detail(chat_id=chat.id, user_id=user.id)["mentions"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("@bob hi", "@bob"),
        ("hi, @BOB!", "@BOB"),
        ("(@bob)", "@bob"),
        ("@bob's tea", "@bob"),
        ("@bob.", "@bob"),
        ("@bob, @bob", "@bob"),
    ],
)
def test_a_member_is_called_by_user_name(chat: Chat, ada: User, bob: User, body: str, text: str):
    sent = say(chat, ada, body)

    assert said(sent) == [(str(bob.id), text)]
    assert mentions_of(chat, bob) == 1
    assert list(Mention.objects.values_list("user_id", "seq")) == [(bob.id, 1)]


def test_a_guest_is_called_by_the_name_shown_as_one_word(chat: Chat, ada: User, guest: User):
    guest.display_name = "Gülnara  Öz"
    guest.save()
    services.enrol(chat_id=chat.id, user_id=guest.id)

    sent = say(chat, ada, "salem @gülnara_öz!")

    assert said(sent) == [(str(guest.id), "@gülnara_öz")]
    assert mentions_of(chat, guest) == 1


ADDRESSES = ["ada@bob.org", "https://house.org/@bob"]


@pytest.mark.parametrize("body", [*ADDRESSES, "@@bob", "@", "@ bob", "@bobby", "@eve", "no sign"])
def test_other_words_call_nobody(chat: Chat, ada: User, bob: User, eve: User, body: str):
    sent = say(chat, ada, body)

    assert "mentions" not in sent.message
    assert not Mention.objects.exists()


def test_a_user_name_goes_before_a_guests_name(chat: Chat, ada: User, bob: User, guest: User):
    guest.display_name = "bob"
    guest.save()
    services.enrol(chat_id=chat.id, user_id=guest.id)

    assert said(say(chat, ada, "@bob")) == [(str(bob.id), "@bob")]


def test_two_of_one_name_are_both_called(chat: Chat, ada: User):
    others = [member(name) for name in ("ann1", "ann2")]
    for other in others:
        other.display_name = "Ann"
        other.save()
        services.enrol(chat_id=chat.id, user_id=other.id)

    sent = say(chat, ada, "@ann")

    assert {user for user, _text in said(sent)} == {str(other.id) for other in others}


def test_oneself_one_does_not_call(chat: Chat, ada: User):
    say(chat, ada, "@ada")

    assert not Mention.objects.exists()


def test_where_one_has_blocked_the_other_neither_calls_the_other(chat: Chat, ada: User, bob: User, guest: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    block(user_id=bob.id, other_id=ada.id)

    for caller, called in ((ada, "@bob @all"), (bob, "@ada @all")):
        say(chat, caller, called)

    assert [mentions_of(chat, user) for user in (ada, bob, guest)] == [0, 0, 2]


def test_who_left_is_called_no_more(chat: Chat, ada: User, bob: User):
    services.leave_chat(chat_id=chat.id, user_id=bob.id)

    assert "mentions" not in say(chat, ada, "@bob").message


def test_all_are_called_at_once_but_for_the_writer(chat: Chat, ada: User, bob: User, guest: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)

    sent = say(chat, guest, "@all tea!")

    assert said(sent) == [(None, "@all")]
    assert [mentions_of(chat, user) for user in (ada, bob, guest)] == [1, 1, 0]


def test_in_a_crowd_only_who_manages_it_calls_all(
    chat: Chat, ada: User, bob: User, eve: User, monkeypatch: pytest.MonkeyPatch
):
    services.enrol(chat_id=chat.id, user_id=eve.id)
    monkeypatch.setattr(mentions, "CROWD", 2)

    assert "mentions" not in say(chat, bob, "@all").message
    services.change_role(chat_id=chat.id, actor_id=ada.id, user_id=bob.id, role=Role.ADMIN)
    assert said(say(chat, bob, "@all")) == [(None, "@all")]


def test_a_name_that_a_crowd_bears_is_no_way_to_call_it(
    chat: Chat, ada: User, bob: User, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(mentions, "CROWD", 1)
    twins = [create_guest(display_name="Twin") for _ in range(2)]
    for twin in twins:
        services.enrol(chat_id=chat.id, user_id=twin.id)

    assert said(say(chat, bob, "@twin")) == []
    assert len(said(say(chat, ada, "@twin"))) == 2
    assert [mentions_of(chat, twin) for twin in twins] == [1, 1]


def test_nobody_takes_the_word_for_all(chat: Chat, ada: User, bob: User):
    services.enrol(chat_id=chat.id, user_id=member("all").id)

    assert said(say(chat, ada, "@all")) == [(None, "@all")]
    assert mentions_of(chat, bob) == 1


def test_an_edit_calls_anew(chat: Chat, ada: User, bob: User, guest: User, told: Told):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    say(chat, ada, "@bob")

    services.edit_message(chat_id=chat.id, actor_id=ada.id, seq=1, body="@gulnara")

    assert (mentions_of(chat, bob), mentions_of(chat, guest)) == (0, 1)
    assert told.to(chat_group(chat.id))[-1]["message"]["mentions"] == [{"user": str(guest.id), "text": "@gulnara"}]
    services.edit_message(chat_id=chat.id, actor_id=ada.id, seq=1, body="nobody")
    assert "mentions" not in told.to(chat_group(chat.id))[-1]["message"]
    assert mentions_of(chat, guest) == 0


def test_an_edit_calls_nobody_who_has_read_the_message(chat: Chat, ada: User, bob: User):
    say(chat, ada, "tea?")
    services.mark_read(chat_id=chat.id, user_id=bob.id, seq=1)

    services.edit_message(chat_id=chat.id, actor_id=ada.id, seq=1, body="@bob tea?")

    assert mentions_of(chat, bob) == 0


def test_what_calls_somebody_keeps_its_place_among_the_rest(chat: Chat, other: Chat, ada: User, bob: User):
    bodies = ["one", "@bob two", "three"]

    outcomes = batch([post(chat, ada, bodies[0]), post(other, ada), *(post(chat, ada, body) for body in bodies[1:])])

    assert [outcome.message["seq"] for outcome in outcomes] == [1, 1, 2, 3]
    assert [outcome.message["body"] for outcome in outcomes if outcome.message["chat"] == str(chat.id)] == bodies
    assert mentions_of(chat, bob) == 1


def test_a_retry_calls_nobody_twice(chat: Chat, ada: User, bob: User):
    one = post(chat, ada, "@bob")

    batch([one])
    batch([one])

    assert mentions_of(chat, bob) == 1


def test_history_and_changes_say_who_is_called(chat: Chat, ada: User, bob: User):
    mentions_sent = say(chat, ada, "@bob").message["mentions"]

    page = selectors.messages(chat_id=chat.id, user_id=bob.id)
    changed = selectors.changes(chat_id=chat.id, user_id=bob.id, since=3)
    cursors = selectors.Cursors(bob.id, {chat.id: 3})
    (resumed,) = selectors.resume([cursors])

    assert page["items"][0]["mentions"] == mentions_sent
    assert changed.items[0]["message"]["mentions"] == mentions_sent
    assert resumed.items[0]["message"]["mentions"] == mentions_sent
