"""Messages are pinned by who may, shown to all who may read them, and told in the chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from abdre.events import chat_group
from chat_svc import services
from chat_svc.models import Chat, Pin
from chat_svc.services import pins
from chat_svc.tests.conftest import Api, Told, say

if TYPE_CHECKING:
    from user_svc.models import User


@pytest.fixture(autouse=True)
def said(chat: Chat, bob: User) -> None:
    for body in ("one", "two"):
        say(chat, bob, body)


def path_of(chat: Chat, seq: int = 1) -> str:
    return f"/api/chats/{chat.id}/messages/{seq}/pin"


def pinned(chat: Chat, user: User) -> list[int]:
    return [item["seq"] for item in Api(user)("GET", f"/api/chats/{chat.id}/pins").json()["items"]]


def test_a_pinned_message_says_so_and_all_are_told(chat: Chat, ada: User, bob: User, told: Told):
    told.items.clear()

    answer = Api(ada)("PUT", path_of(chat))

    changed, system = told.to(chat_group(chat.id))
    assert answer.status_code == 200
    assert changed["message"] == answer.json()
    assert changed["message"]["pinned_by"] == str(ada.id)
    assert changed["message"]["pinned_at"].endswith("Z")
    assert system["message"]["system"] == {"type": "pinned", "seq": 1}
    assert pinned(chat, bob) == [1]


def test_the_last_one_stands_first_and_pinning_twice_changes_nothing(chat: Chat, ada: User, told: Told):
    for seq in (2, 1):
        Api(ada)("PUT", path_of(chat, seq))
    told.items.clear()

    Api(ada)("PUT", path_of(chat, 2))

    assert pinned(chat, ada) == [1, 2]
    assert told.items == []


def test_taken_off_it_says_so_no_more(chat: Chat, ada: User, told: Told):
    Api(ada)("PUT", path_of(chat))
    told.items.clear()

    Api(ada)("DELETE", path_of(chat))

    (event,) = told.to(chat_group(chat.id))
    assert "pinned_at" not in event["message"]
    assert pinned(chat, ada) == []


def test_what_is_deleted_is_pinned_no_more(chat: Chat, ada: User, bob: User):
    Api(ada)("PUT", path_of(chat))

    services.delete_message(chat_id=chat.id, actor_id=bob.id, seq=1)

    assert not Pin.objects.exists()
    assert Api(ada)("PUT", path_of(chat)).status_code == 409


def test_members_and_strangers_pin_nothing_and_nobody_hears(chat: Chat, bob: User, eve: User, told: Told):
    told.items.clear()

    answers = [Api(user)(method, path_of(chat)).status_code for user in (bob, eve) for method in ("PUT", "DELETE")]

    assert answers == [403, 403, 404, 404]
    assert Api(eve)("GET", f"/api/chats/{chat.id}/pins").status_code == 404
    assert told.items == []


def test_of_a_direct_chat_both_pin(ada: User, eve: User):
    direct = services.create_chat(creator_id=ada.id, kind="direct", members=[eve.id])
    say(direct, ada)

    assert Api(eve)("PUT", path_of(direct)).status_code == 200


def test_there_is_a_most(chat: Chat, ada: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pins, "PINS_LIMIT", 1)
    Api(ada)("PUT", path_of(chat, 1))

    answer = Api(ada)("PUT", path_of(chat, 2))

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "too_many_pins")


def test_who_may_not_read_it_does_not_see_it_pinned(chat: Chat, ada: User, bob: User):
    Api(ada)("PUT", path_of(chat))

    services.clear_chat(chat_id=chat.id, user_id=bob.id)

    assert (pinned(chat, ada), pinned(chat, bob)) == ([1], [])
