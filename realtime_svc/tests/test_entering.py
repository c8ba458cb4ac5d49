"""Who comes into a chat while sockets are open hears of it on every device, whatever fails or is slow meanwhile."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError

from chat_svc import services
from realtime_svc.hub import current_hub
from realtime_svc.hub.questions import Questions
from realtime_svc.hub.watch import Watch
from realtime_svc.tests.client import Client
from realtime_svc.tests.conftest import Someone, do, say
from realtime_svc.tests.layers import Lossy


async def new_chat(eve: Someone, bob: Someone) -> UUID:
    """Made by another process, and nobody of ours was in it."""
    chat = await do(services.create_chat, creator_id=eve.id, kind="group", title="New", members=[bob.id])
    return UUID(str(chat.id))


async def hears(socket: Client, chat: UUID, eve: Someone) -> None:
    created = await socket.next("chat.created")
    assert created["chat"] == str(chat)
    said = await say(chat, eve, "hello?")
    await socket.until(lambda item: item.get("version") == said["version"])
    assert [item["type"] for item in socket.heard].count("chat.created") == 1


def failing_once(monkeypatch: pytest.MonkeyPatch, question: str) -> asyncio.Event:
    real, failed = getattr(Questions, question), asyncio.Event()

    async def ask(self: Questions, *asked: Any) -> Any:
        if not failed.is_set():
            failed.set()
            raise OperationalError("restarting")
        return await real(self, *asked)

    monkeypatch.setattr(Questions, question, ask)
    return failed


async def test_a_database_that_was_away_just_then_is_asked_again(
    bob: Someone, eve: Someone, chat: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    his = await bob.socket()
    failed = failing_once(monkeypatch, "heads")

    new = await new_chat(eve, bob)

    await asyncio.wait_for(failed.wait(), 5)
    await hears(his, new, eve)


async def test_so_is_one_that_was_away_when_the_news_of_it_was_lost(
    bob: Someone, eve: Someone, chat: UUID, lossy: Lossy, monkeypatch: pytest.MonkeyPatch
) -> None:
    his = await bob.socket()
    failed = failing_once(monkeypatch, "entry")
    lossy.drops = lambda group, message: group.startswith("user.")

    new = await new_chat(eve, bob)

    await Watch(current_hub()).look_at_everything()
    await asyncio.wait_for(failed.wait(), 5)
    await hears(his, new, eve)


async def test_a_device_that_is_resuming_for_long_does_not_hold_up_another(
    bob: Someone, eve: Someone, chat: UUID
) -> None:
    devices = [await bob.socket(), await bob.socket()]
    resuming = next(iter(current_hub().people[str(bob.id)].sockets))

    async with resuming.recovering:
        new = await new_chat(eve, bob)

        first = [asyncio.create_task(device.next("chat.created")) for device in devices]
        done, waiting = await asyncio.wait(first, timeout=5, return_when=asyncio.FIRST_COMPLETED)
        assert (len(done), len(waiting)) == (1, 1)
    await asyncio.gather(*first)
    said = await say(new, eve)
    for device in devices:
        await device.until(lambda item: item.get("version") == said["version"])


async def test_who_was_busy_until_the_empty_room_was_dropped_hears_the_chat(
    bob: Someone, eve: Someone, chat: UUID
) -> None:
    his = await bob.socket()
    hub = current_hub()
    (resuming,) = hub.people[str(bob.id)].sockets

    async with resuming.recovering:
        new = await new_chat(eve, bob)
        while str(new) not in hub.people[str(bob.id)].chats:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)  # long enough to make the room, if it were made now
        await Watch(hub).sweep(before=asyncio.get_running_loop().time() + 1)

    await hears(his, new, eve)


async def test_a_chat_that_came_and_went_before_hello_is_not_heard_of(
    bob: Someone, eve: Someone, chat: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await bob.socket()
    hub = current_hub()
    asked, may_go_on = asyncio.Event(), asyncio.Event()
    prepare = hub._prepare

    async def slow(rooms: Any) -> None:
        asked.set()
        await may_go_on.wait()
        await prepare(rooms)

    monkeypatch.setattr(hub, "_prepare", slow)
    coming = asyncio.create_task(bob.socket())
    await asked.wait()
    new = await new_chat(eve, bob)
    await first.next("chat.created")
    await do(services.remove_member, chat_id=new, actor_id=eve.id, user_id=bob.id)
    await first.next("chat.removed")

    may_go_on.set()
    second = await coming

    assert set(second.hello["chats"]) == {str(chat)}
    await second.silent("chat.created", "chat.removed")
    assert str(new) not in hub.people[str(bob.id)].chats


async def test_a_doubt_outlives_whatever_failed(
    bob: Someone, eve: Someone, chat: UUID, lossy: Lossy, monkeypatch: pytest.MonkeyPatch
) -> None:
    his = await bob.socket()
    lossy.drops = lambda group, message: group.startswith("user.")
    new = await new_chat(eve, bob)
    real, failed = Questions.chats_of, asyncio.Event()

    async def broken_once(self: Questions, person_id: str) -> dict[str, int]:
        if not failed.is_set():
            failed.set()
            raise KeyError(person_id)
        return await real(self, person_id)

    monkeypatch.setattr(Questions, "chats_of", broken_once)
    current_hub().people[str(bob.id)].is_doubtful = True

    await hears(his, new, eve)


async def test_a_device_that_is_busy_is_let_in_once_however_often_it_is_missed(
    bob: Someone, eve: Someone, chat: UUID, lossy: Lossy, monkeypatch: pytest.MonkeyPatch
) -> None:
    his = await bob.socket()
    person = current_hub().people[str(bob.id)]
    (socket,) = person.sockets
    lossy.drops = lambda group, message: group.startswith("user.")
    asked: list[str] = []
    real = Questions.entry

    async def entry(self: Questions, chat_id: str, person_id: str) -> Any:
        asked.append(chat_id)
        return await real(self, chat_id, person_id)

    monkeypatch.setattr(Questions, "entry", entry)

    async with socket.recovering:
        new = await new_chat(eve, bob)
        for _ in range(5):
            await current_hub().membership.reconcile(person)
            await asyncio.sleep(0.05)

    await hears(his, new, eve)
    assert asked == [str(new)]
