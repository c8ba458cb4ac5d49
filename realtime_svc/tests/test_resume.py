"""After any time away a client has everything, each thing once and in its present state, or is told to begin anew."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from abdre.db import in_thread
from chat_svc import selectors, services
from realtime_svc.hub import questions
from realtime_svc.hub.questions import Questions
from realtime_svc.tests.client import Client, Item
from realtime_svc.tests.conftest import Someone, do, say
from realtime_svc.tests.layers import EVENTS, Lossy


class Copy:
    """A chat as a client keeps it: the newest version of each row wins."""

    def __init__(self) -> None:
        self.messages: dict[int, Item] = {}
        self.members: dict[str, Item] = {}

    def take(self, items: list[Item]) -> "Copy":
        for item in items:
            if "message" in item and item["type"].startswith("message."):
                _newer(self.messages, item["message"]["seq"], item["message"])
            elif item["type"] == "membership.changed":
                _newer(self.members, item["membership"]["user"]["id"], item["membership"])
        return self

    @property
    def bodies(self) -> list[str]:
        return [self.messages[seq]["body"] for seq in sorted(self.messages)]


def _newer(rows: dict[Any, Item], key: Any, row: Item) -> None:
    if key not in rows or rows[key]["version"] < row["version"]:
        rows[key] = row


async def resume(socket: Client, *, chats: dict[str, int]) -> Item:
    return await socket.ask(type="resume", chats=chats)


async def test_a_killed_socket_comes_back_to_all_of_it_once_and_in_order(
    ada: Someone, bob: Someone, guest: Someone, chat: UUID
) -> None:
    his = await bob.socket()
    version = his.hello["chats"][str(chat)]
    seen = [await say(chat, ada, f"message {number}") for number in range(5)]
    for _ in seen:
        version = (await his.next("message.created"))["version"]
    await his.break_off()
    later = await asyncio.gather(*(say(chat, ada, f"message {number}") for number in range(5, 205)))
    for message in later[:20]:
        await do(services.edit_message, chat_id=chat, actor_id=ada.id, seq=message["seq"], body="edited")
    await do(services.delete_message, chat_id=chat, actor_id=ada.id, seq=1)
    await do(services.enrol, chat_id=chat, user_id=guest.id)

    again = await bob.socket()
    ack = await resume(again, chats={str(chat): version})

    versions = again.versions(chat)
    assert versions == sorted(set(versions))
    assert ack["chats"] == again.hello["chats"] == {str(chat): 3 + 205 + 20 + 1 + 1}
    copy = Copy().take(his.heard).take(again.heard)
    page = await do(selectors.messages, chat_id=chat, user_id=bob.id, limit=1000)
    assert [copy.messages[seq] for seq in sorted(copy.messages)] == page["items"]
    assert copy.bodies.count("edited") == 20
    assert copy.members[str(guest.id)]["state"] == "active"


async def test_nothing_new_is_an_ack_alone(ada: Someone, chat: UUID) -> None:
    socket = await ada.socket()

    ack = await resume(socket, chats=socket.hello["chats"])

    assert ack["chats"] == socket.hello["chats"]
    assert socket.heard[1:] == [ack]


async def test_live_events_wait_until_the_resume_is_written(
    ada: Someone, bob: Someone, chat: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    his = await bob.socket()
    for number in range(3):
        await say(chat, ada, f"before {number}")
    reading = selectors.resume

    def slow(asked: Any) -> Any:
        """Between the read and the answer somebody writes on."""
        found = reading(asked)
        for number in range(3):
            services.send_message(chat_id=chat, sender_id=ada.id, client_id=uuid4(), body=f"meanwhile {number}")
        return found

    monkeypatch.setattr(selectors, "resume", slow)
    again = await bob.socket()
    await resume(again, chats=his.hello["chats"])
    await say(chat, ada, "after")
    await again.until(lambda item: item["type"] == "message.created" and item["message"]["body"] == "after")

    versions = again.versions(chat)
    assert versions == list(range(4, 11))
    kinds = [item["type"] for item in again.heard]
    assert kinds.index("ack") == 1 + 3


async def test_what_the_resume_told_is_not_told_again_live(
    ada: Someone, bob: Someone, chat: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The read sees what the room has not heard yet."""
    his = await bob.socket()
    reading = selectors.resume

    def late(asked: Any) -> Any:
        services.send_message(chat_id=chat, sender_id=ada.id, client_id=uuid4(), body="seen by the read")
        return reading(asked)

    monkeypatch.setattr(selectors, "resume", late)
    await resume(his, chats=his.hello["chats"])
    await say(chat, ada, "after")
    await his.until(lambda item: item["type"] == "message.created" and item["message"]["body"] == "after")

    assert his.versions(chat) == [4, 5]


