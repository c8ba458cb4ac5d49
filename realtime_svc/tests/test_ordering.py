"""Whatever the layer loses, doubles or turns around: sockets see versions in order and end up with everything."""

import asyncio
import time
from typing import Any
from uuid import UUID

import pytest

from abdre.events import chat_group
from auth_svc.services import end_session
from chat_svc import selectors, services
from chat_svc.selectors import resuming
from realtime_svc.hub import current_hub, questions, room, watch
from realtime_svc.tests.client import Client
from realtime_svc.tests.conftest import Someone, do, say
from realtime_svc.tests.layers import Lossy
from realtime_svc.tests.test_resume import Copy


async def talk(ada: Someone, bob: Someone, chat: UUID, count: int = 60) -> None:
    """Messages by two people side by side, some edited, some deleted."""

    async def speak(someone: Someone) -> None:
        for number in range(count // 2):
            message = await say(chat, someone, f"message {number}")
            if number % 4 == 0:
                await do(
                    services.edit_message, chat_id=chat, actor_id=someone.id, seq=message["seq"], body="said better"
                )
            if number % 9 == 0:
                await do(services.delete_message, chat_id=chat, actor_id=someone.id, seq=message["seq"])

    await asyncio.gather(speak(ada), speak(bob))


async def has_all(socket: Client, chat: UUID, someone: Someone) -> None:
    head = (await do(selectors.heads_of, user_id=someone.id))[chat]
    if not socket.versions(chat) or socket.versions(chat)[-1] < head:
        await socket.until(lambda item: item.get("version") == head)
    versions = socket.versions(chat)
    assert versions == sorted(set(versions))
    page = await do(selectors.messages, chat_id=chat, user_id=someone.id, limit=1000)
    copy = Copy().take(socket.heard)
    assert [copy.messages[seq] for seq in sorted(copy.messages)] == page["items"]


@pytest.mark.parametrize("lossy", [1, 2, 3], indirect=True)
async def test_a_lossy_layer_costs_nobody_anything(ada: Someone, bob: Someone, chat: UUID, lossy: Lossy) -> None:
    lossy.loses, lossy.doubles, lossy.delays = 0.2, 0.2, 0.3
    hers, his = await ada.socket(), await bob.socket()

    await talk(ada, bob, chat)

    await has_all(hers, chat, ada)
    await has_all(his, chat, bob)
    await lossy.settle()


async def test_two_events_the_wrong_way_round_need_no_database(
    ada: Someone, bob: Someone, chat: UUID, lossy: Lossy, monkeypatch: pytest.MonkeyPatch
) -> None:
    his = await bob.socket()
    monkeypatch.setattr(room, "HOLD_S", 5.0)
    held: list[Any] = []

    def hold(group: str, message: Any) -> bool:
        held.append((group, message))
        return True

    lossy.drops = lambda group, message: group == chat_group(chat) and hold(group, message)
    await say(chat, ada, "first")
    while not held:
        await asyncio.sleep(0.01)
    lossy.drops = lambda group, message: False
    await say(chat, ada, "second")
    await lossy.group_send(*held[0])

    first, second = await his.next("message.created"), await his.next("message.created")
    assert (first["message"]["body"], second["message"]["body"]) == ("first", "second")
    assert his.versions(chat) == [4, 5]


async def test_a_lost_last_event_is_found_by_the_look_at_the_heads(
    ada: Someone, bob: Someone, chat: UUID, lossy: Lossy
) -> None:
    his = await bob.socket()
    lossy.loses = 1.0

    await say(chat, ada, "does anybody hear me?")

    assert (await his.next("message.created"))["message"]["body"] == "does anybody hear me?"


async def test_a_lost_removal_is_found_by_the_look_at_the_heads(
    ada: Someone, bob: Someone, chat: UUID, lossy: Lossy
) -> None:
    """The process died between commit and publish: neither group was told."""
    his = await bob.socket()
    lossy.drops = lambda group, message: message["type"] == "hub.events"

    await do(services.remove_member, chat_id=chat, actor_id=ada.id, user_id=bob.id)
    await say(chat, ada, "secret")

    await his.next("chat.removed")
    await his.silent("message.created")
    assert "secret" not in str(his.heard)


async def test_a_room_whose_database_was_restored_is_reset(ada: Someone, bob: Someone, chat: UUID) -> None:
    his = await bob.socket()

    await do(services.begin_new_era)
    said = await say(chat, ada, "and on")

    assert await his.next("reset") == {"type": "reset", "chat": str(chat), "version": said["version"]}
    await say(chat, ada, "and on again")
    assert (await his.next("message.created"))["version"] == said["version"] + 1


async def test_a_room_too_far_behind_is_reset(
    ada: Someone, bob: Someone, chat: UUID, lossy: Lossy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MEND_LIMIT", 4)
    monkeypatch.setattr(resuming, "CHAT_LIMIT", 2)
    monkeypatch.setattr(questions, "MEND_PAGE", 2)
    monkeypatch.setattr(watch, "LOOK_EVERY_S", 1e9)
    his = await bob.socket()
    lossy.loses = 1.0
    for number in range(12):
        await say(chat, ada, f"message {number}")

    current_hub().rooms[str(chat)].expect(15)

    assert await his.next("reset") == {"type": "reset", "chat": str(chat), "version": 15}
    assert his.versions(chat) == [4, 5, 6, 7]
    lossy.loses = 0.0
    await say(chat, ada, "and on")
    assert (await his.next("message.created"))["version"] == 16


async def test_while_the_layer_is_away_messages_still_arrive(
    ada: Someone, bob: Someone, chat: UUID, lossy: Lossy
) -> None:
    hers, his = await ada.socket(), await bob.socket()
    lossy.is_cut = True
    began = time.monotonic()

    ack = await hers.send(chat, "anybody?")
    told = await his.next("message.created")

    assert told["version"] == ack["version"]
    assert time.monotonic() - began < 3


async def test_while_the_layer_is_away_removals_and_ends_of_sessions_act(
    ada: Someone, bob: Someone, chat: UUID, lossy: Lossy
) -> None:
    his, also_his = await bob.socket(), await bob.socket(await do(bob.sign_in))
    lossy.is_cut = True

    await do(services.remove_member, chat_id=chat, actor_id=ada.id, user_id=bob.id)
    await do(end_session_of, someone=bob)
    began = time.monotonic()

    assert await his.closed() == 4504
    await also_his.next("chat.removed")
    assert time.monotonic() - began < 2
    await say(chat, ada, "secret")
    await also_his.silent("message.created")


def end_session_of(someone: Someone) -> None:
    end_session(user_id=someone.id, session_id=someone.tokens.session_id)


async def test_while_the_layer_is_away_newcomers_are_told(ada: Someone, eve: Someone, chat: UUID, lossy: Lossy) -> None:
    socket = await eve.socket()
    lossy.is_cut = True

    await do(services.enrol, chat_id=chat, user_id=eve.id)

    await socket.next("chat.created")
    await say(chat, ada, "welcome")
    assert (await socket.next("message.created"))["message"]["body"] == "welcome"


async def test_a_socket_opened_while_the_layer_is_away_is_whole(
    ada: Someone, bob: Someone, chat: UUID, lossy: Lossy
) -> None:
    lossy.is_cut = True
    his = await bob.socket()

    await say(chat, ada, "anybody?")
    await his.next("message.created")
    lossy.is_cut = False
    await line_is_back()
    await say(chat, ada, "there you are")

    assert (await his.next("message.created"))["message"]["body"] == "there you are"


async def test_when_the_layer_is_back_everything_heals(ada: Someone, bob: Someone, chat: UUID, lossy: Lossy) -> None:
    hers, his = await ada.socket(), await bob.socket()
    lossy.is_cut = True
    await talk(ada, bob, chat, count=20)
    lossy.is_cut = False
    await line_is_back()
    await talk(ada, bob, chat, count=20)

    await has_all(hers, chat, ada)
    await has_all(his, chat, bob)


async def line_is_back() -> None:
    line = current_hub().line
    while line.is_dead:
        await asyncio.sleep(0.05)
