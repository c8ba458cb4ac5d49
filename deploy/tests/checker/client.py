"""A client as it should be: reconnects, resumes, sends what was not acked again, and keeps a log of it all."""

import asyncio
import itertools
import json
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import time
from types import TracebackType
from typing import Any, Self

import aiohttp
from websockets.exceptions import InvalidHandshake, InvalidMessage

from deploy.tests.checker.cursor import Cursor
from deploy.tests.checker.line import Line
from deploy.tests.checker.log import (
    Ack,
    Answered,
    Asked,
    Began,
    Change,
    Closed,
    Door,
    Entered,
    Item,
    Loaded,
    Log,
    Opened,
    Removed,
    Row,
    Told,
    Wish,
    row_of,
)
from deploy.tests.people import Person

# Shorter than a browser's, so that a drill is over soon; the shape is the same: full jitter.
FIRST_DELAY_S = 0.1
LONGEST_DELAY_S = 2.0
# A browser's heartbeat, likewise.
PING_EVERY_S = 5.0
SILENCE_S = 10.0
# Who has no answer by then asks again, by whichever door.
ANSWER_WITHIN_S = 15.0
PAGE = 200
COMES_BACK = range(4500)  # close codes; from there on: stay away

REST_TROUBLE = (aiohttp.ClientError, OSError, TimeoutError, json.JSONDecodeError)
SOCKET_TROUBLE = (OSError, TimeoutError, InvalidHandshake, InvalidMessage)
# Refusals that say "later", and one that says "who are you".
LATER = {429, 500, 502, 503, 504}


def next_delay(chance: random.Random, attempt: int) -> float:
    return chance.uniform(0, min(LONGEST_DELAY_S, FIRST_DELAY_S * 2**attempt))


