"""The way to the services: what goes through, what is kept back, and what a browser hears when nobody answers."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from abdre import service_client
from abdre.errors import TooLarge, Unavailable
from abdre.service_client import upstream as way
from gateway_svc.proxy import Proxy, service_for
from gateway_svc.proxy.http import SMALL_BYTES

CLIENT = "203.0.113.9"


async def said(request: web.Request) -> web.Response:
    return web.json_response(
        {
            "method": request.method,
            "target": request.raw_path,
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "body": (await request.read()).decode(),
        }
    )


async def slowly(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for part in (b"one", b"two"):
        await response.write(part)
        await asyncio.sleep(0.05)
    return response


async def nothing(request: web.Request) -> web.Response:
    return web.Response(status=204 if request.method == "DELETE" else 304)


async def talk(request: web.Request) -> web.WebSocketResponse:
    if request.query.get("refuse"):
        raise web.HTTPForbidden
    socket = web.WebSocketResponse(protocols=["abdre.v1"])
    await socket.prepare(request)
    async for message in socket:
        if message.data == "bye":
            await socket.close(code=4504, message=b"session ended")
            break
        await socket.send_str(message.data)
    return socket


@pytest.fixture
async def upstream(settings) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/api/chats/said", said)
    app.router.add_route("*", "/api/chats/slowly", slowly)
    app.router.add_route("*", "/api/chats/nothing", nothing)
    app.router.add_get("/ws", talk)
    server = TestServer(app)
    await server.start_server()
    address = str(server.make_url("")).rstrip("/")
    settings.UPSTREAMS = {**settings.UPSTREAMS, "chat": (address,), "realtime": (address,)}
    yield address
    await service_client.close()
    await server.close()


async def no_page(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})


async def ask(path: str, *, method: str = "GET", headers: dict[str, str] | None = None, body: bytes = b"") -> list[Any]:
    path, _, query = path.partition("?")
    given = {**(headers or {}), **({"content-length": str(len(body))} if body else {})}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "client": (CLIENT, 1),
        "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
    }
    halves = [body[: len(body) // 2], body[len(body) // 2 :]]
    sent: list[Any] = []

    async def receive() -> Any:
        if halves:
            return {"type": "http.request", "body": halves.pop(0), "more_body": bool(halves)}
        return await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    await Proxy(no_page)(scope, receive, send)
    return sent


def content(sent: list[Any]) -> bytes:
    return b"".join(message.get("body", b"") for message in sent[1:])


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/api/chats", "chat"),
        ("/api/chats/x", "chat"),
        ("/api/chatsx", None),
        ("/api/internal", None),
        ("/api", None),
        ("/ws", "realtime"),
        ("/wss", None),
        ("/admin/", "auth"),
        ("/administration", None),
        ("/chats", None),
        ("/livez", None),
        ("/metrics", None),
    ],
)
def test_the_table_is_all_there_is(path: str, service: str | None):
    assert service_for(path) == service


async def test_method_target_headers_and_body_arrive_as_they_were(upstream: str):
    sent = await ask(
        "/api/chats/said?q=%D2%9B&x=1",
        method="POST",
        headers={"Host": "chat.example.org", "X-Own": "1"},
        body=b"ab" * 500,
    )

    heard = json.loads(content(sent))
    assert (heard["method"], heard["target"]) == ("POST", "/api/chats/said?q=%D2%9B&x=1")
    assert heard["body"] == "ab" * 500
    assert heard["headers"]["host"] == "chat.example.org"
    assert heard["headers"]["x-own"] == "1"


async def test_the_service_is_told_who_the_client_is_and_nothing_of_its_connection(upstream: str):
    sent = await ask(
        "/api/chats/said",
        headers={
            "Connection": "close, X-Private",
            "X-Private": "1",
            "Keep-Alive": "5",
            "TE": "trailers",
            "Upgrade": "h2c",
        },
    )

    heard = json.loads(content(sent))["headers"]
    assert heard["x-forwarded-for"] == CLIENT
    assert not {"x-private", "keep-alive", "te", "upgrade"} & set(heard)


async def test_a_client_cannot_take_away_what_the_door_wrote(upstream: str):
    written = {
        "Host": "chat.example.org",
        "X-Forwarded-Proto": "https",
        "X-Request-ID": "1",
        "Traceparent": "00-1-2-01",
    }

    sent = await ask("/api/chats/said", headers={**written, "Connection": ", ".join(written)})

    heard = json.loads(content(sent))["headers"]
    assert {name: heard[name.lower()] for name in written} == written


async def test_a_small_body_is_here_before_the_service_is_asked(upstream: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(way, "UPLOADS_AT_ONCE", 0)

    sent = await ask("/api/chats/said", method="POST", body=b"x" * SMALL_BYTES, headers={"Expect": "100-continue"})

    heard = json.loads(content(sent))
    assert heard["body"] == "x" * SMALL_BYTES
    assert "expect" not in heard["headers"]  # it has been told to go on, and has
    with pytest.raises(Unavailable):
        await ask("/api/chats/said", method="POST", body=b"x" * (SMALL_BYTES + 1))


async def test_a_larger_body_goes_on_as_it_comes(upstream: str):
    sent = await ask("/api/chats/said", method="POST", body=b"ab" * SMALL_BYTES)

    assert json.loads(content(sent))["body"] == "ab" * SMALL_BYTES


async def test_values_arrive_byte_for_byte(upstream: str):
    sent = await ask("/api/chats/said", headers={"Cookie": "name=Гүлнар"})

    assert json.loads(content(sent))["headers"]["cookie"] == "name=Гүлнар"


async def test_an_answer_comes_in_pieces_as_it_is_made(upstream: str):
    sent = await ask("/api/chats/slowly")

    assert [message["body"] for message in sent[1:]] == [b"one", b"two", b""]


@pytest.mark.parametrize(("method", "status"), [("DELETE", 204), ("GET", 304)])
async def test_answers_without_a_body_stay_without(upstream: str, method: str, status: int):
    sent = await ask("/api/chats/nothing", method=method)

    assert sent[0]["status"] == status
    assert content(sent) == b""


@pytest.mark.parametrize("status", [204, 304])
async def test_they_say_no_length_which_our_server_would_hold_them_to(settings, status: int):
    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 9\r\nETag: x\r\nConnection: close\r\n\r\n" % status)
        writer.close()

    async with await asyncio.start_server(say, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        settings.UPSTREAMS = {**settings.UPSTREAMS, "chat": (f"http://127.0.0.1:{port}",)}
        sent = await ask("/api/chats/nothing")
        await service_client.close()

    assert sent[0]["headers"] == [(b"etag", b"x")]


async def test_a_head_request_gets_headers_alone(upstream: str):
    sent = await ask("/api/chats/said", method="HEAD")

    assert sent[0]["status"] == 200
    assert content(sent) == b""


async def test_what_is_not_in_the_table_is_a_page_of_ours(upstream: str):
    sent = await ask("/chats")

    assert sent[0]["status"] == 299


async def test_a_service_that_is_away_is_said_to_be_away(settings):
    settings.UPSTREAMS = {**settings.UPSTREAMS, "chat": ("http://127.0.0.1:1",)}

    with pytest.raises(Unavailable):
        await ask("/api/chats/said")
    await service_client.close()


class Browser:
    """The browser's end of a socket."""

    def __init__(self, path: str = "/ws") -> None:
        path, _, query = path.partition("?")
        self.heard: asyncio.Queue[Any] = asyncio.Queue()
        self.said: asyncio.Queue[Any] = asyncio.Queue()
        self.said.put_nowait({"type": "websocket.connect"})
        scope = {
            "type": "websocket",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "client": (CLIENT, 1),
            "headers": [(b"host", b"chat.example.org"), (b"sec-websocket-key", b"x"), (b"upgrade", b"websocket")],
            "subprotocols": ["abdre.v1", "bearer.x"],
        }
        self.task = asyncio.create_task(Proxy(no_page)(scope, self.said.get, self.heard.put))

    async def hears(self) -> Any:
        return await asyncio.wait_for(self.heard.get(), 5)


