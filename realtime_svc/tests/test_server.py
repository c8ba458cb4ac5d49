"""Over a real server and a real network: slow readers, goodbyes, frames that are too large."""

import asyncio
import itertools
import signal
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import uvicorn
from django.conf import settings
from django.utils.module_loading import import_string
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from abdre import leaving, stopping
from abdre.leaving import Server
from abdre.sockets import LEAVE
from realtime_svc import server
from realtime_svc.protocol.frames import DIRECT, Frame
from realtime_svc.protocol.items import Item
from realtime_svc.protocol.limits import FRAME_HARD_LIMIT_BYTES
from realtime_svc.server import OPTIONS, READ_AHEAD, READ_AHEAD_BYTES, SocketProtocol

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
Messages = asyncio.Queue[dict[str, Any]]


class House:
    """A server with an application of the test's own."""

    def __init__(self) -> None:
        self.sends: asyncio.Queue[Any] = asyncio.Queue()
        self.received: Messages = asyncio.Queue()
        config = uvicorn.Config(
            self.application, interface="asgi3", host="127.0.0.1", port=0, lifespan="off", log_config=None, **OPTIONS
        )
        self.server = Server(config)

    async def application(self, scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        self.direct = scope["extensions"][DIRECT]
        await self.sends.put(send)
        while (message := await receive())["type"] != "websocket.disconnect":
            await self.received.put(message)
            if message["type"] == LEAVE:
                await self.leave(send)
        await self.received.put(message)

    async def leave(self, send: Any) -> None:
        await send({"type": "websocket.close", "code": 4001, "reason": "going away"})

    async def __aenter__(self) -> "House":
        self.serving = asyncio.create_task(self.server._serve())  # `serve` would take the run's signal handlers
        while not self.server.started:
            await asyncio.sleep(0.01)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *problem: object) -> None:
        self.server.should_exit = True
        await self.serving

    def visitor(self, **options: Any) -> connect:
        return connect(f"ws://127.0.0.1:{self.port}/ws", **options)


@pytest.fixture
async def house(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    async with House() as started:
        yield started


async def test_when_the_server_ends_the_application_lets_everybody_go() -> None:
    async with House() as house:
        async with house.visitor() as first, house.visitor() as second:
            await house.sends.get(), await house.sends.get()

            house.server.should_exit = True

            for visitor in (first, second):
                assert await code_heard_by(visitor) == 4001
        await asyncio.wait_for(house.serving, 5)


async def code_heard_by(visitor: Any) -> int:
    with pytest.raises(ConnectionClosed) as end:
        await visitor.recv()
    assert end.value.rcvd is not None
    return end.value.rcvd.code


async def test_what_was_said_before_is_done_before_the_goodbye() -> None:
    async with House() as house, house.visitor() as visitor:
        await house.sends.get()
        await visitor.send("1")
        await (await visitor.ping())

        house.server.should_exit = True

        heard = [await asyncio.wait_for(house.received.get(), 5) for _ in range(2)]
        assert [message["type"] for message in heard] == ["websocket.receive", LEAVE]


async def test_an_application_that_does_not_hang_up_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "LEAVE_WITHIN_S", 0.2)

    async def stay(send: Any) -> None:
        """It has better things to do."""

    async with House() as house, house.visitor() as visitor:
        house.leave = stay  # type: ignore[method-assign]
        await house.sends.get()

        house.server.should_exit = True

        assert await code_heard_by(visitor) == 4001


async def test_a_gateway_that_ends_hears_the_last_words_before_the_goodbye(house: House) -> None:
    async def answer(send: Any) -> None:
        house.direct.write(Frame([Item(b"1")]))
        await send({"type": "websocket.close", "code": 4001, "reason": "going away"})

    house.leave = answer  # type: ignore[method-assign]
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(HANDSHAKE)
    await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)

    writer.write(b"\x88\x82\0\0\0\0" + (4001).to_bytes(2, "big"))

    assert await asyncio.wait_for(reader.read(), 5) == b"\x81\x03[1]" + b"\x88\x02" + (4001).to_bytes(2, "big")
    assert [(await house.received.get())["type"] for _ in range(2)] == [LEAVE, "websocket.disconnect"]
    writer.close()


