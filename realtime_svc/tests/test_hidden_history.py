"""What a chat keeps from who came later reaches no socket of theirs, and all others still hear of it."""

from typing import Any
from uuid import UUID

import pytest
from channels.layers import channel_layers, get_channel_layer

from chat_svc import services
from realtime_svc.tests.client import Client
from realtime_svc.tests.conftest import Someone, do, say
from realtime_svc.tests.layers import Lossy


@pytest.fixture
async def early(ada: Someone, bob: Someone, chat: UUID) -> Client:
    """Bob's socket, in a chat that keeps its history to itself and in which something was said."""
    await do(services.change_chat, chat_id=chat, actor_id=ada.id, facts={"history_for_newcomers": False})
    await say(chat, ada, "secret")
    return await bob.socket()


async def resume(socket: Client, chat: UUID, version: int) -> int:
    ack = await socket.ask(type="resume", chats={str(chat): version})
    head: int = ack["chats"][str(chat)]
    return head


async def test_a_change_of_an_old_message_reaches_those_who_may_see_it_alone(
    ada: Someone, eve: Someone, chat: UUID, early: Client
) -> None:
    hers = await eve.socket()
    await do(services.enrol, chat_id=chat, user_id=eve.id)
    await hers.next("chat.created")

    await do(services.edit_message, chat_id=chat, actor_id=ada.id, seq=1, body="secret, edited")

    for socket in (early, hers):
        stale = await socket.next("chat.stale")
        assert await resume(socket, chat, stale["version"] - 1) == stale["version"]
    assert "secret, edited" in [item["message"]["body"] for item in early.heard if item["type"] == "message.changed"]
    assert "secret" not in str(hers.heard)


async def test_from_the_beginning_a_newcomer_is_told_what_they_may_see(
    ada: Someone, eve: Someone, chat: UUID, early: Client
) -> None:
    await do(services.enrol, chat_id=chat, user_id=eve.id)
    await say(chat, ada, "welcome")
    hers = await eve.socket()

    assert await resume(hers, chat, 0) == hers.hello["chats"][str(chat)]

    assert [item["message"]["body"] for item in hers.heard if "message" in item] == ["welcome"]


class Held(Lossy):
    """News of chats wait here until they are let go; those of people come through."""

    def __init__(self, layer: Any) -> None:
        super().__init__(layer)
        self.waiting: list[tuple[str, Any]] = []
        self.is_holding = False
        self.drops = self._holds

    def _holds(self, group: str, message: Any) -> bool:
        if self.is_holding and group.startswith("chat."):
            self.waiting.append((group, message))
            return True
        return False

    async def let_go(self) -> None:
        self.is_holding = False
        for group, message in self.waiting:
            await self._layer.group_send(group, message)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    layer = Held(get_channel_layer())
    monkeypatch.setitem(channel_layers.backends, "default", layer)
    return layer


async def test_what_was_said_just_before_somebody_came_in_does_not_reach_them_late(
    ada: Someone, eve: Someone, chat: UUID, held: Held, early: Client
) -> None:
    hers = await eve.socket()
    held.is_holding = True
    await say(chat, ada, "secret too")
    await do(services.enrol, chat_id=chat, user_id=eve.id)
    created = await hers.next("chat.created")

    await held.let_go()
    await early.until(lambda item: item.get("version") == created["version"])
    await say(chat, ada, "welcome")

    assert (await hers.next("message.created"))["message"]["body"] == "welcome"
    assert "secret" not in str(hers.heard)
    assert "secret too" in str(early.heard)
