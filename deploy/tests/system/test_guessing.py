"""A thousand wrong passwords within a minute from a hundred networks: they get nowhere, and nobody is locked out."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from deploy.tests.people import Person, Town

pytestmark = pytest.mark.split

NETWORKS = 100
GUESSES_EACH = 10
WITHIN_S = 60
AT_ONCE = 20
PASSWORD = "long enough, and not common"
# Who holds a number of their own, wherever the town's other people come from.
numbers = itertools.count(1)


def networks(count: int) -> Iterator[str]:
    for number in itertools.islice(numbers, count):
        yield f"172.{16 + number // 250}.{number % 250}.9"


@dataclass
class Account:
    name: str
    owner: Person

    async def sign_in(self, town: Town, *, at: str, password: str = PASSWORD) -> int:
        visitor = Person(town.base, town.http, address=at)
        answer = await visitor.post("/api/auth/login", {"login": self.name, "password": password})
        return answer.status


async def account(town: Town, *, at: str) -> Account:
    name = f"ada-{uuid4().hex[:8]}"
    owner = Person(town.base, town.http, address=at)
    body = await owner.must("POST", "/api/auth/register", {"username": name, "password": PASSWORD})
    return Account(name, owner.signed_in_by(body))


@dataclass
class Guessers:
    """A hundred networks, each with its ten guesses: eight at one account, one at each of two in the café."""

    town: Town
    aims: list[Account]
    heard: Counter[tuple[str, int]] = field(default_factory=Counter)

    async def guess(self, places: list[str]) -> float:
        """Seconds that it took."""
        gate = asyncio.Semaphore(AT_ONCE)
        began = time.monotonic()

        async def one(aim: Account, place: str) -> None:
            async with gate:
                status = await aim.sign_in(self.town, at=place, password=uuid4().hex)
                self.heard[aim.name, status] += 1

        turns = [(self.aims[turn], place) for turn in TURNS for place in places]
        await asyncio.gather(*(one(aim, place) for aim, place in turns))
        return time.monotonic() - began


TURNS = [0, 0, 1, 0, 0, 0, 2, 0, 0, 0]
assert len(TURNS) == GUESSES_EACH


@asynccontextmanager
async def meanwhile(*watches: object) -> AsyncIterator[None]:
    tasks = [asyncio.ensure_future(watch) for watch in watches]  # type: ignore[arg-type]
    yield
    for task in tasks:
        task.cancel()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if not isinstance(outcome, asyncio.CancelledError):
            raise outcome  # type: ignore[misc]


async def test_a_thousand_wrong_passwords_lock_nobody_out(town: Town, capsys):
    home, cafe, *fresh = networks(5)
    ada = await account(town, at=home)
    regulars = [await account(town, at=cafe) for _ in range(4)]
    at_ada = await town.socket(ada.owner)
    guessers = Guessers(town, [ada, regulars[0], regulars[1]])
    places = [*networks(NETWORKS - 1), cafe]  # one of them sits in the café
    open_session: Counter[int] = Counter()
    signed_in: Counter[str] = Counter()

    async def owner_goes_on() -> None:
        while True:
            open_session[(await ada.owner.get("/api/users/me")).status] += 1
            await at_ada.quiet()
            await asyncio.sleep(0.1)

    async def people_sign_in() -> None:
        while True:
            for visitor, place, where in [(ada, home, "at home"), *((one, cafe, "in the café") for one in regulars)]:
                assert await visitor.sign_in(town, at=place) == 200, where
                signed_in[where] += 1
            await asyncio.sleep(0.5)

    async with meanwhile(owner_goes_on(), people_sign_in()):
        took_s = await guessers.guess(places)
        assert await ada.sign_in(town, at=fresh[0]) == 200

    assert took_s < WITHIN_S
    assert sum(guessers.heard.values()) == NETWORKS * GUESSES_EACH
    assert {status for _, status in guessers.heard} == {401, 429}
    assert set(open_session) == {200}
    assert min(signed_in["at home"], signed_in["in the café"]) > 0
    tried = guessers.heard[ada.name, 401]
    # Twenty anywhere, and two of each network; without the count over all of them it would be five of each.
    assert tried <= 20 + 2 * NETWORKS

    # Again, with the hour's tries used up: hardly one is looked at, and a new place of the owner's is as good as ever.
    again = Guessers(town, [ada, regulars[0], regulars[1]])
    again_s = await again.guess(places)
    assert again.heard[ada.name, 401] <= NETWORKS * 2 + 20 - tried
    assert await ada.sign_in(town, at=fresh[1], password="mistyped") == 401
    assert await ada.sign_in(town, at=fresh[1]) == 200
    with capsys.disabled():
        print(
            f"\nguessing: 1000 wrong passwords in {took_s:.0f} s, {tried} of 800 at one account looked at; of 800 more "
            f"in {again_s:.0f} s {again.heard[ada.name, 401]}. Meanwhile all 200: {open_session[200]} requests of the "
            f"open session, sign-ins {dict(signed_in)}"
        )
