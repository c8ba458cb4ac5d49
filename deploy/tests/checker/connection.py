"""One device's connection: a socket after the other, with full jitter between them, and the way to ask over it."""

import asyncio
import itertools
import json
import random
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from time import time
from types import TracebackType
from typing import Any, Self

import aiohttp
from websockets.exceptions import InvalidHandshake, InvalidMessage

from deploy.tests.checker.line import NO_CLOSE_FRAME, Line
from deploy.tests.checker.log import Closed, Item, Log
from deploy.tests.people import Person

# Shorter than a browser's, so that a drill is over soon; the shape is the same.
FIRST_DELAY_S = 0.1
LONGEST_DELAY_S = 2.0
PING_EVERY_S = 5.0
SILENCE_S = 10.0
COMES_BACK = range(4500)  # close codes; from there on: stay away
NOT_SIGNED_IN = 4501

REST_TROUBLE = (aiohttp.ClientError, OSError, TimeoutError, json.JSONDecodeError)
SOCKET_TROUBLE = (OSError, TimeoutError, InvalidHandshake, InvalidMessage)


def next_delay(chance: random.Random, attempt: int) -> float:
    return chance.uniform(0, min(LONGEST_DELAY_S, FIRST_DELAY_S * 2**attempt))


class Connection:
    """`doors` are the addresses that serve `/ws`; one is drawn for each socket."""

    def __init__(self, person: Person, doors: Sequence[str], *, chance: random.Random) -> None:
        self.person = person
        self.log = Log(person.id)
        self.close_code = 0
        self.line: Line | None = None  # from the hello to the close
        self._doors = doors
        self._chance = chance
        self._opening: Line | None = None
        self._heard_at = 0.0
        self._attempt = 0
        self._refs = itertools.count(1)
        self._answers: dict[str, Callable[[Item], None]] = {}
        self._at_home = asyncio.Event()
        self._at_home.set()
        self._renewing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._problem: BaseException | None = None

    async def __aenter__(self) -> Self:
        self._spawn(self._stay())
        self._spawn(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.line is not None:
            self.line.cut()
        if self._problem is not None and problem is None:
            raise self._problem  # a checker that failed has seen nothing

    # What becomes of the device.

    def cut(self) -> None:
        """The line is dead, from one moment to the next; the client comes back by itself."""
        if self.line is not None:
            self.line.cut()

    def go_away(self) -> None:
        """Offline until `come_back`: a phone in a pocket."""
        self._at_home.clear()
        self.cut()

    def come_back(self) -> None:
        self._at_home.set()

    @property
    def is_away(self) -> bool:
        return not self._at_home.is_set()

    # What the rest of the client does with it.

    def on_hello(self, item: Item, now: float) -> None:
        raise NotImplementedError

    def on_item(self, item: Item, now: float) -> None:
        raise NotImplementedError

    def on_lost(self) -> None:
        raise NotImplementedError

    def look_after(self, now: float) -> None:
        """Called every few seconds."""
        raise NotImplementedError

    def _ask(self, on_answer: Callable[[Item], None], **command: Any) -> None:
        ref = str(next(self._refs))
        self._answers[ref] = on_answer
        self._say(ref=ref, **command)

    def _say(self, **command: Any) -> None:
        if self.line is not None:
            self.line.say(json.dumps(command))

    def _later(self, deed: Callable[[], None], after_s: float | None) -> None:
        async def wait() -> None:
            await asyncio.sleep((after_s or 0) + next_delay(self._chance, 3))
            deed()

        self._spawn(wait())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            self._problem = self._problem or task.exception()

    async def _renew(self, ended: str) -> bool:
        """A new access token in place of the one that ended; False where there is none to be had."""
        async with self._renewing:
            if self.person.token != ended:
                return True
            with suppress(*REST_TROUBLE):
                secret = {"refresh_token": self.person.refresh_token}
                answer = await self.person.post("/api/auth/refresh", secret, Authorization="")
                if answer.status == 200:
                    self.person.token = answer.body["access_token"]
                    self.person.refresh_token = answer.body["refresh_token"]
                    return True
            return False

    # One socket after the other.

    async def _stay(self) -> None:
        while self.close_code in COMES_BACK:
            await self._at_home.wait()
            with suppress(*SOCKET_TROUBLE):
                await self._one_socket()
            await asyncio.sleep(next_delay(self._chance, self._attempt))
            self._attempt += 1

    async def _one_socket(self) -> None:
        closed = asyncio.Event()

        def on_close(code: int) -> None:
            self._lost(code)
            closed.set()

        token = self.person.token
        url = self._chance.choice(self._doors).replace("http", "ws", 1) + "/ws"
        headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": self.person.address}
        line = Line(url, headers, on_text=self._hear, on_close=on_close)
        self._opening = line  # before it opens: the hello may come together with the handshake
        try:
            await line.open()
        except BaseException:
            self._lost(NO_CLOSE_FRAME)
            raise
        await closed.wait()
        if self.close_code == NOT_SIGNED_IN and await self._renew(token):
            self.close_code = 0

    def _lost(self, code: int) -> None:
        self.line = self._opening = None
        self._answers.clear()
        self.close_code = code
        self.on_lost()
        self.log.note(Closed(time(), code))

    async def _watch(self) -> None:
        """Ping, and cut a line that is silent."""
        while True:
            await asyncio.sleep(PING_EVERY_S)
            now = time()
            if now - self._heard_at > SILENCE_S:
                self.cut()
            self._say(type="ping")
            self.look_after(now)

    def _hear(self, text: bytes) -> None:
        now = self._heard_at = time()
        for item in json.loads(text):
            if item["type"] in ("ack", "error"):
                on_answer = self._answers.pop(item["ref"] or "", None)
                if on_answer is not None:
                    on_answer(item)
            elif item["type"] == "hello":
                self.line, self._attempt = self._opening, 0
                self.on_hello(item, now)
            else:
                self.on_item(item, now)
