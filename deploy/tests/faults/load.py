"""The people of a drill and what they say: who is in which chat, so many messages a second, by both doors."""

import asyncio
import random
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from time import time
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

import aiohttp

from deploy.tests.checker import Client, Door, Listings, Row, Verdict, read_chat, verdict
from deploy.tests.people import Person, Town

T = TypeVar("T")

AT_ONCE = 16  # requests side by side while people come in and while everything is read at the end
EDITS, DELETIONS = 0.05, 0.02  # of what is said, so many are changed again
CALM_WITHIN_S = 60.0


@dataclass(frozen=True)
class Size:
    clients: int = 200
    chats: int = 50
    messages_per_s: float = 120.0

    def __str__(self) -> str:
        return f"{self.clients} clients, {self.chats} chats, {self.messages_per_s:.0f} messages/s"


@dataclass
class Crowd:
    """Everybody, each with a client that stays connected; each in two chats."""

    base: str
    doors: Sequence[str]
    size: Size
    chance: random.Random
    watch: Sequence[aiohttp.TraceConfig] = ()
    clients: list[Client] = field(default_factory=list)
    chats_of: dict[str, list[str]] = field(default_factory=dict)  # by person
    _belongings: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> Self:
        town = await self._belongings.enter_async_context(Town(self.base, watch=self.watch))
        people = await side_by_side([town.guest(f"Guest {number}") for number in range(self.size.clients)])
        await self._settle_in_chats(people)
        for person in people:
            client = Client(person, self.doors, chance=random.Random(self.chance.random()))
            self.clients.append(await self._belongings.enter_async_context(client))
        await self.wait_until_calm()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._belongings.aclose()

    async def _settle_in_chats(self, people: Sequence[Person]) -> None:
        count = self.size.chats
        hosts = people[:count]
        chats = await side_by_side([host.start_chat(f"Chat {number}") for number, host in enumerate(hosts)])
        codes = await side_by_side([host.invite(chat, max_uses=100) for host, chat in zip(hosts, chats, strict=True)])
        joining = []
        for number, person in enumerate(people):
            wanted = {number % count, (7 * number + number // count + 13) % count}
            self.chats_of[person.id] = [chats[chat] for chat in wanted]
            tokens = [codes[chat]["token"] for chat in wanted - ({number} if number < count else set())]
            joining += [person.must("POST", "/api/auth/invitations/accept", {"token": token}) for token in tokens]
        await side_by_side(joining)

    async def talk(self, until: asyncio.Event) -> float:
        """Half of the messages by socket and half by REST, at a steady pace; answers for how many seconds."""
        clock = asyncio.get_running_loop().time
        began, said = clock(), 0
        while not until.is_set():
            due = int((clock() - began) * self.size.messages_per_s) + 1
            for number in range(said, due):
                self._say_something(number)
            said = due
            await asyncio.sleep(1 / self.size.messages_per_s)
        return clock() - began

    def _say_something(self, number: int) -> None:
        client = self.chance.choice(self.clients)
        chat = self.chance.choice(self.chats_of[client.person.id])
        doors: tuple[Door, Door] = ("socket", "rest")
        client_id = str(UUID(int=self.chance.getrandbits(128), version=4))
        body = f"{number} " + "x" * self.chance.randrange(10, 300)
        client.write(chat, client_id, body, doors[number % 2])
        fate = self.chance.random()
        own = self._one_of_its_own(client, chat) if fate < EDITS + DELETIONS else None
        if own is not None and fate < EDITS:
            client.edit(chat, own, f"{number} edited", self.chance.choice(doors))
        elif own is not None:
            client.delete(chat, own, self.chance.choice(doors))

    def _one_of_its_own(self, client: Client, chat: str) -> Row | None:
        held = client.log.shown.of(chat).values()
        own = [row for row in held if row.sender == client.person.id and not row.is_deleted]
        return self.chance.choice(own) if own else None

    # The end.

    async def wait_until_calm(self) -> None:
        """Until everybody is online and nobody waits for an answer, or it takes too long."""
        deadline = time() + CALM_WITHIN_S
        while time() < deadline and not all(client.is_calm and not client.log.open_wishes for client in self.clients):
            await asyncio.sleep(0.05)

    async def judged(self) -> Verdict:
        """Read the truth as each client, until all of them hold it or it takes too long, and judge."""
        await self.wait_until_calm()
        deadline = time() + CALM_WITHIN_S
        # Again and again: an edit whose line was cut may be done after we have read.
        while not await self._all_hold(listings := await self._listings()) and time() < deadline:
            pass
        return verdict([client.log for client in self.clients], listings)

    async def _all_hold(self, listings: Listings) -> bool:
        for _ in range(100):
            if all(holds(client, listings) for client in self.clients):
                return True
            await asyncio.sleep(0.1)
        return False

    async def _listings(self) -> Listings:
        wanted = [(client.person, chat) for client in self.clients for chat in self.chats_of[client.person.id]]
        read = await side_by_side([read_until_answered(person, chat) for person, chat in wanted])
        listings: dict[str, dict[str, list[Row]]] = {client.person.id: {} for client in self.clients}
        for (person, chat), rows in zip(wanted, read, strict=True):
            listings[person.id][chat] = rows
        return listings


def holds(client: Client, listings: Listings) -> bool:
    shown = client.log.shown.chats
    mine = listings[client.person.id]
    return all(shown.get(chat, {}) == {row.seq: row for row in rows} for chat, rows in mine.items())


async def read_until_answered(person: Person, chat: str) -> list[Row]:
    deadline = time() + CALM_WITHIN_S
    while True:
        try:
            return await read_chat(person, chat) or []
        except (aiohttp.ClientError, OSError, TimeoutError):
            if time() > deadline:
                raise
            await asyncio.sleep(0.5)


async def side_by_side(work: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """A few at a time, answers in order."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(piece: Coroutine[Any, Any, T]) -> T:
        async with free:
            return await piece

    return await asyncio.gather(*(one(piece) for piece in work))
