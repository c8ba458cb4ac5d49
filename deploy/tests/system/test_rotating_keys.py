"""A key rotation under traffic, in a house of its own: no request fails; only a dropped key's tokens are refused."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

import pytest
import pytest_asyncio

from deploy.ci.stack import AllInOne, Stack, plain_environment
from deploy.tests.conftest import BEHIND_AN_EDGE, House, Mode
from deploy.tests.people import TIMEOUT, WITHIN_S, Person, Socket, Town

pytestmark = pytest.mark.http

# Tokens last ten minutes, which a test cannot wait for; so the old key is dropped while they could still be used.
STEP = ("rotate_keys", "--now", "--pause-s", "0")
SEEN_BY_EVERY_ROLE = ["/api/auth/sessions", "/api/users/me", "/api/chats"]
PEOPLE = 4


@pytest.fixture(scope="module")
def own_house(mode: Mode) -> Iterator[House]:
    environment = {**plain_environment(), **BEHIND_AN_EDGE}
    with ExitStack() as belongings:
        if mode == "all-in-one":
            alone = belongings.enter_context(AllInOne(environment))
            yield House(mode, alone.url, [alone.url], alone=alone)
        else:
            stack = belongings.enter_context(Stack(environment))
            yield House(mode, stack.url, [stack.url, stack.all_of("realtime")[0].url], stack)


@pytest_asyncio.fixture
async def town(own_house: House) -> AsyncIterator[Town]:
    async with Town(own_house.url) as town:
        yield town


def rotate(house: House, *options: str) -> None:
    (house.stack or house.alone).manage(*STEP, *options)  # type: ignore[union-attr]


def kid_of(token: str) -> str:
    head = token.partition(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"])


@dataclass
class Traffic:
    """What everybody goes on doing; each answer that is no success, and each new socket that fails, is noted."""

    asked: int = 0
    sockets: int = 0
    faults: list[str] = field(default_factory=list)

    def note(self, status: int, what: str) -> None:
        self.asked += 1
        if status != 200:
            self.faults.append(f"{what}: {status}")

    async def by_bearer(self, person: Person) -> None:
        for path in SEEN_BY_EVERY_ROLE:
            self.note((await person.get(path)).status, f"Bearer {path}")

    async def by_cookie(self, person: Person) -> None:
        for path in [*SEEN_BY_EVERY_ROLE, "/chats"]:
            status, _ = await as_browser(person, path)
            self.note(status, f"cookie {path}")

    async def by_new_socket(self, person: Person, door: str) -> None:
        async with Socket(person, door) as socket:
            await socket.quiet()
            self.sockets += 1

    async def on_and_on(self, deed: Callable[[], object], stop: asyncio.Event) -> None:
        while not stop.is_set():
            await deed()  # type: ignore[misc]

    @asynccontextmanager
    async def flowing(self, people: list[Person], door: str) -> AsyncIterator[None]:
        stop = asyncio.Event()
        deeds: list[Callable[[], object]] = []
        for person in people:
            deeds += [lambda p=person: self.by_bearer(p), lambda p=person: self.by_cookie(p)]  # type: ignore[misc]
            deeds.append(lambda p=person: self.by_new_socket(p, door))  # type: ignore[misc]
        async with asyncio.TaskGroup() as group:
            for deed in deeds:
                group.create_task(self.on_and_on(deed, stop))
            yield
            stop.set()


async def as_browser(person: Person, path: str, *, only_refresh: bool = False) -> tuple[int, dict[str, str]]:
    """Status, and the cookies given."""
    cookie = f"abdre_refresh={person.refresh_token}"
    if not only_refresh:
        cookie = f"abdre_access={person.token}; {cookie}"
    headers = {"Cookie": cookie, "X-Forwarded-For": person.address}
    async with person.http.get(person.base + path, headers=headers, allow_redirects=False, timeout=TIMEOUT) as answer:
        jar = SimpleCookie()
        for line in answer.headers.getall("Set-Cookie", []):
            jar.load(line)
        return answer.status, {name: morsel.value for name, morsel in jar.items()}


async def published(town: Town) -> set[str]:
    document = await town.nobody().must("GET", "/api/auth/.well-known/jwks.json")
    return {key["kid"] for key in document["keys"]}


async def until(fact: Callable[[], object], within_s: float = WITHIN_S) -> None:
    async with asyncio.timeout(within_s):
        while not await fact():  # type: ignore[misc]
            await asyncio.sleep(0.05)


async def test_a_rotation_under_traffic_fails_no_request(town: Town, own_house: House, capsys):
    people = [await town.guest(f"Guest {number}") for number in range(PEOPLE)]
    ada = await town.guest("Ada")
    chat = await ada.start_chat("Tea")
    at_ada = await town.socket(ada)
    old_token, old = ada.token, kid_of(ada.token)
    assert await published(town) == {old}
    traffic = Traffic()
    loop = asyncio.get_running_loop()

    async def take_step() -> None:
        await loop.run_in_executor(None, rotate, own_house)

    async def new_ones_are_signed_by(kid: str) -> bool:
        return kid_of((await town.guest("Newcomer")).token) == kid

    async def are_published(kids: set[str]) -> bool:
        return await published(town) == kids

    async with traffic.flowing(people, own_house.doors[-1]):
        await take_step()  # the next key is published
        await until(lambda: two_are_published(town))
        (new,) = await published(town) - {old}
        assert await new_ones_are_signed_by(old)

        await take_step()  # it signs
        await until(lambda: new_ones_are_signed_by(new))
        assert await published(town) == {old, new}
        for person in people:  # as each of them does within ten minutes
            _, cookies = await as_browser(person, "/api/users/me", only_refresh=True)
            person.token, person.refresh_token = cookies["abdre_access"], cookies["abdre_refresh"]
            assert kid_of(person.token) == new
        await traffic.by_bearer(ada)  # her token is the old one, and as good as ever

        await take_step()  # the old one is dropped
        await until(lambda: are_published({new}))
        await until(lambda: is_refused_everywhere(town, old_token))
        await at_ada.send(chat, "an open socket goes on")

    status, cookies = await as_browser(ada, "/api/users/me")
    assert (status, kid_of(cookies["abdre_access"])) == (200, new)
    assert traffic.faults == []
    with capsys.disabled():
        print(f"\nkey rotation: {traffic.asked} requests and {traffic.sockets} new sockets, 0 failed")
    assert traffic.asked > 100
    assert traffic.sockets > 20


async def is_refused_everywhere(town: Town, token: str) -> bool:
    nobody = town.nobody()
    nobody.token = token
    return all([(await nobody.get(path)).status == 401 for path in SEEN_BY_EVERY_ROLE])


async def two_are_published(town: Town) -> bool:
    return len(await published(town)) == 2


async def test_after_a_leak_the_old_tokens_are_refused_and_the_sessions_go_on(town: Town, own_house: House):
    ada = await town.guest("Ada")
    old = kid_of(ada.token)

    await asyncio.get_running_loop().run_in_executor(None, rotate, own_house, "--leaked")

    await until(lambda: is_refused_everywhere(town, ada.token))
    await ada.renew()
    assert kid_of(ada.token) != old
    assert (await ada.get("/api/chats")).status == 200
