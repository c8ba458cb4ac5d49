"""The way to one service: its addresses in turn, each behind a breaker; so many at once; one retry."""

import asyncio
import itertools
import logging
import random
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import Context
from typing import Any, TypeVar

import aiohttp
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import CLOSED, HALF_OPENED, OPENED
from yarl import URL

from abdre import metrics, tracing
from abdre.service_client.errors import ServiceAway

log = logging.getLogger(__name__)

CONNECT_S = 1.0
# So many failures in a row, and an address is left alone, until it answers one of our probes.
FAILURES = 5
PROBE_EVERY_S = 1.0
# A service that is only slow, as all are on a busy machine, shall come back too.
PROBE_WITHIN_S = 5.0
PROBE = "/livez"
# Requests to one service that wait for its answer. More would wait anyway, and hold memory and connections meanwhile.
AT_ONCE = 256
# Bodies on their way to one service, apart from those: a client may take its time with them.
UPLOADS_AT_ONCE = 256
RETRY_WITHIN_S = (0.01, 0.06)
# Safe (RFC 9110, 9.2.1) and without a body: who asks twice is told the same.
REPEATABLE = frozenset(("GET", "HEAD", "OPTIONS"))
# Nearly always a line that had rested, closed just as it was taken again. Who is dead refuses the next one.
BROKEN_LINES = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionResetError, BrokenPipeError)
NOT_REACHED = (*BROKEN_LINES, ConnectionError)
# There never was a line, so nothing was said on it.
NEVER_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
# A line that was closed just as we took it again, by a server that says that it has not read what we sent.
UNREAD = 408
PROBLEMS = (aiohttp.ClientError, OSError, TimeoutError)

Body = bytes | AsyncIterable[bytes] | None
T = TypeVar("T")


