"""Sockets through our own server: as if the client's line led to the service itself."""

import asyncio
import os
import socket as sockets
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestServer
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from abdre import service_client
from abdre.leaving import Server
from gateway_svc.proxy import Proxy, tunnel
from gateway_svc.server import OPTIONS

WITHIN_S = 5
HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
GOODBYE = b"\x88\x02\x03\xe8"


class Realtime:
    """The service: it says again what it hears."""

    def __init__(self) -> None:
        self.heads: list[dict[str, str]] = []
        self.ended: asyncio.Queue[int | None] = asyncio.Queue()
        self.thinks_s = 0.0

    async def talk(self, request: web.Request) -> web.WebSocketResponse:
        self.heads.append({name.lower(): value for name, value in request.headers.items()})
        await asyncio.sleep(self.thinks_s)
        if request.query.get("refuse"):
            raise web.HTTPForbidden
        line = web.WebSocketResponse(protocols=["abdre.v1"], max_msg_size=0, compress=True, autoclose=False)
        await line.prepare(request)
        try:
            await self._listen(request, line)
            await line.close(code=line.close_code or 1000)
        finally:  # who vanishes cancels this
            self.ended.put_nowait(line.close_code)
        return line

    async def _listen(self, request: web.Request, line: web.WebSocketResponse) -> None:
        async for message in line:
            if message.data == "bye":
                await line.close(code=4504, message=b"session ended")
            elif message.data == "fall":
                assert request.transport is not None
                request.transport.abort()
            elif message.type is WSMsgType.BINARY:
                await line.send_bytes(message.data)
            else:
                await line.send_str(message.data)


class Gateway:
    def __init__(self) -> None:
        async def application(scope: Any, receive: Any, send: Any) -> None:
            await Proxy(None)({**scope, "request_id": "1"}, receive, send)

        config = uvicorn.Config(
            application, interface="asgi3", host="127.0.0.1", port=0, lifespan="off", log_config=None, **OPTIONS
        )
        self.server = Server(config)

    async def __aenter__(self) -> "Gateway":
        self.serving = asyncio.create_task(self.server._serve())  # `serve` would take the run's signal handlers
        while not self.server.started:
            await asyncio.sleep(0.01)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *problem: object) -> None:
        self.server.should_exit = True
        await self.serving
        await service_client.close()

    def socket(self, path: str = "/ws", **options: Any) -> connect:
        return connect(f"ws://127.0.0.1:{self.port}{path}", max_size=None, **options)


@pytest.fixture
async def realtime(settings) -> AsyncIterator[Realtime]:
    service, app = Realtime(), web.Application()
    app.router.add_get("/ws", service.talk)
    server = TestServer(app)
    await server.start_server()
    settings.UPSTREAMS = {**settings.UPSTREAMS, "realtime": (str(server.make_url("")).rstrip("/"),)}
    yield service
    await server.close()


@pytest.fixture
async def gateway(realtime: Realtime) -> AsyncIterator[Gateway]:
    async with Gateway() as started:
        yield started


async def code_of(line: Any) -> tuple[int, str]:
    with pytest.raises(ConnectionClosed) as end:
        await asyncio.wait_for(line.recv(), WITHIN_S)
    assert end.value.rcvd is not None
    return end.value.rcvd.code, end.value.rcvd.reason


async def test_words_and_bytes_go_both_ways_whatever_their_size(gateway: Gateway) -> None:
    async with gateway.socket() as line:
        for said in ("salem", "ы" * 100_000, b"\0\xff", os.urandom(3_000_000)):
            await line.send(said)
            assert await asyncio.wait_for(line.recv(), WITHIN_S) == said


async def test_the_service_chooses_the_subprotocol_and_no_extension_is_agreed_on(gateway: Gateway) -> None:
    async with gateway.socket(subprotocols=["abdre.v1", "bearer.x"]) as line:
        assert line.subprotocol == "abdre.v1"
        assert line.protocol.extensions == []


async def test_the_service_is_told_who_the_client_is(gateway: Gateway, realtime: Realtime) -> None:
    headers = {"Cookie": "abdre_access=x", "X-Forwarded-For": "10.0.0.1", "Keep-Alive": "5"}
    async with gateway.socket(additional_headers=headers):
        (head,) = realtime.heads

    assert (head["x-forwarded-for"], head["cookie"]) == ("127.0.0.1", "abdre_access=x")
    assert "keep-alive" not in head


async def test_the_services_close_arrives_with_code_and_reason(gateway: Gateway) -> None:
    async with gateway.socket() as line:
        await line.send("bye")
        assert await code_of(line) == (4504, "session ended")


async def test_the_clients_close_arrives_with_its_code(gateway: Gateway, realtime: Realtime) -> None:
    async with gateway.socket() as line:
        await line.close(4321, "enough")

    assert await asyncio.wait_for(realtime.ended.get(), WITHIN_S) == 4321


async def test_a_client_that_vanishes_ends_the_services_side(gateway: Gateway, realtime: Realtime) -> None:
    async with gateway.socket() as line:
        line.transport.abort()

    assert await asyncio.wait_for(realtime.ended.get(), WITHIN_S) in (None, 1006)


async def test_a_service_that_falls_ends_the_clients_side(gateway: Gateway) -> None:
    async with gateway.socket() as line:
        await line.send("fall")
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(line.recv(), WITHIN_S)


async def test_pings_are_answered_by_the_service(gateway: Gateway) -> None:
    async with gateway.socket(ping_interval=None) as line:
        await asyncio.wait_for(await line.ping(b"are you there"), WITHIN_S)