class Client:
    """One person at one device. `doors` are the addresses that serve `/ws`; one is drawn for each socket."""

    def __init__(self, person: Person, doors: Sequence[str], *, chance: random.Random) -> None:
        self.person = person
        self.log = Log(person.id)
        self.cursors: dict[str, Cursor] = {}
        self.close_code = 0
        self.doors = doors
        self.line: Line | None = None  # only after the hello
        self._chance = chance
        self._refs = itertools.count(1)
        self._answers: dict[str, Callable[[Item], None]] = {}
        self._opening: Line | None = None
        self._closed = asyncio.Event()
        self._resuming = False
        self._loading: set[str] = set()
        self._heads: dict[str, int] = {}  # as far as the server has told us of them
        self._heard_at = 0.0
        self._attempt = 0
        self._at_home = asyncio.Event()
        self._at_home.set()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        self.spawn(self._stay())
        self.spawn(self._watch())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.line is not None:
            self.line.cut()

    def spawn(self, work: Any) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()):
            asyncio.get_running_loop().call_exception_handler({"message": "a client failed", "exception": problem})

    # What a person does.

    def write(self, chat: str, client_id: str, body: str, door: Door) -> Wish:
        wish = self.log.wish(Wish(chat, client_id, body))
        self.try_again(wish, door)
        return wish

    def try_again(self, wish: Wish, door: Door) -> None:
        """Send it under its client_id, whether or not it was sent before."""
        if door == "rest":
            self.spawn(self._post(wish))
        elif self.line is not None:
            self._send(wish)
        # else: offline, and the next socket begins with what has no answer

    def edit(self, chat: str, row: Row, body: str, door: Door) -> None:
        self.log.wishes[chat, row.client_id].bodies.add(body)
        self._change(chat, row.seq, body, door)

    def delete(self, chat: str, row: Row, door: Door) -> None:
        self._change(chat, row.seq, None, door)

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

    def ask_again(self, chat: str, version: int) -> None:
        """Resume from an older cursor than one's own, as a page does that was restored from a copy."""
        if self.is_calm:
            self._resume({chat: version})

    @property
    def is_away(self) -> bool:
        return not self._at_home.is_set()

    @property
    def is_calm(self) -> bool:
        """Online, and told everything that it asked for."""
        return self.line is not None and not self._resuming and not self._loading

    # One socket after the other.

    async def _stay(self) -> None:
        while self.close_code in COMES_BACK:
            await self._at_home.wait()
            with suppress(*SOCKET_TROUBLE):
                await self._one_socket()
            await asyncio.sleep(next_delay(self._chance, self._attempt))
            self._attempt += 1

    async def _one_socket(self) -> None:
        closed = self._closed = asyncio.Event()

        def on_close(code: int) -> None:
            self._lost(code)
            closed.set()

        url = self._chance.choice(self.doors).replace("http", "ws", 1) + "/ws"
        headers = {"Authorization": f"Bearer {self.person.token}", "X-Forwarded-For": self.person.address}
        line = Line(url, headers, on_text=self._hear, on_close=on_close)
        self._opening = line  # before it opens: the hello may come together with the handshake
        try:
            await line.open()
        except BaseException:
            self._lost(NEVER_OPENED)
            raise
        self._heard_at = time()
        await closed.wait()
        if self.close_code == NOT_SIGNED_IN and await self._renew():
            self.close_code = 0

    async def _renew(self) -> bool:
        """A new access token; False where there is none to be had."""
        with suppress(*REST_TROUBLE):
            answer = await self.person.post(
                "/api/auth/refresh", {"refresh_token": self.person.refresh_token}, Authorization=""
            )
            if answer.status == 200:
                self.person.token = answer.body["access_token"]
                self.person.refresh_token = answer.body["refresh_token"]
                return True
        return False

    def _lost(self, code: int) -> None:
        self.line = self._opening = None
        self._answers.clear()
        self._resuming = False
        self.close_code = code
        self.log.note(Closed(time(), code))

    async def _watch(self) -> None:
        """Ping; cut a line that is silent; ask again for what was never answered."""
        while True:
            await asyncio.sleep(PING_EVERY_S)
            now = time()
            if self.line is not None:
                if now - self._heard_at > SILENCE_S:
                    self.cut()
                else:
                    self._say(type="ping")
            for wish in self.log.open_wishes:
                if wish.tries and now - wish.tries[-1][0] > ANSWER_WITHIN_S:
                    self.try_again(wish, self._chance.choice(("socket", "rest")))

    # What is said.

    def _say(self, **command: Any) -> None:
        if self.line is not None:
            self.line.say(json.dumps(command))

    def _ask(self, on_answer: Callable[[Item], None], **command: Any) -> None:
        ref = str(next(self._refs))
        self._answers[ref] = on_answer
        self._say(ref=ref, **command)

    def _send(self, wish: Wish) -> None:
        wish.tries.append((time(), "socket"))

        def on_answer(item: Item) -> None:
            if item["type"] == "ack":
                self._acked(wish, item, "socket")
            elif item["code"] in SOCKET_LATER:
                self._trouble(item)
                self._later(lambda: self._send_if_open(wish), item.get("retry_after_s"))
            else:
                wish.refusal = item["code"]

        self._ask(on_answer, type="message.send", chat=wish.chat, client_id=wish.client_id, body=wish.body)

    def _send_if_open(self, wish: Wish) -> None:
        if wish.is_open and self.line is not None:
            self._send(wish)

    async def _post(self, wish: Wish) -> None:
        for attempt in itertools.count():
            wish.tries.append((time(), "rest"))
            with suppress(*REST_TROUBLE):
                answer = await self.person.post(
                    f"/api/chats/{wish.chat}/messages", {"client_id": wish.client_id, "body": wish.body}
                )
                if answer.status in (200, 201):
                    self._acked(wish, answer.body, "rest")
                    return
                self._trouble({"code": f"{answer.status} {answer.code}"})
                if answer.status not in LATER and not (answer.status == 401 and await self._renew()):
                    wish.refusal = answer.code or str(answer.status)
                    return
            await asyncio.sleep(next_delay(self._chance, attempt))
            if not wish.is_open:
                return

    def _trouble(self, item: Item) -> None:
        self.log.troubles[item["code"]] += 1

    def _acked(self, wish: Wish, answer: Item, door: Door) -> None:
        wish.acks.append(Ack(time(), answer["seq"], answer["version"], door))

    def _change(self, chat: str, seq: int, body: str | None, door: Door) -> None:
        if door == "rest":
            self.spawn(self._change_by_rest(chat, seq, body))
            return

        def on_answer(item: Item) -> None:
            if item["type"] == "ack":
                self.log.changes.append(Change(time(), chat, seq, item["version"], body))
            else:
                self._trouble(item)

        words = {"type": "message.delete"} if body is None else {"type": "message.edit", "body": body}
        if self.line is not None:
            self._ask(on_answer, chat=chat, seq=seq, **words)

    async def _change_by_rest(self, chat: str, seq: int, body: str | None) -> None:
        path = f"/api/chats/{chat}/messages/{seq}"
        with suppress(*REST_TROUBLE):
            answer = await (self.person.delete(path) if body is None else self.person.patch(path, {"body": body}))
            if answer.status == 200:
                self.log.changes.append(Change(time(), chat, seq, answer.body["version"], body))

    def _later(self, deed: Callable[[], None], after_s: float | None) -> None:
        async def wait() -> None:
            await asyncio.sleep((after_s or 0) + next_delay(self._chance, 3))
            deed()

        self.spawn(wait())

    # What is heard.

    def _hear(self, text: bytes) -> None:
        now = self._heard_at = time()
        for item in json.loads(text):
            if item["type"] in ("ack", "error"):
                on_answer = self._answers.pop(item["ref"] or "", None)
                if on_answer is not None:
                    on_answer(item)
            elif (heard := HEARD.get(item["type"])) is not None:
                heard(self, item, now)

    def _on_hello(self, item: Item, now: float) -> None:
        self.line, self._attempt = self._opening, 0
        chats = self._heads = item["chats"]
        self.log.note(Opened(now, chats))
        for gone in self.cursors.keys() - chats.keys():
            self._forget(gone, now)
        for chat in chats:
            self.cursors.setdefault(chat, Cursor())
        self._resume_where_behind()
        for wish in self.log.open_wishes:
            if not wish.tries or wish.tries[-1][1] == "socket":  # REST asks again by itself
                self._send(wish)

    def _resume_where_behind(self) -> None:
        """One resume at a time; its answer looks again."""
        behind = {chat for chat, head in self._heads.items() if chat in self.cursors and self._version(chat) < head}
        behind -= self._loading
        if not behind or self._resuming or self.line is None:
            return
        self._resume({chat: self._version(chat) for chat in behind})

    def _resume(self, cursors: dict[str, int]) -> None:
        self._resuming = True
        self.log.note(Asked(time(), cursors))

        def on_answer(item: Item) -> None:
            self._resuming = False
            heads = item["chats"] if item["type"] == "ack" else {}
            self.log.note(Answered(time(), heads))
            for chat, version in heads.items():
                if chat in self.cursors:
                    self.cursors[chat].settle(version)
            if item["type"] == "ack":
                self._resume_where_behind()
            else:
                self._trouble(item)
                self._later(self._resume_where_behind, item.get("retry_after_s"))

        self._ask(on_answer, type="resume", chats=cursors)

    def _version(self, chat: str) -> int:
        return self.cursors[chat].version

    def _on_heads(self, item: Item, now: float) -> None:
        self._heads = {**self._heads, **item["chats"]}
        self._resume_where_behind()

    def _on_message(self, item: Item, now: float) -> None:
        is_new = item["type"] == "message.created"
        self.log.note(Told(now, item["chat"], item["version"], row_of(item["message"]), is_new))
        self._see(item)

    def _on_other(self, item: Item, now: float) -> None:
        self.log.note(Told(now, item["chat"], item["version"]))
        self._see(item)

    def _see(self, item: Item) -> None:
        cursor = self.cursors.get(item["chat"])
        if cursor is not None:
            cursor.see(item["version"])

    def _on_created(self, item: Item, now: float) -> None:
        chat = item["chat"]
        self.cursors.setdefault(chat, Cursor())
        self.log.note(Entered(now, chat, item["version"]))
        self._heads = {**self._heads, chat: item["version"]}
        self._resume_where_behind()

    def _on_removed(self, item: Item, now: float) -> None:
        self._forget(item["chat"], now)

    def _forget(self, chat: str, now: float) -> None:
        self.cursors.pop(chat, None)
        self.log.note(Removed(now, chat))

    def _on_reset(self, item: Item, now: float) -> None:
        chat, version = item["chat"], item["version"]
        self.log.note(Began(now, chat, version))
        if chat not in self._loading:
            self._loading.add(chat)
            self.spawn(self._load(chat, version))

    async def _load(self, chat: str, version: int) -> None:
        """What the socket will not tell again: everything up to `version`. The cursor stays where it was till then."""
        rows = await self._read_until_answered(chat)
        self._loading.discard(chat)
        if chat in self.cursors:
            self.log.note(Loaded(time(), chat, tuple(rows)))
            self.cursors[chat].settle(max(version, self._version(chat)))
            self._resume_where_behind()

    async def _read_until_answered(self, chat: str) -> list[Row]:
        for attempt in itertools.count():
            with suppress(*REST_TROUBLE):
                return await read_chat(self.person, chat) or []
            await asyncio.sleep(next_delay(self._chance, attempt))
        raise AssertionError


HEARD: dict[str, Callable[[Client, Item, float], None]] = {
    "hello": Client._on_hello,
    "heads": Client._on_heads,
    "message.created": Client._on_message,
    "message.changed": Client._on_message,
    "membership.changed": Client._on_other,
    "chat.changed": Client._on_other,
    "chat.created": Client._on_created,
    "chat.removed": Client._on_removed,
    "reset": Client._on_reset,
}
SOCKET_LATER = {"unavailable", "too_fast", "internal", "error"}
NOT_SIGNED_IN = 4501
NEVER_OPENED = 1006


async def read_chat(person: Person, chat: str) -> list[Row] | None:
    """Every message of the chat, read through the REST API as this person; None: there is no such chat for them."""
    rows: list[Row] = []
    while True:
        after = rows[-1].seq if rows else 0
        answer = await person.get(f"/api/chats/{chat}/messages?after={after}&limit={PAGE}")
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise ConnectionError(f"{answer.status}")
        rows += [row_of(message) for message in answer.body["items"]]
        if not answer.body["has_more"]:
            return rows
