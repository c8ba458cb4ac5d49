"""Who reads too slowly costs a bounded amount, loses the droppable first, and is asked to come back."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest

from realtime_svc.hub import flusher
from realtime_svc.hub import socket as hub_socket
from realtime_svc.hub.flusher import LONGEST_REST_S, Flusher
from realtime_svc.hub.outbox import Outbox, OutboxClosed
from realtime_svc.hub.outlet import SentOutlet
from realtime_svc.hub.socket import Socket
from realtime_svc.protocol.codes import Close
from realtime_svc.protocol.items import Item
from realtime_svc.protocol.limits import FRAME_JOIN_BYTES, OUTBOX_LIMIT_BYTES

HELLO = Item.of({"type": "hello"})


class Reader:
    """The other end of an outbox; it may stop reading."""

    def __init__(self) -> None:
        self.frames: list[list[Any]] = []
        self.codes: list[int] = []
        self.reads = asyncio.Event()
        self.reads.set()
        self.overflows = 0
        self.begun = 0

    async def asgi_send(self, message: dict[str, Any]) -> None:
        self.begun += 1
        await self.reads.wait()
        if message["type"] == "websocket.close":
            self.codes.append(message["code"])
        else:
            self.frames.append(json.loads(message["text"]))

    def overflow(self) -> None:
        self.overflows += 1

    @property
    def items(self) -> list[Any]:
        return [item for frame in self.frames for item in frame]


@pytest.fixture
async def reader() -> Reader:
    return Reader()


def outbox_of(reader: Reader) -> Outbox:
    return Outbox(SentOutlet(reader.asgi_send), Flusher(), on_full=reader.overflow)


async def opened(reader: Reader) -> Outbox:
    outbox = outbox_of(reader)
    outbox.open(HELLO)
    await outbox.flushed()
    return outbox


async def under_way(reader: Reader, sends: int = 2) -> None:
    """Until so many sends have begun, hello's among them."""
    while reader.begun < sends:
        await asyncio.sleep(0)


def numbered(number: int, padding: int = 0) -> Item:
    return Item.of({"type": "message.created", "number": number, "padding": "x" * padding})


def typing() -> Item:
    return Item.of({"type": "typing.started"})


async def test_hello_comes_first_whatever_the_line_does_before(reader: Reader) -> None:
    outlet = SentOutlet(reader.asgi_send)
    outbox = Outbox(outlet, Flusher(), on_full=reader.overflow)
    outbox.put(numbered(1))

    assert outlet.on_change is not None
    outlet.on_change()
    await asyncio.sleep(0.05)
    assert reader.items == []
    outbox.open(HELLO)
    await outbox.flushed()

    assert [item["type"] for item in reader.items] == ["hello", "message.created"]


async def test_hello_comes_first_whatever_was_put_before(reader: Reader) -> None:
    outbox = outbox_of(reader)
    outbox.put(numbered(1))
    await asyncio.sleep(LONGEST_REST_S)
    assert reader.frames == []

    outbox.open(HELLO)
    await outbox.flushed()

    assert [item["type"] for item in reader.items] == ["hello", "message.created"]


