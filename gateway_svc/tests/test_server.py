"""What is read as a request, and how long and how large its head may be before that."""

import asyncio
import re
import socket
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from abdre import http_protocol as own
from abdre.http_protocol import HEAD_LIMIT_BYTES
from abdre.leaving import Server
from gateway_svc.server import OPTIONS

WITHIN_S = 5
HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"
SOCKET = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
)
LONG_PART, LONG_PARTS = b"x" * 1_000_000, 30
PING, PONG = b"\x89\x80\0\0\0\0", b"\x8a\0"


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Answers at once, with the names of the headers, whatever is still to come. /read reads first, /long is long.

    Sockets are let in.
    """
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            pass
        return
    while scope["path"] == "/read" and (await receive()).get("more_body"):
        pass
    names = b",".join(name for name, _ in scope["headers"])
    headers = [(b"x-heard", names), (b"x-path", scope["path"].encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    for _ in range(LONG_PARTS if scope["path"] == "/long" else 0):
        await send({"type": "http.response.body", "body": LONG_PART, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    config = uvicorn.Config(
        application, interface="asgi3", host="127.0.0.1", port=0, lifespan="off", log_config=None, **OPTIONS
    )
    server = Server(config)
    serving = asyncio.create_task(server._serve())  # `serve` would take the run's signal handlers
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


async def answer_to(port: int, *parts: bytes) -> bytes:
    """What the server says until it hangs up, or has nothing more to say."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0.05)
    heard = await asyncio.wait_for(reader.read(4096), WITHIN_S)
    writer.close()
    return heard.partition(b"\r\n")[0]


async def test_a_head_may_come_in_pieces(port: int) -> None:
    assert await answer_to(port, HEAD[:5], HEAD[5:], b"\r\n") == b"HTTP/1.1 200 OK"


async def test_a_head_that_does_not_end_is_refused(port: int) -> None:
    endless = b"X-More: " + b"x" * (HEAD_LIMIT_BYTES + 1)

    assert (await answer_to(port, HEAD, endless)).startswith(b"HTTP/1.1 431")


async def test_a_head_that_takes_too_long_is_refused(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "HEAD_WITHIN_S", 0.2)

    assert (await answer_to(port, HEAD[:5])).startswith(b"HTTP/1.1 408")


async def test_a_line_opened_for_later_ends_without_a_word(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "HEAD_WITHIN_S", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    assert await asyncio.wait_for(reader.read(), WITHIN_S) == b""
    writer.close()


async def test_who_waits_between_requests_is_not_refused_for_it(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "HEAD_WITHIN_S", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    for _ in range(2):
        writer.write(HEAD + b"\r\n")
        assert (await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), WITHIN_S)).startswith(b"HTTP/1.1 200")
        await asyncio.sleep(0.4)
    writer.close()


async def test_an_empty_line_between_requests_does_not_stop_the_clock(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD + b"\r\n")
    await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), WITHIN_S)
    monkeypatch.setattr(own, "HEAD_WITHIN_S", 0.2)

    writer.write(b"\r\n")

    assert await asyncio.wait_for(reader.read(), WITHIN_S) == b""
    writer.close()


async def test_a_socket_may_come_on_a_line_that_was_used_before(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD + b"\r\n")
    await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), WITHIN_S)
    monkeypatch.setattr(own, "HEAD_WITHIN_S", 0.2)

    writer.write(HEAD + SOCKET + b"\r\n")
    assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), WITHIN_S)).startswith(b"HTTP/1.1 101")
    await asyncio.sleep(0.4)
    writer.write(PING)

    assert await asyncio.wait_for(reader.readexactly(2), WITHIN_S) == PONG
    writer.close()


async def test_who_goes_on_sending_what_was_refused_is_not_listened_to(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    writer.write(HEAD + b"Content-Length: 100\r\n\r\nx")

    assert (await asyncio.wait_for(reader.read(), WITHIN_S)).startswith(b"HTTP/1.1 200")  # and then the end
    writer.close()


async def test_a_refused_body_that_ends_in_time_leaves_the_line_to_the_next_request(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "LINGER_S", 0.2)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD + b"Content-Length: 1\r\n\r\n")
    await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), WITHIN_S)

    writer.write(b"x")
    await asyncio.sleep(0.4)
    writer.write(HEAD + b"\r\n")

    assert (await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), WITHIN_S)).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_who_takes_nothing_of_an_answer_is_let_go(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "READER_PATIENCE_S", 0.5)
    line = socket.create_connection(("127.0.0.1", port))
    line.sendall(HEAD.replace(b"/ ", b"/long ") + b"\r\n")

    await asyncio.sleep(1.5)

    with line, pytest.raises(ConnectionError):
        await asyncio.to_thread(_read_all, line)


