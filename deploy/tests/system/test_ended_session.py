"""However a session ends, its access token is refused by every role and its sockets are closed, within two seconds."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from deploy.tests.conftest import House
from deploy.tests.people import SUBPROTOCOL, TIMEOUT, Person, Socket, Town
from deploy.tests.system.test_forged_tokens import BY_BEARER, SIGNED_IN, bearer, close_code, cookie

WITHIN_S = 2
SESSION_ENDED = 4504


async def by_logout(ada: Person, phone: Person) -> None:
    await ada.must("POST", "/api/auth/logout")


async def by_the_other_device(ada: Person, phone: Person) -> None:
    (session,) = [
        item["id"] for item in (await phone.must("GET", "/api/auth/sessions"))["items"] if not item["current"]
    ]
    await phone.must("DELETE", f"/api/auth/sessions/{session}")


async def by_ending_all_others(ada: Person, phone: Person) -> None:
    await phone.must("DELETE", "/api/auth/sessions?others=true")


async def by_a_used_refresh_secret(ada: Person, phone: Person) -> None:
    used = ada.refresh_token
    token = ada.token
    await ada.renew()
    ada.token = token  # the one whose refusal is waited for
    answer = await phone.post("/api/auth/refresh", {"refresh_token": used}, Authorization="")
    assert (answer.status, answer.code) == (401, "signed_out")
    again = await phone.post("/api/auth/refresh", {"refresh_token": ada.refresh_token}, Authorization="")
    assert again.status == 401  # the whole family is gone


WAYS: dict[str, Callable[[Person, Person], Awaitable[None]]] = {
    "logout": by_logout,
    "the other device": by_the_other_device,
    "ending all others": by_ending_all_others,
    "a used refresh secret": by_a_used_refresh_secret,
}


async def with_two_devices(town: Town) -> tuple[Person, Person]:
    ada = await town.member("ada")
    name = (await ada.must("GET", "/api/users/me"))["username"]
    phone = town.nobody()
    phone.signed_in_by(await phone.must("POST", "/api/auth/login", {"login": name, "password": ada.password}))
    return ada, phone


async def refused_after(town: Town, url: str, headers: dict[str, str]) -> float:
    """The moment when this is first answered with 401."""
    async with asyncio.timeout(WITHIN_S + 5):
        while True:
            async with town.http.get(url, headers=headers, timeout=TIMEOUT) as answer:
                if answer.status == 401:
                    return time.monotonic()
                assert answer.status == 200, url
            await asyncio.sleep(0.01)


async def no_new_socket_after(door: str, headers: dict[str, str]) -> float:
    """The moment when a new socket is first turned away."""
    async with asyncio.timeout(WITHIN_S + 5):
        while await close_code(door, additional_headers=headers, subprotocols=[SUBPROTOCOL]) is None:
            await asyncio.sleep(0.01)
    return time.monotonic()


async def closed_at(socket: Socket) -> float:
    assert await socket.closed() == SESSION_ENDED
    return time.monotonic()


@pytest.mark.parametrize("way", WAYS)
async def test_an_ended_session_is_over_everywhere_within_two_seconds(town: Town, house: House, way: str, capsys):
    ada, phone = await with_two_devices(town)
    at_phone = await town.socket(phone)
    watched: dict[str, Awaitable[float]] = {}
    for role, path in BY_BEARER.items():
        watched[f"{role} by Bearer"] = refused_after(town, house.door_of(role) + path, bearer(ada.token))
    for role, path in SIGNED_IN.items():
        watched[f"{role} by cookie"] = refused_after(town, house.door_of(role) + path, cookie(ada.token))
    for number, door in enumerate(house.doors):
        watched[f"open socket at door {number}"] = closed_at(await town.socket(ada, door))
        watched[f"new socket at door {number}"] = no_new_socket_after(door, bearer(ada.token))
    tasks = {name: asyncio.ensure_future(moment) for name, moment in watched.items()}
    await asyncio.sleep(0.3)  # all of them are let in, many times
    assert not any(task.done() for task in tasks.values())

    began = time.monotonic()
    await WAYS[way](ada, phone)
    after_s = {name: await task - began for name, task in tasks.items()}

    slowest = max(after_s, key=lambda name: after_s[name])
    with capsys.disabled():
        print(f"\nended by {way}: over everywhere after {after_s[slowest] * 1000:.0f} ms (last: {slowest})")
    assert after_s[slowest] < WITHIN_S
    assert (await phone.get("/api/users/me")).status == 200
    await at_phone.quiet()
    assert at_phone.close_code is None