async def test_too_much_is_a_reset(ada: Someone, bob: Someone, chat: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    await asyncio.gather(*(say(chat, ada, f"message {number}") for number in range(501)))
    his = await bob.socket()

    ack = await resume(his, chats={str(chat): 3})

    reset = next(item for item in his.heard if item["type"] == "reset")
    assert reset == {"type": "reset", "chat": str(chat), "version": 504}
    assert ack["chats"] == {}
    assert his.versions(chat) == []
    await say(chat, ada)
    assert (await his.next("message.created"))["version"] == 505


async def test_too_many_bytes_are_a_reset_too(
    ada: Someone, bob: Someone, chat: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await do(services.create_chat, creator_id=ada.id, kind="group", title="Small", members=[bob.id])
    for number in range(4):
        await say(chat, ada, f"{number}" * 1000)
    await say(UUID(str(other.id)), ada, "short")
    monkeypatch.setattr(questions, "RESUME_LIMIT_BYTES", 3000)
    his = await bob.socket()

    ack = await resume(his, chats={str(chat): 3, str(other.id): 3})

    assert [item["chat"] for item in his.heard if item["type"] == "reset"] == [str(chat)]
    assert ack["chats"] == {str(other.id): 4}
    assert (his.versions(chat), his.versions(other.id)) == ([], [4])


async def test_a_cursor_from_the_future_is_a_reset(ada: Someone, chat: UUID) -> None:
    socket = await ada.socket()

    ack = await resume(socket, chats={str(chat): 4711})

    assert (await_reset := [item["type"] for item in socket.heard]) == ["hello", "reset", "ack"], await_reset
    assert ack["chats"] == {}


async def test_a_strangers_resume_learns_nothing(ada: Someone, eve: Someone, chat: UUID) -> None:
    await say(chat, ada, "secret")
    socket = await eve.socket()
    guessed = uuid4()

    ack = await resume(socket, chats={str(chat): 0, str(guessed): 0})

    assert ack["chats"] == {}
    removed = [item for item in socket.heard if item["type"] == "chat.removed"]
    assert removed == [
        {"type": "chat.removed", "chat": str(chat), "reason": "removed"},
        {"type": "chat.removed", "chat": str(guessed), "reason": "removed"},
    ]
    assert [item["type"] for item in socket.heard] == ["hello", "chat.removed", "chat.removed", "ack"]
    await say(chat, ada, "another secret")
    await socket.silent()


async def test_who_was_removed_while_away_is_told(ada: Someone, bob: Someone, chat: UUID) -> None:
    his = await bob.socket()
    await his.break_off()
    await say(chat, ada, "before")
    await do(services.remove_member, chat_id=chat, actor_id=ada.id, user_id=bob.id)
    await say(chat, ada, "after")

    again = await bob.socket()
    ack = await resume(again, chats=his.hello["chats"])

    assert again.hello["chats"] == ack["chats"] == {}
    assert [item["type"] for item in again.heard] == ["hello", "chat.removed", "ack"]


async def test_who_is_removed_during_the_resume_hears_no_more_of_it(
    ada: Someone, bob: Someone, chat: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say(chat, ada, "before")
    his = await bob.socket()
    reading = selectors.resume

    def overtaken(asked: Any) -> Any:
        services.remove_member(chat_id=chat, actor_id=ada.id, user_id=bob.id)
        services.send_message(chat_id=chat, sender_id=ada.id, client_id=uuid4(), body="secret")
        return reading(asked)

    monkeypatch.setattr(selectors, "resume", overtaken)
    ack = await resume(his, chats={str(chat): 0})
    await in_thread(services.send_message, chat_id=chat, sender_id=ada.id, client_id=uuid4(), body="secret")
    await his.silent("message.created", "message.changed", "membership.changed")

    assert ack["chats"] == {}
    assert "secret" not in str(his.heard)
    assert "chat.removed" in [item["type"] for item in his.heard]


async def test_a_socket_that_dies_during_its_resume_leaves_nothing_behind(
    ada: Someone, bob: Someone, chat: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    his = await bob.socket()
    reading, begun = selectors.resume, asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(asked: Any) -> Any:
        loop.call_soon_threadsafe(begun.set)
        return reading(asked)

    monkeypatch.setattr(selectors, "resume", slow)
    await his.say(type="resume", ref="1", chats={str(chat): 0})
    await begun.wait()
    await his.hang_up()

    again = await bob.socket()
    assert (await resume(again, chats={str(chat): 0}))["chats"] == again.hello["chats"]
    await say(chat, ada)
    await again.next("message.created")


async def test_who_came_in_during_the_resume_misses_nothing_that_was_said_meanwhile(
    ada: Someone, eve: Someone, chat: UUID, lossy: Lossy, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ada.socket()  # keeps the room
    hers = await eve.socket()
    late: list[tuple[str, Any]] = []
    real = Questions.resume

    def comes_later(group: str, message: Any) -> bool:
        is_news = message["type"] == EVENTS
        late.extend([(group, message)] * is_news)
        return is_news

    lossy.drops = comes_later

    async def resume_late(self: Questions, person_id: str, cursors: Any) -> Any:
        await do(services.enrol, chat_id=chat, user_id=eve.id)
        await say(chat, ada, "welcome")
        return await real(self, person_id, cursors)

    monkeypatch.setattr(Questions, "resume", resume_late)
    assert (await resume(hers, chats={str(chat): 1}))["chats"] == {}
    lossy.drops = lambda group, message: False
    for group, message in late:
        await lossy.group_send(group, message)

    created = await hers.next("chat.created")
    last = await say(chat, ada, "hello")
    await hers.until(lambda item: item.get("version") == last["version"])

    told = [version for version in hers.versions(chat) if version > created["version"]]
    assert told == list(range(created["version"] + 1, last["version"] + 1))
