"""A load from its beginning to its end: people come, talk at a steady rate, are judged, and leave nothing behind."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import aiohttp

from abdre.loadtest.people import LoadProblem, Person
from abdre.loadtest.talking import Device
from abdre.loadtest.verdict import Verdict, judged

CALM_WITHIN_S = 15
LOOK_EVERY_S = 0.2
AT_ONCE = 8  # people who come in side by side; more would only meet limits

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Load:
    """`rate`: messages a second, of all together; `sockets`: of each person, as on several devices."""

    origin: str
    people: int
    chats: int
    sockets: int
    rate: float
    seconds: int
    length: int


@dataclass(frozen=True)
class Room:
    """A chat with its host and everybody's devices in it."""

    id: str
    host: Person
    devices: list[Device]


async def run(load: Load, *, tell: Tell) -> Verdict:
    """Raises LoadProblem."""
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as http:
        crowd = [Person(http, load.origin, tell) for _ in range(load.people)]
        rooms: list[Room] = []
        try:
            await _gather_people(load, crowd, rooms, tell)
            devices = [device for room in rooms for device in room.devices]
            took = await _talk(load, rooms, tell)
            await _calm(devices, rooms)
            tell("reading what is stored")
            listed = {room.id: await room.host.listed(room.id) for room in rooms}
            return judged(devices, listed, took)
        finally:
            tell("leaving nothing behind")
            await _leave(crowd, rooms)


async def _gather_people(load: Load, crowd: Sequence[Person], rooms: list[Room], tell: Tell) -> None:
    """Person number n is in chat number n modulo chats, and the first of each is its host."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def come(number: int, person: Person) -> None:
        async with gate:
            tell(f"person {number + 1} of {load.people} comes in")
            await person.come_in(f"Load {number + 1}")

    await asyncio.gather(*(come(number, person) for number, person in enumerate(crowd)))
    for number in range(load.chats):
        host, *others = crowd[number :: load.chats]
        tell(f"chat {number + 1} of {load.chats}")
        chat, code = await host.open_chat(f"Load {number + 1}")
        rooms.append(Room(chat, host, []))
        for person in others:
            await person.join(code)
    tell("opening sockets")
    for number, room in enumerate(rooms):  # last of all: from here on their tokens grow old
        for person in crowd[number :: load.chats]:
            for _ in range(load.sockets):
                device = Device(person, heard={room.id: []})
                await device.open()
                room.devices.append(device)


async def _talk(load: Load, rooms: Sequence[Room], tell: Tell) -> float:
    """Each message at its own moment, whether the ones before were answered or not. How long that took, in seconds."""
    chance = random.Random(1)  # noqa: S311  # the same load each time
    began = time.monotonic()
    for number in range(int(load.rate * load.seconds)):
        due = began + number / load.rate
        if (wait_s := due - time.monotonic()) > 0:
            await asyncio.sleep(wait_s)
        if number % max(1, int(load.rate)) == 0:
            tell(f"talking, {number / load.rate:.0f} of {load.seconds} s")
        room = chance.choice(rooms)
        await chance.choice(room.devices).say(room.id, f"{number} ".ljust(load.length, "·"), due)
    return time.monotonic() - began


async def _calm(devices: Sequence[Device], rooms: Sequence[Room]) -> None:
    """Until every wish is answered and everybody in its chat has heard it, or for long enough to call it lost."""
    until = time.monotonic() + CALM_WITHIN_S
    while time.monotonic() < until:
        open_wishes = [w for d in devices for w in d.wishes.values() if not w.acked and not w.refused]
        if not open_wishes and all(_is_told(room) for room in rooms):
            return
        await asyncio.sleep(LOOK_EVERY_S)


def _is_told(room: Room) -> bool:
    said = sum(bool(wish.acked) for device in room.devices for wish in device.wishes.values())
    return all(len(device.heard[room.id]) >= said for device in room.devices if device.close_code is None)


async def _leave(crowd: Sequence[Person], rooms: Sequence[Room]) -> None:
    for room in rooms:
        for device in room.devices:
            await device.close()
    for person in crowd:
        if person.token:
            with suppress(LoadProblem):  # what stays goes by itself within the hour
                await person.leave_nothing([room.id for room in rooms if room.host is person])
