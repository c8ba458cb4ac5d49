"""What else people do while everything is replaced, and an account of every request: what failed, and of what kind."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import aiohttp

from deploy.tests.people import Person, Town

PAGES = ("/chats", "/sessions", "/")
REPEATABLE = frozenset(("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"))
NOT_READ = 408
TROUBLE = (aiohttp.ClientError, OSError, TimeoutError, AssertionError)


@dataclass
class Ledger:
    """A request has failed where nobody answered, or with 5xx or 408.

    Its client can repeat it safely where the method says so, or a key of its own (`client_id`, `Idempotency-Key`), or
    where it is told that nothing was read: refused, or 408. What is left is `unsafe`.
    """

    asked: int = 0
    at: str = "before"  # what is just being replaced
    failures: Counter[str] = field(default_factory=Counter)
    unsafe: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)  # 4xx: the load's own fault

    @property
    def trace(self) -> aiohttp.TraceConfig:
        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(self._answered)
        trace.on_request_exception.append(self._unanswered)
        return trace

    async def _answered(self, _: Any, __: SimpleNamespace, end: aiohttp.TraceRequestEndParams) -> None:
        self.asked += 1
        status = end.response.status
        if status >= 500 or status == NOT_READ:
            self._note(end.method, str(end.url.path), end.headers, str(status), is_unread=status == NOT_READ)
        elif status >= 400:
            self.refused[f"{end.method} {pattern(end.url.path)} {status}"] += 1

    async def _unanswered(self, _: Any, __: SimpleNamespace, end: aiohttp.TraceRequestExceptionParams) -> None:
        self.asked += 1
        if isinstance(end.exception, asyncio.CancelledError):
            return
        is_unread = isinstance(end.exception, aiohttp.ClientConnectorError)
        self._note(end.method, end.url.path, end.headers, type(end.exception).__name__, is_unread=is_unread)

    def _note(self, method: str, path: str, headers: Any, how: str, *, is_unread: bool) -> None:
        has_key = path.endswith("/messages") or "Idempotency-Key" in headers
        what = f"{self.at}: {method} {pattern(path)} {how}"
        self.failures[what] += 1
        if not (method in REPEATABLE or has_key or is_unread):
            self.unsafe[what] += 1


def pattern(path: str) -> str:
    """Without ids."""
    return "/".join(part if len(part) < 20 else "*" for part in path.split("/"))


@dataclass
class Visitors:
    """They open pages, start chats, invite, and join, so many deeds a second."""

    town: Town
    chance: random.Random
    hosts: Sequence[Person]
    per_s: float
    joined: int = 0
    newcomers: list[tuple[Person, str]] = field(default_factory=list)  # and the chat that they were let into

    @asynccontextmanager
    async def about(self) -> AsyncIterator[None]:
        coming = asyncio.create_task(self._keep_coming())
        try:
            yield
        finally:
            coming.cancel()
            await asyncio.gather(coming, return_exceptions=True)

    async def _keep_coming(self) -> None:
        deeds: list[Callable[[], Awaitable[None]]] = [self.look, self.look, self.start_a_chat, self.join]
        async with asyncio.TaskGroup() as under_way:
            while True:
                under_way.create_task(self._try(self.chance.choice(deeds)))
                await asyncio.sleep(1 / self.per_s)

    async def _try(self, deed: Callable[[], Awaitable[None]]) -> None:
        with suppress(*TROUBLE):  # the ledger has it
            await deed()

    async def look(self) -> None:
        person = self.chance.choice(self.hosts)
        cookie = f"abdre_access={person.token}"
        await person.get(self.chance.choice(PAGES), Cookie=cookie, Authorization="", Sec_Fetch_Site="same-origin")

    async def start_a_chat(self) -> None:
        await self.chance.choice(self.hosts).start_chat("Tea")

    async def join(self) -> None:
        """By a code; whoever hears nothing presses again with the same key, as the page does."""
        host = self.chance.choice(self.hosts)
        chat = await host.start_chat("Come in")
        token = (await host.invite(chat))["token"]
        newcomer, key = self.town.nobody(), str(uuid4())
        for _ in range(5):
            try:
                accepted = await newcomer.must(
                    "POST",
                    "/api/auth/invitations/accept",
                    {"token": token, "display_name": "Newcomer"},
                    Idempotency_Key=key,
                )
            except TROUBLE:
                await asyncio.sleep(0.5)
                continue
            self.joined += 1
            self.newcomers.append((newcomer.signed_in_by(accepted), chat))
            return

    async def missing(self) -> int:
        """How many were let in, and are not there."""
        there = [(await newcomer.get(f"/api/chats/{chat}")).status == 200 for newcomer, chat in self.newcomers]
        return there.count(False)
