"""A service that is away or hangs is left alone soon, tried again gently, and nobody waits for it meanwhile."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from abdre.metrics import sampling
from abdre.service_client import close, states, upstream, way_to
from abdre.service_client.errors import ServiceAway
from abdre.service_client.upstream import FAILURES
from abdre.tests.measured import Measured

NOWHERE = "http://127.0.0.1:1"
PATIENCE_S = 0.2
PATIENCE = aiohttp.ClientTimeout(total=PATIENCE_S)


class Service:
    """One address of chat, which answers, hangs, or hangs up."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_hanging = False
        self.hangs_up = 0  # on so many requests from now on
        self.status = 200
        self.resets = False  # by TCP's reset, as a process does that dies with something unread
        self.probed = 0
        self.says: dict[str, str] = {}  # in its answers' heads
        self.leaves_unread = 0  # so many requests from now on

    async def probe(self, request: web.Request) -> web.Response:
        self.probed += 1
        if self.is_hanging:
            await asyncio.sleep(5)
        return web.Response()

    async def answer(self, request: web.Request) -> web.Response:
        self.asked += 1
        if self.hangs_up:
            self.hangs_up -= 1
            assert request.transport is not None
            if self.resets:
                line = request.transport.get_extra_info("socket")
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            request.transport.abort()
        if self.leaves_unread:
            self.leaves_unread -= 1
            return web.Response(status=408, headers={"Connection": "close"})
        if self.is_hanging:
            await asyncio.sleep(5)
        return web.Response(status=self.status, text=(await request.read()).decode(), headers=self.says)


@pytest.fixture
async def service(settings) -> AsyncIterator[Service]:
    service, app = Service(), web.Application()
    app.router.add_route("*", "/", service.answer)
    app.router.add_get("/livez", service.probe)
    server = TestServer(app)
    await server.start_server()
    settings.UPSTREAMS = {"chat": (str(server.make_url("")).rstrip("/"),)}
    yield service
    await close()
    await server.close()


async def ask(method: str = "GET", data: AsyncIterator[bytes] | None = None) -> int:
    async with way_to("chat").request(method, "/", data=data, timeout=PATIENCE) as response:
        await response.read()
        return response.status


async def echo(method: str, data: AsyncIterator[bytes]) -> str:
    async with way_to("chat").request(method, "/", data=data, timeout=PATIENCE) as response:
        return await response.text()


async def fail(times: int) -> None:
    for _ in range(times):
        with pytest.raises(ServiceAway):
            await ask("POST")


async def test_who_hangs_is_asked_no_more_after_some_time_outs(service: Service) -> None:
    service.is_hanging = True
    await fail(FAILURES)
    began = asyncio.get_running_loop().time()

    await fail(20)

    assert service.asked == FAILURES
    assert asyncio.get_running_loop().time() - began < PATIENCE_S
    assert list(states()["chat"].values()) == ["opened"]


async def test_who_still_hangs_is_left_alone_on(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream, "PROBE_EVERY_S", 0.05)
    monkeypatch.setattr(upstream, "PROBE_WITHIN_S", 0.05)
    service.is_hanging = True
    await fail(FAILURES)
    while service.probed < 3:
        await asyncio.sleep(0.01)

    await fail(1)

    assert service.asked == FAILURES


async def test_who_answers_a_probe_is_asked_by_all_again(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream, "PROBE_EVERY_S", 0.05)
    service.is_hanging = True
    await fail(FAILURES)
    service.is_hanging = False
    await until_closed()

    assert await asyncio.gather(*(ask("POST") for _ in range(10))) == [200] * 10


async def until_closed() -> None:
    async with asyncio.timeout(5):
        while "closed" not in states()["chat"].values():
            await asyncio.sleep(0.01)


async def test_a_refusal_is_an_answer(service: Service) -> None:
    for _ in range(2 * FAILURES):
        async with way_to("chat").request("GET", "/unknown", timeout=PATIENCE) as response:
            assert response.status == 404


@pytest.mark.parametrize("resets", [False, True])
@pytest.mark.parametrize(("method", "asked"), [("GET", 2), ("POST", 1)])
async def test_who_was_cut_off_asks_once_more_what_may_be_asked_twice(
    service: Service, method: str, asked: int, resets: bool
) -> None:
    service.resets = resets
    service.hangs_up = 1

    answers = await asyncio.gather(ask(method), return_exceptions=True)

    assert service.asked == asked
    assert (answers[0] == 200) == (asked == 2)


async def test_what_took_too_long_is_not_asked_again(service: Service) -> None:
    service.is_hanging = True

    with pytest.raises(ServiceAway):
        await ask()

    assert service.asked == 1


