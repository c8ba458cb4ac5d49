"""Who came, went, or was given a role is read between the messages, at its place, by who may know of it."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from abdre.events import chat_group
from chat_svc import selectors, services
from chat_svc.errors import ChatNotFound
from chat_svc.models import Chat, Membership, MembershipEntry
from chat_svc.selectors import Cursors
from chat_svc.tests.conftest import Api, Told, member, say
from user_svc.services import block, create_guest

if TYPE_CHECKING:
    from user_svc.models import User


def page(chat: Chat, user: User, **place: Any) -> dict[str, Any]:
    return dict(selectors.messages(chat_id=chat.id, user_id=user.id, **place))


def log(chat: Chat, user: User, **place: Any) -> list[tuple[int, str, str]]:
    """After which message, what, and to whom, as `user` reads it beside the messages."""
    entries = page(chat, user, **place)["membership_log"]
    return [(entry["after_seq"], entry["kind"], entry["user"]["display_name"]) for entry in entries]


def test_an_entry_has_all_its_keys_live_and_read_later(chat: Chat, ada: User, guest: User, told: Told):
    say(chat, ada)
    services.enrol(chat_id=chat.id, user_id=guest.id)

    event = next(item for item in told.to(chat_group(chat.id)) if item["type"] == "membership.changed")
    entry = event["entry"]
    assert set(entry) == {"after_seq", "version", "kind", "user", "role", "by", "at"}
    assert (entry["after_seq"], entry["version"], entry["kind"]) == (1, event["version"], "joined")
    assert (entry["user"], entry["role"], entry["by"]) == (event["membership"]["user"], "guest", None)
    assert page(chat, ada)["membership_log"] == [entry]
    answer = Api(ada)("GET", f"/api/chats/{chat.id}/membership-log?after=1")
    assert (answer.status_code, answer.json()) == (200, {"items": [entry]})


def test_every_coming_and_going_says_what_and_by_whom(chat: Chat, ada: User, bob: User, eve: User, guest: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    services.add_member(chat_id=chat.id, actor_id=ada.id, user_id=eve.id)
    services.change_role(chat_id=chat.id, actor_id=ada.id, user_id=bob.id, role="admin")
    services.evict(chat_id=chat.id, actor_id=bob.id, user_ids=[guest.id])
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=eve.id, ban=True)
    services.unban(chat_id=chat.id, actor_id=ada.id, user_id=eve.id)
    services.transfer_chat(chat_id=chat.id, actor_id=ada.id, user_id=bob.id)
    services.leave_chat(chat_id=chat.id, user_id=ada.id)

    entries = page(chat, bob)["membership_log"]
    said = [
        (entry["user"]["display_name"], entry["kind"], entry["role"], entry["by"] and entry["by"]["display_name"])
        for entry in entries
    ]
    assert said == [
        ("Gulnara", "joined", "guest", None),
        ("Eve", "joined", "member", "Ada"),
        ("Bob", "role_changed", "admin", "Ada"),
        ("Gulnara", "removed", "guest", "Bob"),
        ("Eve", "banned", "member", "Ada"),
        ("Bob", "role_changed", "owner", "Ada"),
        ("Ada", "role_changed", "admin", None),
        ("Ada", "left", "admin", None),
    ]
    assert [entry["version"] for entry in entries] == sorted({entry["version"] for entry in entries})


def test_it_takes_no_number_and_is_nobodys_news(chat: Chat, ada: User, bob: User, guest: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    services.leave_chat(chat_id=chat.id, user_id=guest.id)

    detail = selectors.chat_detail(chat_id=chat.id, user_id=bob.id)
    assert (detail["last_seq"], detail["last_message"], detail["unread"]) == (0, None, 0)
    assert say(chat, ada).message["seq"] == 1
    assert selectors.search(user_id=bob.id, text="Gulnara")["items"] == []


def test_what_nobody_needs_to_read_is_told_without_an_entry(chat: Chat, ada: User, guest: User, told: Told):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=guest.id, ban=True)
    told.items.clear()

    services.unban(chat_id=chat.id, actor_id=ada.id, user_id=guest.id)

    assert [item["entry"] for item in told.to(chat_group(chat.id))] == [None]


def test_a_direct_chat_has_none(ada: User, bob: User):
    direct = services.create_chat(creator_id=ada.id, kind="direct", members=[bob.id])
    services.leave_chat(chat_id=direct.id, user_id=bob.id)
    services.create_chat(creator_id=ada.id, kind="direct", members=[bob.id])

    assert log(direct, ada) == []
    assert not MembershipEntry.objects.exists()


@pytest.fixture
def talk(chat: Chat, ada: User) -> Chat:
    """Somebody comes before the first message, after each, and after the last."""
    for number in range(5):
        services.enrol(chat_id=chat.id, user_id=create_guest(display_name=f"G{number}").id)
        if number < 4:
            say(chat, ada, str(number))
    return chat


def places(chat: Chat, user: User, **place: Any) -> list[int]:
    return [after for after, _kind, _name in log(chat, user, **place)]


def test_each_page_brings_what_stands_between_its_messages(talk: Chat, ada: User):
    assert places(talk, ada) == [0, 1, 2, 3, 4]
    assert places(talk, ada, limit=2) == [3, 4]
    assert places(talk, ada, before=3, limit=2) == [0, 1, 2]
    assert places(talk, ada, before=1) == [0]
    assert places(talk, ada, after=2) == [2, 3, 4]
    assert places(talk, ada, after=0, limit=2) == [0, 1, 2]
    assert places(talk, ada, around=3, limit=2) == [2, 3]
    assert places(talk, ada, around=9, limit=1) == []
    assert [entry["after_seq"] for entry in selectors.membership_log(chat_id=talk.id, user_id=ada.id)["items"]] == [
        *range(5)
    ]


def test_a_stranger_and_who_was_put_out_learn_nothing(talk: Chat, ada: User, bob: User, eve: User):
    services.remove_member(chat_id=talk.id, actor_id=ada.id, user_id=bob.id)

    for nobody in (bob, eve):
        assert Api(nobody)("GET", f"/api/chats/{talk.id}/membership-log").status_code == 404
        with pytest.raises(ChatNotFound):
            log(talk, nobody)
    assert Api(None)("GET", f"/api/chats/{talk.id}/membership-log").status_code == 401
    assert Api(ada)("GET", f"/api/chats/{talk.id}/membership-log?after=x").status_code == 422


def test_a_newcomer_to_a_chat_that_keeps_its_history_learns_what_happened_since(talk: Chat, ada: User, eve: User):
    services.change_chat(chat_id=talk.id, actor_id=ada.id, facts={"history_for_newcomers": False})
    services.enrol(chat_id=talk.id, user_id=create_guest(display_name="Before").id)
    services.enrol(chat_id=talk.id, user_id=eve.id)
    services.enrol(chat_id=talk.id, user_id=create_guest(display_name="Since").id)
    say(talk, ada)
    services.leave_chat(chat_id=talk.id, user_id=eve.id)
    assert len(log(talk, ada)) == 9

    services.enrol(chat_id=talk.id, user_id=eve.id)

    assert log(talk, eve) == [(5, "joined", "Eve")]
    services.change_role(chat_id=talk.id, actor_id=ada.id, user_id=eve.id, role="admin")
    assert log(talk, eve) == [(5, "joined", "Eve"), (5, "role_changed", "Eve")]


def test_what_happened_just_before_a_newcomer_came_is_not_theirs_whatever_clocks_say(
    chat: Chat, ada: User, bob: User, eve: User
):
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"history_for_newcomers": False})
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=bob.id, ban=True)
    MembershipEntry.objects.filter(user=bob).update(at=timezone.now() + timedelta(minutes=1))

    services.enrol(chat_id=chat.id, user_id=eve.id)

    assert [(kind, name) for _after, kind, name in log(chat, eve)] == [("joined", "Eve")]


def test_a_newcomer_reads_who_came_before_the_next_message(chat: Chat, ada: User, eve: User):
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"history_for_newcomers": False})
    services.enrol(chat_id=chat.id, user_id=create_guest(display_name="Before").id)
    services.enrol(chat_id=chat.id, user_id=eve.id)
    services.enrol(chat_id=chat.id, user_id=create_guest(display_name="Since").id)
    say(chat, ada)

    assert [name for _after, _kind, name in log(chat, eve)] == ["Eve", "Since"]
    assert [name for _after, _kind, name in log(chat, ada)] == ["Before", "Eve", "Since"]


def test_who_has_cleared_the_chat_reads_what_happened_since(talk: Chat, ada: User, bob: User):
    services.clear_chat(chat_id=talk.id, user_id=bob.id)
    services.enrol(chat_id=talk.id, user_id=create_guest(display_name="Late").id)

    assert log(talk, bob) == [(4, "joined", "G4"), (4, "joined", "Late")]
    assert len(log(talk, ada)) == 6


def test_of_a_burst_the_newest_are_listed(chat: Chat, ada: User, guest: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys.modules[selectors.membership_log.__module__], "LOG_LIMIT", 3)
    for number in range(4):
        services.enrol(chat_id=chat.id, user_id=create_guest(display_name=f"G{number}").id)

    assert [name for _after, _kind, name in log(chat, ada)] == ["G1", "G2", "G3"]


def test_a_resume_tells_the_state_and_the_log_tells_what_happened_meanwhile(chat: Chat, ada: User, guest: User):
    since = Chat.objects.get(id=chat.id).version
    services.enrol(chat_id=chat.id, user_id=guest.id)
    services.leave_chat(chat_id=chat.id, user_id=guest.id)

    [resumed] = selectors.resume([Cursors(ada.id, {chat.id: since})])

    assert [(item["membership"]["state"], "entry" in item) for item in resumed.items] == [("left", False)]
    assert [kind for _after, kind, _name in log(chat, ada)] == ["joined", "left"]


def test_who_was_blocked_comes_and_goes_for_all_alike(chat: Chat, bob: User, eve: User):
    block(user_id=bob.id, other_id=eve.id)

    services.enrol(chat_id=chat.id, user_id=eve.id)

    assert log(chat, bob) == [(0, "joined", "Eve")]


def test_who_leaves_for_good_is_named_no_more(chat: Chat, ada: User, guest: User, told: Told):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    services.leave_chats(user_id=guest.id)
    guest.display_name = "Deleted account"
    guest.save(update_fields=["display_name"])

    assert [name for _after, _kind, name in log(chat, ada)] == ["Deleted account"] * 2


def test_a_guest_who_signs_in_has_neither_come_nor_gone(chat: Chat, ada: User, guest: User):
    account = member("aigul")
    services.enrol(chat_id=chat.id, user_id=guest.id)

    services.merge_memberships(from_user=guest.id, to_user=account.id)

    assert log(chat, ada) == [(0, "joined", "Gulnara")]


def test_a_deed_that_fails_leaves_no_entry(chat: Chat, ada: User, guest: User, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("chat_svc.services.members.watch_if_told", fail)
    with pytest.raises(RuntimeError):
        services.enrol(chat_id=chat.id, user_id=guest.id)

    assert not MembershipEntry.objects.exists()
    assert not Membership.objects.filter(user=guest).exists()