class Upstream:
    """One per service and event loop. Raises ServiceAway, at once where the service is known to be away."""

    def __init__(
        self, name: str, addresses: tuple[str, ...], *, requests: aiohttp.ClientSession, sockets: aiohttp.ClientSession
    ) -> None:
        self.name = name
        self._requests = requests
        self._sockets = sockets
        self._ways = [_Way(name, address, probe=self._probe) for address in addresses]
        self._turns = itertools.cycle(self._ways)
        self._under_way = 0
        self._uploads = 0

    @property
    def states(self) -> dict[str, str]:
        """By address: closed (all is well), opened (left alone), half-opened (a probe is under way)."""
        return {way.address: way.state for way in self._ways}

    @asynccontextmanager
    async def request(
        self, method: str, target: str, *, data: Body = None, **options: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer, its body still to be read. What the source of `data` raises comes through as it is.

        `options` are aiohttp's; among them `timeout`.
        """
        source, headers = _Source(data), options.setdefault("headers", {})
        with self._measured() as measure, self._place_for(source), tracing.asking(self.name, method, headers):
            answer = await self._answer(method, target, source, **options)
            measure.outcome = "error" if answer.status >= 500 else "ok"
        async with answer as response:
            yield response

    @contextmanager
    def _measured(self) -> Iterator["_Measure"]:
        """Until the head of the answer, or the word that there will be none; who gives up asking has shown nothing."""
        measure = _Measure()
        began = time.perf_counter()
        try:
            yield measure
        except ServiceAway as problem:
            measure.outcome = "timeout" if isinstance(problem.__cause__, TimeoutError) else "away"
            raise
        finally:
            if measure.outcome:
                metrics.UPSTREAM_REQUESTS.add(1, self.name, measure.outcome)
                metrics.UPSTREAM_SECONDS.observe(time.perf_counter() - began, self.name)

    @contextmanager
    def _place_for(self, source: "_Source") -> Iterator[None]:
        taken, most = (self._uploads, UPLOADS_AT_ONCE) if source.is_slow else (self._under_way, AT_ONCE)
        if taken >= most:
            raise ServiceAway(f"{self.name} has {most} requests under way")
        self._uploads += source.is_slow
        self._under_way += not source.is_slow
        try:
            yield
        finally:
            self._uploads -= source.is_slow
            self._under_way -= not source.is_slow

    async def socket(self, target: str, *, timeout_s: float, **options: Any) -> aiohttp.ClientWebSocketResponse:
        """An open socket. Raises aiohttp.WSServerHandshakeError where the service refuses it."""

        async def ask(address: str) -> aiohttp.ClientWebSocketResponse:
            async with asyncio.timeout(timeout_s):
                line: aiohttp.ClientWebSocketResponse = await self._sockets.ws_connect(
                    URL(address + target, encoded=True), **options
                )
                return line

        return await self.through(ask)

    async def through(self, ask: Callable[[str], Awaitable[T]]) -> T:
        """What `ask` gives of the next address; of another one where that was not reached, so it may be repeated.

        It raises one of PROBLEMS where the service did not answer.
        """
        with self._measured() as measure:
            answer = await self._of_some_way(ask)
            measure.outcome = "ok"
        return answer

    async def _of_some_way(self, ask: Callable[[str], Awaitable[T]]) -> T:
        way = self._way()
        try:
            return await way.through(ask)
        except ServiceAway as problem:
            if not isinstance(problem.__cause__, NOT_REACHED):
                raise
        return await (await self._another(way)).through(ask)

    async def _answer(self, method: str, target: str, source: "_Source", **options: Any) -> aiohttp.ClientResponse:
        async def ask(address: str) -> aiohttp.ClientResponse:
            url = URL(address + target, encoded=True)
            return await self._requests.request(method, url, data=source.data, allow_redirects=False, **options)

        way = self._way()
        try:
            answer = await way.through(ask, source)
        except ServiceAway as problem:
            if not source.may_repeat(method, after=problem.__cause__):
                raise
        else:
            if answer.status != UNREAD or source.has_begun:
                return answer
            answer.release()
        return await (await self._another(way)).through(ask, source)

    async def _another(self, but: "_Way") -> "_Way":
        """In a moment: at once the same address would be met as it was, a process just being replaced."""
        await asyncio.sleep(random.uniform(*RETRY_WITHIN_S))  # noqa: S311  # a spread, not a secret
        return self._way(but)

    def _way(self, but: "_Way | None" = None) -> "_Way":
        """The next address that is not left alone, and another one than `but` if there is any."""
        for way in itertools.islice(self._turns, len(self._ways)):
            if way.state == CLOSED and way is not but:
                return way
        if but is not None and but.state == CLOSED:
            return but
        raise ServiceAway(f"{self.name} is away")

    async def _probe(self, address: str) -> None:
        timeout = aiohttp.ClientTimeout(total=PROBE_WITHIN_S)
        async with self._requests.get(URL(address + PROBE, encoded=True), timeout=timeout) as answer:
            await answer.read()

    async def close(self) -> None:
        for way in self._ways:
            await way.close()


class _Measure:
    outcome = ""


class _Source:
    """The request's body, which may end in trouble of its own: that is not the service's."""

    def __init__(self, data: Body) -> None:
        self.problem: Exception | None = None
        self.has_begun = False  # a part of it is gone for good
        self.is_slow = not isinstance(data, bytes | None)  # as slow as the client likes
        self.data = data if data is None or isinstance(data, bytes) else self._chunks(data)

    def may_repeat(self, method: str, *, after: BaseException | None) -> bool:
        """What is known never to have been sent; and what may be said twice, where nobody answered."""
        if isinstance(after, NEVER_SENT):
            return not self.has_begun
        return not self.data and method in REPEATABLE and isinstance(after, NOT_REACHED)

    async def _chunks(self, data: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        self.has_begun = True
        try:
            async for chunk in data:
                yield chunk
        except Exception as problem:  # whatever it is, it is handed on and noted
            self.problem = problem
            raise


class _Way:
    """One address and its breaker. What tries an address again is a probe: nobody's request has to."""

    def __init__(self, service: str, address: str, *, probe: Callable[[str], Awaitable[None]]) -> None:
        self.address = address
        self._service = service
        self._probe = probe
        self._probing: asyncio.Task[None] | None = None
        # Half-opened as soon as it is asked to be, which only the probe does.
        self._breakers = AsyncCircuitBreakerFactory(default_threshold=FAILURES, default_ttl=0)
        self._breakers.add_listener(self._note)
        self._breaker: Any = None

    @property
    def state(self) -> str:
        return str(self._breaker.context.state) if self._breaker is not None else CLOSED

    async def through(self, ask: Callable[[str], Awaitable[T]], source: _Source | None = None) -> T:
        if self._breaker is None:
            self._breaker = await self._breakers.get_breaker(self.address)
        try:
            answer = await ask(self.address)
        except aiohttp.WSServerHandshakeError:  # an answer too
            await self._succeeded()
            raise
        except aiohttp.ClientResponseError as problem:  # and so is one that cannot be understood
            await self._succeeded()
            raise ServiceAway(f"{self._service} answered what is not HTTP") from problem
        except PROBLEMS as problem:
            if source is not None and source.problem is not None:
                raise source.problem from problem
            if not isinstance(problem, BROKEN_LINES) or isinstance(problem, aiohttp.ClientConnectorError):
                await self._failed(problem)
            raise ServiceAway(f"{self._service} did not answer") from problem
        await self._succeeded()  # who is given up by its client has shown nothing of the service, and is not counted
        return answer

    async def _succeeded(self) -> None:
        if self.state != OPENED:  # one that began before it was: the probe decides
            await self._breaker.__aexit__(None, None, None)

    async def _failed(self, problem: BaseException) -> None:
        await self._breaker.__aexit__(type(problem), problem, problem.__traceback__)
        if self.state == OPENED and self._probing is None:
            self._probing = asyncio.create_task(self._probe_until_it_answers(), context=Context())

    async def _probe_until_it_answers(self) -> None:
        while self.state != CLOSED:
            await asyncio.sleep(PROBE_EVERY_S)
            self._breaker.context.handle_new_request()
            try:
                await self.through(self._probe)
            except ServiceAway:
                pass
            except Exception:  # the outermost loop: without it the address would be left alone for ever
                log.exception("probe failed")
        self._probing = None

    async def close(self) -> None:
        if self._probing is not None:
            self._probing.cancel()
            await asyncio.wait([self._probing])

    def _note(self, address: str, kind: str, event: Any) -> None:
        if kind == "state_changed" and event.state != HALF_OPENED:
            level = logging.WARNING if event.state == OPENED else logging.INFO
            log.log(level, "breaker %s", event.state, extra={"service": self._service, "address": address})
