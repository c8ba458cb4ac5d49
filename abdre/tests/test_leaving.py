"""A server that ends serves who comes, finishes what is under way, and says of what it has not read that it has not."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import uvicorn
from django.conf import LazySettings

from abdre import leaving, stopping
from abdre.handshakes import AnsweringProtocol
from abdre.leaving import Server
from abdre.server import OPTIONS

WITHIN_S = 5
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n"
ANSWER_END = b"\r\n\r\n"
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class House:
    """Answers each request when it has read it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        config = uvicorn.Config(self.application, interface="asgi3", lifespan="off", log_config=None, **OPTIONS)
        self.server = Server(config)
        self.lines: list[asyncio.StreamWriter] = []

    async def application(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked.append(scope["method"])
        while (await receive()).get("more_body"):
            pass
        headers = [(b"content-length", b"0")]
        if stopping.is_stopping():
            headers.append((b"connection", b"close"))  # as the door does
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    async def __aenter__(self) -> "House":
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        self.serving = asyncio.create_task(self.server._serve([listener]))  # `serve` would take the signal handlers
        while not self.server.started:
            await asyncio.sleep(0.01)
        return self

    async def __aexit__(self, *problem: object) -> None:
        for line in self.lines:
            line.transport.abort()
        self.server.should_exit = True
        await asyncio.wait_for(self.serving, WITHIN_S)

    async def end(self) -> None:
        self.server.should_exit = True
        while not stopping.is_stopping():
            await asyncio.sleep(0.01)

    async def line(self) -> Line:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.lines.append(writer)
        return reader, writer

    async def used_line(self) -> Line:
        reader, writer = await self.line()
        writer.write(GET)
        assert await answer(reader) == 200
        return reader, writer


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with House() as started:
        yield started


async def answer(reader: asyncio.StreamReader) -> int:
    return int((await asyncio.wait_for(reader.readuntil(ANSWER_END), WITHIN_S)).split(b" ", 2)[1])


async def test_a_request_under_way_is_answered_and_its_line_closed(house: House) -> None:
    reader, writer = await house.line()
    writer.write(POST)
    while not house.asked:
        await asyncio.sleep(0.01)
    await house.end()

    writer.write(b"x")

    heard = await asyncio.wait_for(reader.read(), WITHIN_S)
    assert heard.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in heard


async def test_who_comes_meanwhile_is_served(house: House) -> None:
    _, under_way = await house.line()
    under_way.write(POST)
    while not house.asked:
        await asyncio.sleep(0.01)
    await house.end()
    await asyncio.sleep(2 * leaving.QUIET_S)

    reader, writer = await house.line()
    writer.write(GET)

    assert await answer(reader) == 200
    under_way.write(b"x")


async def test_who_asks_on_an_idle_line_while_it_is_closed_is_told_that_nothing_was_read(house: House) -> None:
    reader, writer = await house.used_line()
    await house.end()
    first_words = await asyncio.wait_for(reader.readuntil(ANSWER_END), WITHIN_S)

    writer.write(POST + b"x")  # as if it had been on its way
    await writer.drain()

    assert first_words.startswith(b"HTTP/1.1 408")
    assert b"connection: close" in first_words
    assert await asyncio.wait_for(reader.read(), WITHIN_S) == b""  # no reset, which could take those words back
    assert house.asked == ["GET"]


async def test_a_line_on_which_nothing_was_asked_ends_without_a_word(house: House) -> None:
    reader, _ = await house.line()
    await house.end()

    assert await asyncio.wait_for(reader.read(), WITHIN_S) == b""


async def test_a_line_that_has_just_come_may_still_ask(house: House) -> None:
    await house.used_line()
    await house.end()
    await asyncio.sleep(leaving.QUIET_S - 0.1)

    reader, writer = await house.line()
    await asyncio.sleep(0.3)
    writer.write(POST + b"x")

    assert await answer(reader) == 200


async def test_who_goes_on_asking_is_served_to_the_last_and_then_refused(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "STAY_S", 0.5)
    asking = [asyncio.create_task(ask_without_end(house)) for _ in range(20)]
    while len(house.asked) < 20:
        await asyncio.sleep(0.01)

    await house.end()
    await asyncio.wait_for(house.serving, WITHIN_S)

    assert await asyncio.gather(*asking) == [{200}] * 20


async def test_whoever_the_kernel_let_in_before_the_door_closed_is_served(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closed over, their lines would be reset with all that was said on them."""
    close = house.server._close_listeners
    late: list[socket.socket] = []

    def close_over_somebody(listeners: Any) -> Any:
        if not late:
            late.append(socket.create_connection(("127.0.0.1", house.port)))
            late[0].sendall(POST + b"x")
        return close(listeners)

    monkeypatch.setattr(house.server, "_close_listeners", close_over_somebody)
    await house.end()
    await asyncio.wait_for(house.serving, WITHIN_S)

    with late[0] as line:
        assert line.recv(4096).startswith(b"HTTP/1.1 200")


class Stays(AnsweringProtocol):
    """A socket whose client does not leave before it is made to."""

    def __init__(self, crowd: "Crowd") -> None:
        self.crowd = crowd

    def leave(self, within_s: float) -> None:
        pass

    def shutdown(self) -> None:
        self.crowd.discard(self)


class Crowd(set[Any]):
    looked_at = 0

    def __iter__(self) -> Iterator[Any]:
        for line in super().__iter__():
            self.looked_at += 1
            yield line


async def test_whether_sockets_are_left_is_not_asked_of_each_of_them(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty times a second, in the seconds in which everybody is to be served."""
    monkeypatch.setattr(leaving, "STAY_S", 0)
    monkeypatch.setattr(leaving, "REST_S", 1)
    monkeypatch.setattr(leaving, "GOODBYES_PER_S", 10_000)
    crowd = house.server.server_state.connections = Crowd()
    crowd.update(Stays(crowd) for _ in range(1000))

    await house.end()
    await asyncio.wait_for(house.serving, WITHIN_S)

    assert crowd.looked_at < 10 * 1000


class Exhausted(socket.socket):
    def accept(self) -> Any:
        raise OSError(errno.EMFILE, "Too many open files")


class Beset(socket.socket):
    """Whenever one is let in, the next one stands there."""

    def accept(self) -> Any:
        self.let_in = getattr(self, "let_in", 0) + 1
        ours, theirs = socket.socketpair()
        theirs.close()
        return ours, ""


@pytest.fixture
def listens(house: House, monkeypatch: pytest.MonkeyPatch) -> Callable[[socket.socket], None]:
    """From now on the house listens by this one."""
    close = house.server._close_listeners

    def listens(listener: socket.socket) -> None:
        monkeypatch.setattr(house.server, "_close_listeners", lambda _: close([listener]))

    return listens


async def test_where_nobody_can_be_let_in_any_more_all_others_hear_goodbye(
    house: House, listens: Callable[[socket.socket], None]
) -> None:
    reader, _ = await house.used_line()
    with Exhausted() as listener:
        listens(listener)
        await house.end()
        await asyncio.wait_for(house.serving, WITHIN_S)

    assert (await asyncio.wait_for(reader.read(), WITHIN_S)).startswith(b"HTTP/1.1 408")


async def test_of_a_crowd_at_the_door_no_more_are_let_in_than_can_have_waited(
    house: House, listens: Callable[[socket.socket], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.server.config, "backlog", 2)
    with Beset() as listener:
        listens(listener)
        await house.end()
        await asyncio.wait_for(house.serving, WITHIN_S)

        assert listener.let_in == 2


async def ask_without_end(house: House) -> set[int]:
    """Always on a new line, until there is none to be had."""
    statuses = set()
    with suppress(ConnectionRefusedError):
        while True:
            reader, writer = await house.line()
            writer.write(POST + b"x")
            statuses.add(await answer(reader))
    return statuses


async def test_an_idle_process_does_not_stay_for_long(house: House) -> None:
    began = asyncio.get_running_loop().time()

    await house.end()
    await house.serving

    assert asyncio.get_running_loop().time() - began < leaving.QUIET_S


async def test_behind_an_edge_a_process_stays_until_that_has_looked_though_nobody_asks(
    house: House, settings: LazySettings
) -> None:
    settings.STAY_AT_LEAST_S = 60
    await house.end()
    await asyncio.sleep(2 * leaving.QUIET_S)

    await house.used_line()

    house.server.hurries = True
    await house.serving


async def test_what_is_under_way_has_its_time_after_the_door_is_closed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leaving, "STAY_S", 0.1)
    reader, writer = await house.line()
    writer.write(POST)
    while not house.asked:
        await asyncio.sleep(0.01)
    await house.end()
    with suppress(ConnectionRefusedError):
        while True:
            (await house.line())[1].close()
            await asyncio.sleep(0.01)

    writer.write(b"x")

    assert await answer(reader) == 200


async def test_what_never_ends_is_cut_off(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "STAY_S", 0)
    monkeypatch.setattr(leaving, "REST_S", 0.3)
    reader, writer = await house.line()
    writer.write(POST)
    while not house.asked:
        await asyncio.sleep(0.01)

    await house.end()
    await asyncio.wait_for(house.serving, WITHIN_S)

    assert b" 200 " not in await reader.read()