async def test_many_are_let_go_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "GOODBYES_PER_S", 20)
    clock, count = asyncio.get_running_loop().time, 20
    async with House() as house, AsyncExitStack() as all_of_them:
        visitors = [await all_of_them.enter_async_context(house.visitor()) for _ in range(count)]
        began = clock()
        house.server.should_exit = True

        async def leaves(visitor: Any) -> float:
            assert await code_heard_by(visitor) == 4001
            return clock() - began

        moments = sorted(await asyncio.gather(*(leaves(visitor) for visitor in visitors)))

    assert moments[-1] < count / 20 + 0.5
    assert moments[-1] - moments[0] > 0.3
    assert max(later - earlier for earlier, later in itertools.pairwise(moments)) < 0.6


async def test_who_comes_while_the_server_ends_is_sent_elsewhere_at_once() -> None:
    async with House() as house, house.visitor():
        await house.sends.get()
        house.leave = house.sends.put  # type: ignore[assignment, method-assign]  # it stays for a while
        house.server.should_exit = True
        await house.sends.get()

        with pytest.raises(InvalidStatus) as refusal:
            async with house.visitor():
                pass

        assert refusal.value.response.status_code == 503


async def test_a_second_signal_lets_everybody_go_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "GOODBYES_PER_S", 0.01)
    async with House() as house, house.visitor() as visitor:
        await house.sends.get()

        house.server.handle_exit(signal.SIGTERM, None)
        while not stopping.is_stopping():
            await asyncio.sleep(0.01)
        house.server.handle_exit(signal.SIGTERM, None)

        assert await asyncio.wait_for(code_heard_by(visitor), 2) == 4001
        await asyncio.wait_for(house.serving, 5)


async def test_a_handshake_too_long_to_read_is_answered(house: House) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(HANDSHAKE[:-2] + b"Cookie: " + b"x" * 9_000 + b"\r\n\r\n")

    assert (await asyncio.wait_for(reader.read(), 5)).startswith(b"HTTP/1.1 4")
    writer.close()


