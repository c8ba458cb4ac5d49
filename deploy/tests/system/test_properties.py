"""Whatever several devices do, in whatever order, however often cut off: they end up with what the database holds."""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import count
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.tests.checker import Client, Door, Listings, Row, Wish, read_chat, verdict
from deploy.tests.conftest import House
from deploy.tests.people import Person, Town

WHOLE_WITHIN_S = 20
# Ada has two devices, so that a message can be repeated from another socket than the one that it was sent on.
DEVICES = ("ada's phone", "ada's desk", "bob's phone", "guest's phone")

devices = st.sampled_from(DEVICES)
doors = st.sampled_from(("socket", "rest"))
# Which of those there are, counted from the newest; more than there are begin again.
picks = st.integers(0, 5)


@dataclass(frozen=True)
class Send:
    device: str
    door: Door


@dataclass(frozen=True)
class Retry:
    """The same client_id again, from any device of the person."""

    device: str
    door: Door
    pick: int


@dataclass(frozen=True)
class Edit:
    device: str
    door: Door
    pick: int


@dataclass(frozen=True)
class Delete:
    device: str
    door: Door
    pick: int


@dataclass(frozen=True)
class Cut:
    """The line breaks; the device comes back by itself."""

    device: str


@dataclass(frozen=True)
class GoAway:
    device: str


@dataclass(frozen=True)
class ComeBack:
    device: str


@dataclass(frozen=True)
class ResumeFromTheBeginning:
    device: str


@dataclass(frozen=True)
class Breathe:
    """Everything under way arrives; without this the next step comes at once."""


Step = Send | Retry | Edit | Delete | Cut | GoAway | ComeBack | ResumeFromTheBeginning | Breathe

steps = st.lists(
    st.one_of(
        st.builds(Send, devices, doors),
        st.builds(Send, devices, doors),
        st.builds(Retry, devices, doors, picks),
        st.builds(Edit, devices, doors, picks),
        st.builds(Delete, devices, doors, picks),
        st.builds(Cut, devices),
        st.builds(GoAway, devices),
        st.builds(ComeBack, devices),
        st.builds(ResumeFromTheBeginning, devices),
        st.builds(Breathe),
    ),
    min_size=5,
    max_size=40,
)


class Play:
    """One chat of three people with four devices, and what is done there."""

    def __init__(self, chat: str, clients: dict[str, Client]) -> None:
        self.chat = chat
        self.clients = clients
        self.numbers = count(1)

    async def take(self, step: Step) -> None:
        await DEEDS[type(step)](self, step)
        await asyncio.sleep(0)  # what was said goes out, and is not waited for

    async def send(self, step: Send) -> None:
        self.clients[step.device].write(self.chat, str(uuid4()), f"message {next(self.numbers)}", step.door)

    async def retry(self, step: Retry) -> None:
        client = self.clients[step.device]
        wish = picked(self._wishes_of(client.person), step.pick)
        if wish is not None:
            client.try_again(client.log.wish(Wish(self.chat, wish.client_id, wish.body, wish.bodies)), step.door)

    async def edit(self, step: Edit) -> None:
        client = self.clients[step.device]
        row = picked(self._own(client), step.pick)
        if row is not None:
            body = f"edited {next(self.numbers)}"
            next(wish for wish in self._wishes_of(client.person) if wish.client_id == row.client_id).bodies.add(body)
            client.edit(self.chat, row, body, step.door)

    async def delete(self, step: Delete) -> None:
        client = self.clients[step.device]
        row = picked(self._own(client), step.pick)
        if row is not None:
            client.delete(self.chat, row, step.door)

    async def cut(self, step: Cut) -> None:
        self.clients[step.device].cut()

    async def go_away(self, step: GoAway) -> None:
        self.clients[step.device].go_away()

    async def come_back(self, step: ComeBack) -> None:
        self.clients[step.device].come_back()

    async def resume_from_the_beginning(self, step: ResumeFromTheBeginning) -> None:
        self.clients[step.device].ask_again(self.chat, 0)

    async def breathe(self, step: Breathe) -> None:
        await until(lambda: all(client.is_calm or client.is_away for client in self.clients.values()))
        await asyncio.sleep(0.02)

    def _wishes_of(self, person: Person) -> list[Wish]:
        mine = (client for client in self.clients.values() if client.person is person)
        return [wish for client in mine for wish in client.log.wishes.values()]

    def _own(self, client: Client) -> list[Row]:
        return [row for row in client.log.shown.of(self.chat).values() if row.sender == client.person.id]

    async def end(self) -> Listings:
        """Everybody comes back and has every answer; the database is read until all devices hold what it says."""
        for client in self.clients.values():
            client.come_back()
        await until(lambda: all(client.is_calm and not client.log.open_wishes for client in self.clients.values()))
        deadline = monotonic() + WHOLE_WITHIN_S
        # Again and again: an edit whose line was cut may be done after we have read.
        while not self._is_whole(listings := await self._listings()) and monotonic() < deadline:
            await asyncio.sleep(0.05)
        return listings

    async def _listings(self) -> Listings:
        people = {client.person.id: client.person for client in self.clients.values()}
        return {person.id: {self.chat: await read_chat(person, self.chat) or []} for person in people.values()}

    def _is_whole(self, listings: Listings) -> bool:
        truths = [{row.seq: row for row in chats[self.chat]} for chats in listings.values()]
        shown = [client.log.shown.of(self.chat) for client in self.clients.values()]
        return all(held == truths[0] for held in (*truths, *shown))


DEEDS: dict[type, Callable[[Play, Any], Any]] = {
    Send: Play.send,
    Retry: Play.retry,
    Edit: Play.edit,
    Delete: Play.delete,
    Cut: Play.cut,
    GoAway: Play.go_away,
    ComeBack: Play.come_back,
    ResumeFromTheBeginning: Play.resume_from_the_beginning,
    Breathe: Play.breathe,
}


def picked(candidates: Sequence[Any], pick: int) -> Any:
    return candidates[-1 - pick % len(candidates)] if candidates else None


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for it, for a while; the verdict says what is missing."""
    deadline = monotonic() + WHOLE_WITHIN_S
    while not is_so() and monotonic() < deadline:
        await asyncio.sleep(0.01)


@given(script=steps)
@pytest.mark.timeout(300)  # a house on a busy machine; and where a failing example is made smaller, that takes its time
def test_any_interleaving_ends_with_every_device_equal_to_the_database(script: list[Step], house: House):
    asyncio.run(played(script, house))


async def played(script: Sequence[Step], house: House) -> None:
    async with AsyncExitStack() as belongings:
        town = await belongings.enter_async_context(Town(house.url))
        chat, people = await conversation(town)
        clients = {}
        for number, device in enumerate(DEVICES):
            door = house.doors[number % len(house.doors)]
            client = Client(people[device.partition("'")[0]], [door], chance=random.Random(number))
            clients[device] = await belongings.enter_async_context(client)
        play = Play(chat, clients)

        for step in script:
            await play.take(step)
        listings = await play.end()

        judgement = verdict([client.log for client in clients.values()], listings)
        assert judgement.is_clean, "\n".join(map(str, judgement.findings))


async def conversation(town: Town) -> tuple[str, dict[str, Person]]:
    ada = await town.guest("Ada")
    chat = await ada.start_chat()
    token = (await ada.invite(chat, max_uses=2))["token"]
    return chat, {
        "ada": ada,
        "bob": await town.guest_by_code("Bob", token),
        "guest": await town.guest_by_code("Guest", token),
    }
