"""What an open socket still hears of a chat after its person lost the right to it, by each way to lose it."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from uuid import uuid4

from deploy.tests.people import Person, Socket, Town, is_message

# Everybody is written to for so long after the deed: "nothing after two seconds" takes some more than two to see.
WATCHED_S = 4.0
EVERY_S = 0.1

Manage = Callable[..., None]  # a management command on the server's side


@dataclass(frozen=True)
class Seat:
    """Bob hears Ada in a chat of theirs, and so does a guest, who stays."""

    ada: Person
    bob: Person
    other_device: Person  # Bob's own
    chat: str
    at_bob: Socket
    at_guest: Socket


Deed = Callable[[Seat], Awaitable[None]]


async def removal(seat: Seat) -> None:
    await seat.ada.must("DELETE", f"/api/chats/{seat.chat}/members/{seat.bob.id}")


async def logout(seat: Seat) -> None:
    await seat.bob.must("POST", "/api/auth/logout")


async def ended_session(seat: Seat) -> None:
    await seat.other_device.must("DELETE", f"/api/auth/sessions/{seat.at_bob.hello['session']}")


def ban(manage: Manage) -> Deed:
    """There is no endpoint for it yet: Python on the server's side."""

    async def deed(seat: Seat) -> None:
        code = f"from uuid import UUID; from auth_svc.services import ban; ban(user_id=UUID('{seat.bob.id}'))"
        await asyncio.to_thread(manage, "shell", "-c", code)

    return deed


def ways(manage: Manage) -> Mapping[str, Deed]:
    return {"removal": removal, "ban": ban(manage), "logout": logout, "ended session": ended_session}


async def heard_after(
    town: Town, doors: Sequence[str], deeds: Mapping[str, Deed], *, before: Callable[[], Awaitable[None]]
) -> dict[str, float]:
    """By way and door: how many seconds after the deed was done a message was written that still arrived; 0: none.

    `before` is called when all sockets are open, before anything is done.
    """
    places = [(name, number) for name in deeds for number in range(len(doors))]
    seats = [await seat_at(town, doors[number]) for _, number in places]
    await before()
    heard = await asyncio.gather(*(watched(seat, deeds[name]) for (name, _), seat in zip(places, seats, strict=True)))
    return {f"{name}, door {number}": late_s for (name, number), late_s in zip(places, heard, strict=True)}


async def seat_at(town: Town, door: str) -> Seat:
    ada = await town.guest("Ada")
    chat = await ada.start_chat()
    token = (await ada.invite(chat, max_uses=2))["token"]
    bob, other_device = await two_devices(town)
    await bob.must("POST", "/api/auth/invitations/accept", {"token": token})
    guest = await town.guest_by_code("Guest", token)
    return Seat(ada, bob, other_device, chat, await town.socket(bob, door), await town.socket(guest, door))


async def two_devices(town: Town) -> tuple[Person, Person]:
    name, password = f"bob-{uuid4().hex[:8]}", uuid4().hex
    one, two = town.nobody(), town.nobody()
    account = {"username": name, "password": password, "display_name": "Bob"}
    one.signed_in_by(await one.must("POST", "/api/auth/register", account))
    two.signed_in_by(await two.must("POST", "/api/auth/login", {"login": name, "password": password}))
    return one, two


async def watched(seat: Seat, deed: Deed) -> float:
    """Ada writes, Bob loses his right, Ada writes on; the guest hears it all, so Bob could have."""
    done_at = [float("inf")]
    writing = asyncio.create_task(write_on(seat, done_at))
    await deed(seat)
    done_at[0] = monotonic()
    last = await writing
    await seat.at_guest.wait_for(lambda item: is_message(item) and item["message"]["body"] == last)
    written = [float(item["message"]["body"]) for item in seat.at_bob.items if is_message(item)]
    return max((at - done_at[0] for at in written), default=0.0)


async def write_on(seat: Seat, done_at: list[float]) -> str:
    """Each message says when it was written; answers the last one."""
    for _ in itertools.count():
        body = str(monotonic())
        await seat.ada.write(seat.chat, body)
        if monotonic() > done_at[0] + WATCHED_S:
            return body
        await asyncio.sleep(EVERY_S)
    raise AssertionError
