"""Somebody leaves for good: who has the chat then, and what becomes of what they said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from abdre.events import chat_group, user_group
from chat_svc import selectors, services
from chat_svc.models import Chat, Kind, Membership, Message, Report
from chat_svc.services import leaving, moderation
from chat_svc.tests.conftest import Told, member, say
from chat_svc.tests.moderators import by, moderator
from user_svc.selectors import notices_of
from user_svc.services import anonymise, ask_for_deletion, begin_deletion

if TYPE_CHECKING:
    from user_svc.models import User


def roles(chat: Chat) -> dict[str, str]:
    active = Membership.objects.filter(chat=chat, state="active")
    return dict(active.values_list("user__display_name", "role"))


def is_closed(chat: Chat) -> bool:
    return Chat.objects.get(id=chat.id).closed_at is not None


def test_a_chat_goes_to_who_has_been_in_it_the_longest(chat: Chat, ada: User, eve: User, told: Told):
    services.enrol(chat_id=chat.id, user_id=eve.id)

    services.leave_chats(user_id=ada.id)

    assert roles(chat) == {"Bob": "owner", "Eve": "member"}
    assert not is_closed(chat)
    assert "membership.changed" in told.types_to(chat_group(chat.id))
    assert told.types_to(user_group(ada.id)) == ["chat.removed"]


def test_one_who_manages_it_comes_before_one_who_has_been_longer_in_it(chat: Chat, ada: User, eve: User):
    services.enrol(chat_id=chat.id, user_id=eve.id)
    services.change_role(chat_id=chat.id, actor_id=ada.id, user_id=eve.id, role="admin")

    services.leave_chats(user_id=ada.id)

    assert roles(chat) == {"Bob": "member", "Eve": "owner"}


def test_a_chat_with_another_owner_stays_as_it_is(chat: Chat, ada: User, bob: User):
    services.change_role(chat_id=chat.id, actor_id=ada.id, user_id=bob.id, role="owner")

    services.leave_chats(user_id=ada.id)

    assert roles(chat) == {"Bob": "owner"}


def test_guests_inherit_nothing_so_the_chat_closes(ada: User, guest: User):
    chat = services.create_chat(creator_id=ada.id, kind=Kind.GROUP, title="Tea")
    services.enrol(chat_id=chat.id, user_id=guest.id)

    services.leave_chats(user_id=ada.id)

    assert roles(chat) == {"Gulnara": "guest"}
    assert is_closed(chat)


def test_in_a_direct_chat_nobody_is_left_to_talk_to(ada: User, bob: User):
    chat = services.create_chat(creator_id=ada.id, kind=Kind.DIRECT, members=[bob.id])

    services.leave_chats(user_id=ada.id)

    assert roles(chat) == {"Bob": "owner"}
    assert is_closed(chat)


def test_what_waits_for_the_staff_stays_without_what_its_reporter_said(chat: Chat, ada: User, bob: User):
    say(chat, bob, "mine")
    say(chat, ada, "you fool")
    say(chat, ada, "you ass")
    open_one, closed = [
        services.report_message(chat_id=chat.id, reporter_id=bob.id, seq=seq, reason="abuse")[0] for seq in (2, 3)
    ]
    mira = moderator()
    moderation.reject_report(by=by(mira), report_id=closed.id)

    anonymise(user_id=bob.id)
    for _ in range(2):
        services.leave_chats(user_id=bob.id)

    [left] = Report.objects.select_related("reporter")
    assert (left.id, left.state, left.reporter.display_name) == (open_one.id, "open", "Deleted account")
    assert [one["body"] for one in left.snapshot or []] == ["you fool", "you ass"]


def test_who_has_left_for_good_is_not_told_that_their_report_was_handled(chat: Chat, ada: User, bob: User):
    seq = say(chat, ada, "you fool").message["seq"]
    report = services.report_message(chat_id=chat.id, reporter_id=bob.id, seq=seq, reason="abuse")[0]
    ask_for_deletion(user_id=bob.id, due_at=timezone.now(), erases_messages=False)
    begin_deletion(user_id=bob.id)
    anonymise(user_id=bob.id)

    moderation.resolve_report(by=by(moderator()), report_id=report.id)

    assert not notices_of(bob.id)


def test_again_is_no_harm(chat: Chat, ada: User, told: Told):
    services.leave_chats(user_id=ada.id)
    told.items.clear()

    services.leave_chats(user_id=ada.id)

    assert told.items == []


def test_all_that_somebody_said_is_erased_and_everybody_is_told(
    chat: Chat, other: Chat, ada: User, bob: User, told: Told, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(leaving, "DELETE_BATCH", 2)
    for number in range(5):
        say(chat, bob, f"mine {number}")
    say(chat, ada, "hers")
    say(other, bob, "elsewhere")
    services.leave_chat(chat_id=chat.id, user_id=bob.id)
    before = Chat.objects.get(id=chat.id).version
    told.items.clear()

    services.erase_messages(user_id=bob.id)

    assert list(Message.objects.exclude(body="").values_list("body", flat=True)) == ["hers"]
    heard = told.to(chat_group(chat.id))
    assert [(item["type"], item["message"]["body"]) for item in heard] == [("message.changed", "")] * 5
    assert [item["version"] for item in heard] == list(range(before + 1, before + 6))
    changed = selectors.changes(chat_id=chat.id, user_id=ada.id, since=before)
    assert [item["message"]["seq"] for item in changed.items] == [1, 2, 3, 4, 5]
    told.items.clear()
    services.erase_messages(user_id=bob.id)
    assert told.items == []


def test_titles_that_somebody_gave_say_their_name_no_more(chat: Chat, ada: User, bob: User, told: Told):
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"title": "Ada’s chat on Adam"})
    foreign = services.create_chat(creator_id=bob.id, kind=Kind.GROUP, title="Ada’s birthday", members=[ada.id])
    told.items.clear()

    services.forget_name(user_id=ada.id, name="Ada", instead="Deleted account")

    titles = {chat.id: "Deleted account’s chat on Adam", foreign.id: "Ada’s birthday"}
    assert dict(Chat.objects.filter(id__in=titles).values_list("id", "title")) == titles
    assert told.types_to(chat_group(chat.id)) == ["chat.changed"]


def test_one_takes_along_what_one_wrote_and_nothing_else(chat: Chat, ada: User, bob: User):
    say(chat, bob, "mine")
    say(chat, ada, "hers")
    say(chat, bob, "taken back")
    services.delete_message(chat_id=chat.id, actor_id=bob.id, seq=3)

    wrote = [(item["title"], item["seq"], item["body"]) for item in selectors.own_messages(bob.id)]

    assert wrote == [("Tea", 1, "mine"), ("Tea", 3, "")]
    assert [item["title"] for item in selectors.own_memberships(bob.id)] == ["Tea"]
    assert list(selectors.own_messages(member("eve").id)) == []


def test_erasing_takes_few_statements_for_many_messages(chat: Chat, bob: User):
    for number in range(20):
        say(chat, bob, f"mine {number}")

    with CaptureQueriesContext(connection) as queries:
        services.erase_messages(user_id=bob.id)

    assert len(queries) <= 22