async def test_who_takes_an_answer_slowly_gets_all_of_it(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "READER_PATIENCE_S", 0.5)
    line = socket.create_connection(("127.0.0.1", port))
    line.sendall(HEAD.replace(b"/ ", b"/long ").replace(b"\r\n", b"\r\nConnection: close\r\n", 1) + b"\r\n")

    with line:
        assert await asyncio.to_thread(_read_all, line, rest_s=0.05) > LONG_PARTS * len(LONG_PART)


def _read_all(line: socket.socket, *, rest_s: float = 0) -> int:
    read = 0
    while part := line.recv(1_000_000):
        read += len(part)
        time.sleep(rest_s)
    return read


async def test_trailers_are_no_headers(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nAuthorization: Bearer x\r\n\r\n"

    writer.write(HEAD.replace(b"GET", b"POST") + body)

    heard = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), WITHIN_S)
    assert b"x-heard: host,transfer-encoding\r\n" in heard
    writer.close()


async def test_an_upgrade_that_we_do_not_do_is_passed_over_and_its_body_is_no_request(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
    head = b"POST /read HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: %d\r\n\r\n"

    writer.write(head % len(body))
    await asyncio.sleep(0.05)
    writer.write(body + HEAD + b"Connection: close\r\n\r\n")

    heard = await asyncio.wait_for(reader.read(), WITHIN_S)
    assert re.findall(rb"x-path: (\S+)", heard) == [b"/read", b"/"]
    writer.close()


@pytest.mark.parametrize("head", [HEAD.replace(b"GET", b"POST"), HEAD + b"Content-Length: 1\r\n"])
async def test_a_handshake_is_a_get_without_a_body(port: int, head: bytes) -> None:
    assert await answer_to(port, head + SOCKET + b"\r\nx") == b"HTTP/1.1 200 OK"


async def test_who_goes_on_with_nonsense_is_still_answered(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    writer.write(HEAD + b"\r\nnonsense\r\n\r\n" + HEAD + b"\r\n")

    heard = await asyncio.wait_for(reader.read(), WITHIN_S)
    assert re.findall(rb"HTTP/1.1 (\d+)", heard) == [b"200"]
    writer.close()


async def test_a_handshake_waits_for_no_answer_before_it(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    writer.write(HEAD + b"\r\n" + HEAD + SOCKET + b"\r\n" + HEAD + b"Connection: close\r\n\r\n")

    heard = await asyncio.wait_for(reader.read(), WITHIN_S)
    assert heard.count(b"HTTP/1.1 200") == 3
    writer.close()


async def test_a_body_is_awaited_though_the_request_before_it_is_answered(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "LINGER_S", 0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    writer.write(HEAD + b"\r\nPOST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n")
    await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), WITHIN_S)
    await asyncio.sleep(0.3)
    writer.write(b"x")

    assert b"x-path: /read" in await asyncio.wait_for(reader.readuntil(b"0\r\n\r\n"), WITHIN_S)
    writer.close()


@pytest.mark.parametrize("endless", [b"0\r\nX-More: ", b"1;more="])
async def test_what_stands_between_chunks_is_bounded_too(port: int, endless: bytes) -> None:
    head = b"POST /read HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    first, *more = [b"x" * 1000] * (HEAD_LIMIT_BYTES // 1000 + 2)

    assert (await answer_to(port, head, endless + first, b"".join(more))).startswith(b"HTTP/1.1 431")


@pytest.mark.parametrize("upgrade", [b"", SOCKET])
@pytest.mark.parametrize("head", [b"GET http://y/ HTTP/1.1\r\nHost: x\r\n", HEAD + b"Host: y\r\n"])
async def test_a_head_with_two_meanings_is_refused(port: int, head: bytes, upgrade: bytes) -> None:
    assert await answer_to(port, head + upgrade + b"\r\n") == b"HTTP/1.1 400 Bad Request"