async def test_of_two_addresses_the_living_one_serves_all(service: Service, settings) -> None:
    settings.UPSTREAMS = {"chat": (NOWHERE, *settings.UPSTREAMS["chat"])}

    assert [await ask() for _ in range(20)] == [200] * 20
    assert sorted(states()["chat"].values()) == ["closed", "opened"]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_was_never_sent_is_asked_of_the_other_address(service: Service, settings, method: str) -> None:
    settings.UPSTREAMS = {"chat": (NOWHERE, *settings.UPSTREAMS["chat"])}

    assert [await ask(method) for _ in range(4)] == [200] * 4
    assert [await echo(method, said("one", "two")) for _ in range(4)] == ["onetwo"] * 4


async def said(*parts: str) -> AsyncIterator[bytes]:
    for part in parts:
        yield part.encode()


async def test_who_is_refused_twice_is_told_so(service: Service, settings) -> None:
    settings.UPSTREAMS = {"chat": (NOWHERE, NOWHERE)}

    with pytest.raises(ServiceAway):
        await ask("POST")


async def test_what_a_server_that_ends_has_not_read_is_asked_again(service: Service) -> None:
    service.leaves_unread = 1

    assert await ask("POST") == 200

    assert service.asked == 2


async def test_a_body_that_is_gone_is_not_asked_again(service: Service) -> None:
    service.leaves_unread = 1

    assert await ask("POST", said("one", "two")) == 408

    assert service.asked == 1


async def test_more_than_a_service_takes_at_once_are_refused_at_once(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upstream, "AT_ONCE", 3)
    service.is_hanging = True
    waiting = [asyncio.create_task(ask("POST")) for _ in range(3)]
    while service.asked < 3:
        await asyncio.sleep(0.01)

    with pytest.raises(ServiceAway, match="under way"):
        await ask()
    await asyncio.gather(*waiting, return_exceptions=True)
    service.is_hanging = False

    assert await ask() == 200


async def test_trouble_of_the_clients_is_not_the_services(service: Service) -> None:
    class GaveUp(Exception):
        pass

    async def half_a_body() -> AsyncIterator[bytes]:
        yield b"half"
        raise GaveUp

    for _ in range(2 * FAILURES):
        with pytest.raises(GaveUp):
            await ask("POST", half_a_body())

    assert list(states()["chat"].values()) == ["closed"]
    assert await ask() == 200


async def test_who_gives_up_has_shown_nothing_of_the_service(service: Service) -> None:
    service.is_hanging = True
    await fail(FAILURES - 1)
    asking = asyncio.create_task(ask())
    while service.asked < FAILURES:
        await asyncio.sleep(0.01)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)

    await fail(1)

    assert list(states()["chat"].values()) == ["opened"]


async def slow_body(end: asyncio.Event) -> AsyncIterator[bytes]:
    yield b"begun"
    await end.wait()


async def test_slow_bodies_do_not_keep_other_requests_out(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream, "AT_ONCE", 2)
    monkeypatch.setattr(upstream, "UPLOADS_AT_ONCE", 2)
    end = asyncio.Event()
    slow = [asyncio.create_task(ask("POST", slow_body(end))) for _ in range(2)]
    await asyncio.sleep(0.05)

    with pytest.raises(ServiceAway, match="under way"):
        await ask("POST", slow_body(end))
    assert await ask() == 200
    end.set()
    assert await asyncio.gather(*slow) == [200, 200]


async def test_a_long_line_in_an_answer_is_no_failure(service: Service) -> None:
    service.says = {"Location": "/" + "x" * 20_000}

    for _ in range(2 * FAILURES):
        assert await ask() == 200


@pytest.mark.parametrize("resets", [False, True])
async def test_lines_that_are_closed_just_as_they_are_taken_again_are_no_failure(
    service: Service, resets: bool
) -> None:
    service.resets = resets
    service.hangs_up = 2 * FAILURES
    for _ in range(2 * FAILURES):
        with pytest.raises(ServiceAway):
            await ask("POST")

    assert list(states()["chat"].values()) == ["closed"]
    assert await ask("POST") == 200


async def test_questions_are_counted_by_what_came_of_them(service: Service) -> None:
    with Measured() as measured:
        await ask()
        service.status = 503
        await ask()
        service.is_hanging = True
        await fail(FAILURES)
        with pytest.raises(ServiceAway):  # known to be away, and not asked
            await ask("POST")

        assert measured.by("abdre_upstream_requests_total", "upstream", "outcome") == {
            ("chat", "ok"): 1,
            ("chat", "error"): 1,
            ("chat", "timeout"): FAILURES,
            ("chat", "away"): 1,
        }
        assert measured("abdre_upstream_request_duration_seconds_count", upstream="chat") == FAILURES + 3
        sampling.look()
        assert list(measured.by("abdre_upstream_breaker_state", "upstream").values()) == [2]


async def test_who_gives_up_asking_says_nothing_of_the_service(service: Service) -> None:
    service.is_hanging = True
    with Measured() as measured:
        asking = asyncio.create_task(ask())
        while not service.asked:
            await asyncio.sleep(0)
        asking.cancel()
        await asyncio.wait([asking])

        assert measured.by("abdre_upstream_requests_total", "outcome") == {}
