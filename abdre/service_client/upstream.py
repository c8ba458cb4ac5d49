"""The way to one service: its addresses in turn, each behind a breaker; so many at once; one retry."""

import asyncio
import itertools
import logging
import random
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

import aiohttp
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import CLOSED, HALF_OPENED, OPENED, OpenedState
from yarl import URL

from abdre.service_client.errors import ServiceAway

log = logging.getLogger(__name__)

CONNECT_S = 1.0
# So many failures in a row, and an address is left alone for a while; then one request tries it.
FAILURES = 5
LEFT_ALONE_S = 1.0
# Requests to one service that wait for its answer. More would wait anyway, and hold memory and connections meanwhile.
AT_ONCE = 256
# Bodies on their way to one service, apart from those: a client may take its time with them.
UPLOADS_AT_ONCE = 256
RETRY_WITHIN_S = (0.01, 0.06)
# Safe (RFC 9110, 9.2.1) and without a body: who asks twice is told the same.
REPEATABLE = frozenset(("GET", "HEAD", "OPTIONS"))
NOT_REACHED = (aiohttp.ClientConnectorError, aiohttp.ServerDisconnectedError, ConnectionError)
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
        self._ways = [_Way(name, address) for address in addresses]
        self._turns = itertools.cycle(self._ways)
        self._under_way = 0
        self._uploads = 0

    @property
    def states(self) -> dict[str, str]:
        """By address: closed (all is well), opened (left alone), half-opened (being tried)."""
        return {way.address: way.state for way in self._ways}

    @asynccontextmanager
    async def request(
        self, method: str, target: str, *, data: Body = None, **options: Any
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The answer, its body still to be read. What the source of `data` raises comes through as it is.

        `options` are aiohttp's; among them `timeout`.
        """
        source = _Source(data)
        with self._place_for(source):
            answer = await self._answer(method, target, source, **options)
        async with answer as response:
            yield response

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
        """What `ask` gives of the next address. It raises one of PROBLEMS where the service did not answer."""
        return await self._way().through(ask)

    async def _answer(self, method: str, target: str, source: "_Source", **options: Any) -> aiohttp.ClientResponse:
        async def ask(address: str) -> aiohttp.ClientResponse:
            url = URL(address + target, encoded=True)
            return await self._requests.request(method, url, data=source.data, allow_redirects=False, **options)

        try:
            return await self._way(may_try=not source.is_slow).through(ask, source)
        except ServiceAway as problem:
            if source.data or method not in REPEATABLE or not isinstance(problem.__cause__, NOT_REACHED):
                raise
        # At once it would meet what the first one met: a process just being replaced.
        await asyncio.sleep(random.uniform(*RETRY_WITHIN_S))  # noqa: S311  # a spread, not a secret
        return await self._way().through(ask)

    def _way(self, *, may_try: bool = True) -> "_Way":
        """The next address that is not left alone; one that is to be tried, if this request may try it."""
        for way in itertools.islice(self._turns, len(self._ways)):
            if not way.is_left_alone and (may_try or way.state == CLOSED):
                return way
        raise ServiceAway(f"{self.name} is away")


class _Source:
    """The request's body, which may end in trouble of its own: that is not the service's."""

    def __init__(self, data: Body) -> None:
        self.problem: Exception | None = None
        self.is_slow = not isinstance(data, bytes | None)  # as slow as the client likes
        self.data = data if data is None or isinstance(data, bytes) else self._chunks(data)

    async def _chunks(self, data: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        try:
            async for chunk in data:
                yield chunk
        except Exception as problem:
            self.problem = problem
            raise


class _Way:
    """One address and its breaker."""

    def __init__(self, service: str, address: str) -> None:
        self.address = address
        self._service = service
        self._breakers = AsyncCircuitBreakerFactory(default_threshold=FAILURES, default_ttl=LEFT_ALONE_S)
        self._breakers.add_listener(self._note)
        self._breaker: Any = None
        self._is_tried = False  # by one request; the library would let them all

    @property
    def state(self) -> str:
        return str(self._breaker.context.state) if self._breaker is not None else CLOSED

    @property
    def is_left_alone(self) -> bool:
        if self.state == OPENED:
            try:
                self._breaker.context.handle_new_request()  # half-opens it when its time has come
            except OpenedState:
                return True
        return self.state == HALF_OPENED and self._is_tried

    async def through(self, ask: Callable[[str], Awaitable[T]], source: _Source | None = None) -> T:
        if self._breaker is None:
            self._breaker = await self._breakers.get_breaker(self.address)
        is_trial = self.state == HALF_OPENED
        self._is_tried |= is_trial
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
            await self._breaker.__aexit__(type(problem), problem, problem.__traceback__)
            raise ServiceAway(f"{self._service} did not answer") from problem
        finally:  # who was given up by its client meanwhile has shown nothing of the service
            self._is_tried &= not is_trial
        await self._succeeded()
        return answer

    async def _succeeded(self) -> None:
        await self._breaker.__aexit__(None, None, None)

    def _note(self, address: str, kind: str, event: Any) -> None:
        if kind == "state_changed":
            level = logging.WARNING if event.state == OPENED else logging.INFO
            log.log(level, "breaker %s", event.state, extra={"service": self._service, "address": address})