async def test_a_handshake_that_the_service_refuses_is_refused(gateway: Gateway) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        async with gateway.socket("/ws?refuse=1"):
            pass

    assert refusal.value.response.status_code == 403


@pytest.mark.parametrize("headers", [{f"X-{number}": "" for number in range(105)}, {"Cookie": "x" * 8_100}])
async def test_a_handshake_that_the_service_could_not_read_is_not_handed_on(
    gateway: Gateway, realtime: Realtime, headers: dict[str, str]
) -> None:
    with pytest.raises(InvalidStatus):
        async with gateway.socket(additional_headers=headers):
            pass

    assert realtime.heads == []


async def test_a_handshake_that_we_cannot_read_is_answered(gateway: Gateway) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(HANDSHAKE[:-2] + b"Cookie: " + b"x" * 9_000 + b"\r\n\r\n")

    answer = await asyncio.wait_for(reader.read(), WITHIN_S)

    assert answer.startswith(b"HTTP/1.1 4")
    writer.close()


async def test_while_realtime_is_away_a_browser_hears_that_it_may_come_back(gateway: Gateway, settings) -> None:
    await service_client.close()
    settings.UPSTREAMS = {**settings.UPSTREAMS, "realtime": ("http://127.0.0.1:1",)}

    async with gateway.socket() as line:
        assert await code_of(line) == (4001, "realtime is away")


async def test_a_service_that_is_ending_is_left_for_its_other_process(gateway: Gateway, settings) -> None:
    async def end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(end, "127.0.0.1", 0) as ending:
        address = f"http://127.0.0.1:{ending.sockets[0].getsockname()[1]}"
        settings.UPSTREAMS = {**settings.UPSTREAMS, "realtime": (address, *settings.UPSTREAMS["realtime"])}
        await service_client.close()

        for _ in range(3):
            async with gateway.socket() as line:
                await line.send("salem")
                assert await asyncio.wait_for(line.recv(), WITHIN_S) == "salem"


async def test_who_speaks_before_the_answer_is_heard_after_it(gateway: Gateway, realtime: Realtime) -> None:
    realtime.thinks_s = 0.2
    loop = asyncio.get_running_loop()
    line = sockets.create_connection(("127.0.0.1", gateway.port))
    line.setblocking(False)
    await loop.sock_sendall(line, HANDSHAKE)
    while not realtime.heads:
        await asyncio.sleep(0.01)
    await loop.sock_sendall(line, b"\x81\x85\0\0\0\0early")

    heard = b""
    async with asyncio.timeout(WITHIN_S):
        while not heard.endswith(b"\x81\x05early"):
            heard += await loop.sock_recv(line, 65536)
    assert heard.startswith(b"HTTP/1.1 101")
    line.close()


async def test_who_speaks_in_the_handshakes_own_packet_is_heard(gateway: Gateway) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)

    writer.write(HANDSHAKE + b"\x81\x85\0\0\0\0early")

    await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), WITHIN_S)
    assert await asyncio.wait_for(reader.readexactly(7), WITHIN_S) == b"\x81\x05early"
    writer.close()


async def test_who_does_not_read_holds_up_the_writer_and_loses_nothing(gateway: Gateway) -> None:
    part = os.urandom(250_000)
    async with gateway.socket(max_queue=1) as line:
        sending = asyncio.create_task(_send_all(line, part, 400))
        await asyncio.sleep(1)
        assert not sending.done()  # the kernel alone takes some 40 of these 100 MB on four lines

        for _ in range(400):
            assert await asyncio.wait_for(line.recv(), WITHIN_S) == part
        await sending


async def test_the_end_of_what_a_service_says_is_heard_though_it_takes_nothing_more(settings) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(0.5)  # and does not read
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n" + GOODBYE)
        await asyncio.sleep(0.5)
        writer.write_eof()
        await over.wait()
        writer.close()

    over = asyncio.Event()
    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server, Gateway() as gateway:
        port = server.sockets[0].getsockname()[1]
        settings.UPSTREAMS = {**settings.UPSTREAMS, "realtime": (f"http://127.0.0.1:{port}",)}
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(HANDSHAKE + bytes(20_000_000))
        await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), WITHIN_S)

        began = asyncio.get_running_loop().time()
        assert await asyncio.wait_for(reader.read(), WITHIN_S) == GOODBYE
        assert asyncio.get_running_loop().time() - began < tunnel.LINGER_S / 2
        writer.transport.abort()
        over.set()


async def test_who_never_read_is_let_go_when_the_other_end_is_gone(
    gateway: Gateway, realtime: Realtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tunnel, "LINGER_S", 0.1)
    part = os.urandom(250_000)
    async with gateway.socket(max_queue=1) as line:
        sending = asyncio.create_task(_send_all(line, part, 400))
        await asyncio.sleep(1)
        line.transport.abort()
        await asyncio.gather(sending, return_exceptions=True)

    await asyncio.wait_for(realtime.ended.get(), WITHIN_S)


async def _send_all(line: Any, part: bytes, times: int) -> None:
    for _ in range(times):
        await line.send(part)


async def test_when_the_gateway_ends_everybody_is_asked_to_come_back(realtime: Realtime) -> None:
    async with Gateway() as gateway:
        async with gateway.socket() as first, gateway.socket() as second:
            gateway.server.should_exit = True

            assert {(await code_of(line))[0] for line in (first, second)} == {4001}
        await asyncio.wait_for(gateway.serving, WITHIN_S)
