"""A client as it should be: reconnects, resumes, sends what was not acked again, and keeps a log of it all."""

import asyncio
import itertools
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import time

from deploy.tests.checker.connection import REST_TROUBLE, next_delay
from deploy.tests.checker.cursor import Cursor
from deploy.tests.checker.log import (
    Answered,
    Asked,
    Began,
    Entered,
    Item,
    Loaded,
    Opened,
    Removed,
    Row,
    Told,
    row_of,
)
from deploy.tests.checker.writing import Writing
from deploy.tests.people import Person

PAGE = 200


class Client(Writing):
    """One person at one device, who wants to hold every chat of theirs as the database does."""

    def __init__(self, person: Person, doors: Sequence[str], *, chance: random.Random) -> None:
        super().__init__(person, doors, chance=chance)
        self.cursors: dict[str, Cursor] = {}
        self._resuming = False
        self._loading: set[str] = set()
        self._heads: dict[str, int] = {}  # as far as the server has told us of them

    @property
    def is_calm(self) -> bool:
        """Online, and told everything that it asked for."""
        return self.line is not None and not self._resuming and not self._loading

    def ask_again(self, chat: str, version: int) -> None:
        """Resume from an older cursor than one's own, as a page does that was restored from a copy."""
        if self.is_calm:
            self._resume({chat: version})

    def on_hello(self, item: Item, now: float) -> None:
        chats = self._heads = item["chats"]
        self.log.note(Opened(now, chats))
        for gone in self.cursors.keys() - chats.keys():
            self._forget(gone, now)
        for chat in chats:
            self.cursors.setdefault(chat, Cursor())
        self._resume_where_behind()
        self.send_what_waits()

    def on_item(self, item: Item, now: float) -> None:
        if (heard := HEARD.get(item["type"])) is not None:
            heard(self, item, now)

    def on_lost(self) -> None:
        self._resuming = False

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
                self.log.troubles[item["code"]] += 1
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
            self._spawn(self._load(chat, version))

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
    "heads": Client._on_heads,
    "message.created": Client._on_message,
    "message.changed": Client._on_message,
    "membership.changed": Client._on_other,
    "chat.changed": Client._on_other,
    "chat.created": Client._on_created,
    "chat.removed": Client._on_removed,
    "reset": Client._on_reset,
}


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