async def test_a_reader_that_stopped_is_told_and_cut_off(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = sockets.create_connection(("127.0.0.1", house.port))
    connection.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    connection.sendall(HANDSHAKE)
    send = await house.sends.get()
    protocol = send.__self__
    assert isinstance(protocol, SocketProtocol)
    protocol.close_timeout = 0.2

    async def flood() -> None:
        while True:
            await send({"type": "websocket.send", "text": "x" * 65536})

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(flood(), 0.5)
    await asyncio.wait_for(send({"type": "websocket.close", "code": 4008, "reason": "too slow"}), 1)

    end = await asyncio.wait_for(house.received.get(), 1)
    assert (end["type"], end["code"]) == ("websocket.disconnect", 4008)
    while protocol in house.server.server_state.connections:
        await asyncio.sleep(0.05)
    connection.close()


@pytest.mark.parametrize("size", [10, 123, 124, 200, 65_533, 65_534, 100_000])
async def test_a_frame_of_the_hubs_is_read_like_any_other(house: House, size: int) -> None:
    async with house.visitor() as visitor:
        send = await house.sends.get()

        house.direct.write(Frame([Item(b"1" * size)]))
        await send({"type": "websocket.send", "text": "[2]"})

        assert await visitor.recv() == "[" + "1" * size + "]"
        assert await visitor.recv() == "[2]"


async def test_frames_find_the_transport_clear_again_when_the_reader_reads_on(house: House) -> None:
    connection = sockets.create_connection(("127.0.0.1", house.port))
    connection.sendall(HANDSHAKE)
    await house.sends.get()
    cleared = asyncio.Event()
    house.direct.on_change = lambda: cleared.set() if house.direct.is_clear else None

    frame = Frame([Item(b"1" * 60_000)])
    while house.direct.is_clear:
        house.direct.write(frame)
        await asyncio.sleep(0)
    assert not cleared.is_set()

    connection.setblocking(False)
    while not cleared.is_set():
        await asyncio.get_running_loop().sock_recv(connection, 65536)
    assert house.direct.is_clear
    connection.close()


async def say_goodbye(house: House, visitor: Any) -> None:
    await (await house.sends.get())({"type": "websocket.close", "code": 4001})


async def hang_up(house: House, visitor: Any) -> None:
    await visitor.close()


async def break_off(house: House, visitor: Any) -> None:
    visitor.transport.abort()


@pytest.mark.parametrize("end", [say_goodbye, hang_up, break_off])
async def test_what_ends_a_line_ends_the_writing(house: House, end: Any) -> None:
    async with house.visitor() as visitor:
        await visitor.ping()
        while not hasattr(house, "direct"):
            await asyncio.sleep(0.01)
        assert house.direct.is_clear

        await end(house, visitor)

        assert (await house.received.get())["type"] == "websocket.disconnect"
        assert not house.direct.is_clear


async def test_a_closed_line_stays_closed_though_the_reader_reads_on(house: House) -> None:
    connection = sockets.create_connection(("127.0.0.1", house.port))
    connection.sendall(HANDSHAKE)
    send = await house.sends.get()
    frame = Frame([Item(b"1" * 60_000)])
    while house.direct.is_clear:
        house.direct.write(frame)
        await asyncio.sleep(0)
    resumed = asyncio.Event()
    house.direct.on_change = resumed.set

    await send({"type": "websocket.close", "code": 4001})
    resumed.clear()
    connection.setblocking(False)
    while not resumed.is_set():
        await asyncio.get_running_loop().sock_recv(connection, 65536)

    assert not house.direct.is_clear
    connection.close()


async def test_many_frames_of_one_client_are_read_ahead_in_order(house: House) -> None:
    async with house.visitor() as visitor:
        for number in range(3 * READ_AHEAD):
            await visitor.send(str(number))

        heard = [(await asyncio.wait_for(house.received.get(), 5))["text"] for _ in range(3 * READ_AHEAD)]

    assert heard == [str(number) for number in range(3 * READ_AHEAD)]


async def test_large_frames_wait_in_the_network_and_not_in_memory() -> None:
    large = "\N{GRINNING FACE}" * (READ_AHEAD_BYTES // 4)
    busy = Busy()
    async with busy, busy.visitor(max_size=None) as visitor:
        protocol: Any = next(iter(busy.server.server_state.connections))

        async def flood() -> None:
            for _ in range(3 * READ_AHEAD):
                await visitor.send(large)

        with pytest.raises(TimeoutError):  # the network takes no more
            await asyncio.wait_for(flood(), 2)

        assert 1 <= protocol.queue.qsize() <= 3
        busy.may_read.set()
        assert (await asyncio.wait_for(busy.received.get(), 5))["text"] == large
        visitor.transport.abort()


class Busy(House):
    """An application that does not get round to its client."""

    def __init__(self) -> None:
        super().__init__()
        self.may_read = asyncio.Event()

    async def application(self, scope: Any, receive: Any, send: Any) -> None:
        async def later() -> Any:
            if self.sends.qsize():  # accepted
                await self.may_read.wait()
            return await receive()

        await super().application(scope, later, send)


async def test_nothing_is_compressed(house: House) -> None:
    async with house.visitor() as visitor:
        assert visitor.response is not None
        assert "Sec-WebSocket-Extensions" not in visitor.response.headers


async def test_a_frame_beyond_all_measure_ends_the_socket(house: House) -> None:
    async with house.visitor() as visitor:
        await visitor.send("x" * (FRAME_HARD_LIMIT_BYTES + 1))

        with pytest.raises(ConnectionClosed) as end:
            await visitor.recv()
        assert end.value.rcvd is not None
        assert end.value.rcvd.code == 1009


async def test_a_socket_that_does_not_read_is_told_whenever_it_reads_again(house: House):
    """The kernel lets a client go that takes nothing of a request's answer; a socket has its own end for that."""
    async with connect(f"ws://127.0.0.1:{house.port}/ws"):
        [connection] = house.server.server_state.connections
        line = connection.transport.get_extra_info("socket")

        assert line.getsockopt(sockets.IPPROTO_TCP, sockets.TCP_USER_TIMEOUT) == 0


def test_the_role_is_served_by_its_own_protocol():
    """Another one works too, but pays for each socket what is done here once, and hangs up on nobody."""
    assert import_string(settings.SERVER_OPTIONS)["ws"] is SocketProtocol
