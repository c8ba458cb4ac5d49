"""What somebody wants of a chat is their own: their devices hear of it, and nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Unpack

import pytest
from django.utils import timezone

from abdre.events import chat_group, user_group
from chat_svc import selectors, services
from chat_svc.errors import ChatNotFound, InvalidChat, TooManyPinned
from chat_svc.models import Chat, Membership
from chat_svc.tests.conftest import Api, Told, say

if TYPE_CHECKING:
    from user_svc.models import User

FOREVER = "9999-12-31T00:00:00.000Z"
WISHES: list[dict[str, Any]] = [
    {"notify": "mentions"},
    {"notify": "nothing"},
    {"muted_until": FOREVER},
    {"archived": True},
    {"pinned": True},
    {"favourite": True},
]


def prefer(chat: Chat, user: User, **facts: Unpack[services.PreferenceFacts]) -> None:
    services.prefer(chat_id=chat.id, user_id=user.id, facts=facts)


def seen(chat: Chat, user: User) -> selectors.chats.ChatItem:
    return selectors.chat_detail(chat_id=chat.id, user_id=user.id)


@pytest.mark.parametrize("wish", WISHES)
def test_a_wish_is_kept_and_told_to_ones_own_devices_alone(
    chat: Chat, ada: User, bob: User, told: Told, wish: dict[str, Any]
):
    version = Chat.objects.get(id=chat.id).version

    answer = Api(bob)("PATCH", f"/api/chats/{chat.id}/mine", wish)

    assert answer.status_code == 200
    assert wish.items() <= answer.json().items()
    assert wish.items() <= seen(chat, bob).items()
    assert told.items == [
        (
            user_group(bob.id),
            {"type": "chat_preferences.changed", "chat": str(chat.id), "preferences": answer.json()},
        )
    ]
    assert not wish.items() <= seen(chat, ada).items()
    assert Chat.objects.get(id=chat.id).version == version


def test_each_wish_can_be_taken_back(chat: Chat, bob: User):
    before = seen(chat, bob)
    for wish in WISHES:
        Api(bob)("PATCH", f"/api/chats/{chat.id}/mine", wish)

    back = {"notify": "all", "muted_until": None, "archived": False, "pinned": False, "favourite": False}
    assert Api(bob)("PATCH", f"/api/chats/{chat.id}/mine", back).json() == back
    assert seen(chat, bob) == before


def test_a_stranger_wishes_nothing_and_nobody_is_told(chat: Chat, eve: User, told: Told):
    with pytest.raises(ChatNotFound):
        prefer(chat, eve, pinned=True)

    assert told.items == []
    assert not Membership.objects.filter(user=eve).exists()


@pytest.mark.parametrize(
    "wish", [{"notify": "loud"}, {"muted_until": "soon"}, {"archived": 1}, {"pinned": "true"}, {"favourite": None}]
)
def test_what_is_no_wish_is_refused(chat: Chat, bob: User, told: Told, wish: dict[str, Any]):
    answer = Api(bob)("PATCH", f"/api/chats/{chat.id}/mine", wish)

    assert answer.status_code == 422
    assert set(answer.json()["error"]["fields"]) == set(wish)
    assert told.items == []


def test_an_unknown_level_is_refused_to_callers_in_python_too(chat: Chat, bob: User):
    with pytest.raises(InvalidChat):
        prefer(chat, bob, notify="loud")


def test_a_new_message_brings_an_archived_chat_back(chat: Chat, ada: User, bob: User):
    say(chat, ada)
    prefer(chat, bob, archived=True)
    assert seen(chat, bob)["archived"]

    say(chat, ada)

    assert not seen(chat, bob)["archived"]


def test_a_muted_chat_stays_archived_while_it_is_muted(chat: Chat, ada: User, bob: User):
    prefer(chat, bob, archived=True, muted_until=timezone.now() + timedelta(hours=1))

    say(chat, ada)
    assert seen(chat, bob)["archived"]

    prefer(chat, bob, muted_until=timezone.now() - timedelta(seconds=1))
    assert not seen(chat, bob)["archived"]


def test_ten_chats_are_on_top_and_not_eleven(chat: Chat, ada: User, bob: User, told: Told):
    prefer(chat, bob, pinned=True)
    for _ in range(9):
        prefer(services.create_chat(creator_id=bob.id, kind="group"), bob, pinned=True)
    last = services.create_chat(creator_id=bob.id, kind="group")
    told.items.clear()

    with pytest.raises(TooManyPinned):
        prefer(last, bob, pinned=True)
    assert told.items == []

    prefer(chat, bob, pinned=True)  # it is there already
    prefer(chat, bob, pinned=False)
    prefer(last, bob, pinned=True)
    assert told.types_to(chat_group(last.id)) == []