async def test_an_idle_socket_is_written_to_at_once(reader: Reader) -> None:
    outbox = await opened(reader)
    await asyncio.sleep(LONGEST_REST_S)

    outbox.put(numbered(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    assert len(reader.frames) == 2


async def test_a_busy_process_joins_what_comes_in_a_moment(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flusher, "REST", float("inf"))
    outbox = await opened(reader)

    for number in range(5):
        outbox.put(numbered(number))
        await asyncio.sleep(0)
    await outbox.flushed()

    assert [len(frame) for frame in reader.frames] == [1, 5]


async def test_what_piles_up_during_a_send_leaves_as_one_frame_in_order(reader: Reader) -> None:
    outbox = await opened(reader)
    reader.reads.clear()
    outbox.put(numbered(0))
    await under_way(reader)
    for number in range(1, 100):
        outbox.put(numbered(number))

    reader.reads.set()
    await outbox.flushed()

    assert [len(frame) for frame in reader.frames] == [1, 1, 99]
    assert [item["number"] for item in reader.items[1:]] == list(range(100))


async def test_a_frame_does_not_grow_without_end(reader: Reader) -> None:
    outbox = await opened(reader)
    reader.reads.clear()
    for number in range(20):
        outbox.put(numbered(number, padding=FRAME_JOIN_BYTES // 3))

    reader.reads.set()
    await outbox.flushed()

    assert max(len(frame) for frame in reader.frames) == 2
    assert [item["number"] for item in reader.items[1:]] == list(range(20))


async def test_typing_is_dropped_before_anything_else(reader: Reader) -> None:
    outbox = await opened(reader)
    reader.reads.clear()
    half = OUTBOX_LIMIT_BYTES // 2
    outbox.put(numbered(0))
    await under_way(reader)
    outbox.put(numbered(1, padding=half - 1000))
    for _ in range(100):
        outbox.put(typing())

    outbox.put(numbered(2, padding=half - 1000))
    reader.reads.set()
    await outbox.flushed()

    assert reader.overflows == 0
    assert [item.get("number", "typing") for item in reader.items[1:]] == [0, 1, 2]


async def test_more_than_the_limit_is_reported_once_nothing_can_be_dropped(reader: Reader) -> None:
    outbox = await opened(reader)
    reader.reads.clear()

    for number in range(4):
        outbox.put(numbered(number, padding=OUTBOX_LIMIT_BYTES // 4))

    assert reader.overflows == 1


async def test_a_long_answer_waits_for_its_reader(reader: Reader) -> None:
    outbox = await opened(reader)
    reader.reads.clear()
    answer = (numbered(number, padding=50_000) for number in range(100))

    writing = asyncio.create_task(outbox.put_all(answer))
    await asyncio.sleep(0.05)
    assert not writing.done()
    reader.reads.set()
    await writing
    await outbox.flushed()

    assert reader.overflows == 0
    assert [item["number"] for item in reader.items[1:]] == list(range(100))


async def test_a_long_answer_ends_when_the_reader_goes(reader: Reader) -> None:
    outbox = await opened(reader)
    reader.reads.clear()
    writing = asyncio.create_task(outbox.put_all(numbered(number, padding=50_000) for number in range(100)))
    await asyncio.sleep(0.05)

    outbox.close()

    with pytest.raises(OutboxClosed):
        await writing


def socket_of(reader: Reader) -> tuple[Socket, list[str]]:
    told: list[str] = []
    socket = Socket(
        person_id=uuid4(),
        session_id=uuid4(),
        send=reader.asgi_send,
        outlet=SentOutlet(reader.asgi_send),
        flusher=Flusher(),
        give_up=lambda: told.append("given up"),
        on_close=lambda socket: told.append("forgotten"),
    )
    socket.outbox.open(HELLO)
    return socket, told


async def test_a_slow_reader_is_closed_with_come_back_and_resume(reader: Reader) -> None:
    socket, told = socket_of(reader)
    await socket.outbox.flushed()
    reader.reads.clear()

    for number in range(5):
        socket.hear("tea", number + 1, numbered(number, padding=OUTBOX_LIMIT_BYTES // 4))

    assert socket.is_closed
    assert told == ["forgotten"]
    reader.reads.set()
    await asyncio.sleep(0.05)
    assert reader.codes == [4008]


async def test_a_server_that_cannot_even_say_close_is_given_up(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_socket, "CLOSE_S", 0.05)
    socket, told = socket_of(reader)
    reader.reads.clear()

    socket.close(Close.TOO_SLOW)
    await asyncio.sleep(0.2)

    assert told == ["forgotten", "given up"]


async def test_held_events_count_too(reader: Reader) -> None:
    socket, _ = socket_of(reader)

    with socket.holding(["tea"]):
        for number in range(5):
            socket.hear("tea", number + 1, numbered(number, padding=OUTBOX_LIMIT_BYTES // 4))

    assert socket.is_closed


async def test_what_was_put_before_the_close_is_still_written(reader: Reader) -> None:
    socket, _ = socket_of(reader)
    socket.outbox.put(numbered(1))

    socket.close(Close.SESSION_ENDED)
    await asyncio.sleep(0.05)

    assert [item["type"] for item in reader.items] == ["hello", "message.created"]
    assert reader.codes == [4504]