async def test_a_socket_carries_both_ways_and_its_close_code_and_reason(upstream: str):
    browser = Browser()

    assert await browser.hears() == {"type": "websocket.accept", "subprotocol": "abdre.v1"}
    await browser.said.put({"type": "websocket.receive", "text": "salem"})
    assert await browser.hears() == {"type": "websocket.send", "text": "salem"}
    await browser.said.put({"type": "websocket.receive", "text": "bye"})
    assert await browser.hears() == {"type": "websocket.close", "code": 4504, "reason": "session ended"}
    await browser.task


async def test_a_handshake_that_the_service_refuses_is_refused(upstream: str):
    browser = Browser("/ws?refuse=1")

    assert (await browser.hears())["type"] == "websocket.close"
    await browser.task


async def test_while_realtime_is_away_a_browser_hears_that_it_may_come_back(settings):
    settings.UPSTREAMS = {**settings.UPSTREAMS, "realtime": ("http://127.0.0.1:1",)}
    browser = Browser()

    assert (await browser.hears())["type"] == "websocket.accept"
    assert (await browser.hears())["code"] == 4001
    await browser.task
    await service_client.close()


async def test_more_sockets_than_requests_at_once_are_carried(upstream: str):
    browsers = [Browser() for _ in range(140)]

    assert {(await browser.hears())["type"] for browser in browsers} == {"websocket.accept"}
    for browser in browsers:
        await browser.said.put({"type": "websocket.disconnect", "code": 1000})
    await asyncio.gather(*(browser.task for browser in browsers))


async def test_a_body_that_the_door_refuses_on_the_way_is_refused_in_the_doors_words(upstream: str):
    async def receive() -> Any:
        raise TooLarge

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/chats/said",
        "query_string": b"",
        "client": (CLIENT, 1),
        "headers": [(b"transfer-encoding", b"chunked")],
    }

    with pytest.raises(TooLarge):
        await Proxy(no_page)(scope, receive, None)


async def test_a_browser_that_hangs_up_ends_the_services_side(upstream: str):
    browser = Browser()
    await browser.hears()

    await browser.said.put({"type": "websocket.disconnect", "code": 1006})

    await asyncio.wait_for(browser.task, 5)
