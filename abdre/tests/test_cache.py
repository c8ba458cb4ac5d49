"""What pages ask again is kept, and forgotten when it changes; without the store everything is asked."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from abdre.cache import forget_changed, own_card, remembered
from abdre.store.redis import RedisStore

pytestmark = pytest.mark.django_db(transaction=True)  # a change is told after its commit


class Source:
    def __init__(self) -> None:
        self.name, self.asked = "Ada", 0
        self.key = own_card(uuid4())
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self) -> dict[str, Any]:
        self.asked += 1
        name = self.name
        await self.may_answer.wait()
        return {"display_name": name}

    async def read(self) -> str:
        kept = await remembered(self.key, self)
        assert kept is not None
        return str(kept["display_name"])

    async def change(self, name: str) -> None:
        self.name = name
        await asyncio.to_thread(forget_changed, self.key)


async def test_it_is_asked_once():
    source = Source()

    assert [await source.read() for _ in range(3)] == ["Ada"] * 3
    assert source.asked == 1


async def test_a_change_is_seen_at_once():
    source = Source()
    await source.read()

    await source.change("Bob")

    assert await source.read() == "Bob"


async def test_an_answer_from_before_the_change_is_not_kept_after_it():
    source = Source()
    source.may_answer.clear()
    reading = asyncio.create_task(source.read())
    while not source.asked:
        await asyncio.sleep(0)
    await source.change("Bob")
    source.may_answer.set()

    assert await reading == "Ada"
    assert await source.read() == "Bob"


async def test_soon_after_a_change_it_is_kept_again(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("abdre.cache.CHANGED_S", 0.05)
    source = Source()
    await source.change("Bob")
    await asyncio.sleep(0.1)

    assert [await source.read() for _ in range(3)] == ["Bob"] * 3
    assert source.asked == 1


async def test_nothing_is_not_kept():
    async def nothing() -> None: ...

    source = Source()

    assert await remembered(source.key, nothing) is None
    assert await source.read() == "Ada"


async def test_while_the_store_is_away_everything_is_asked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("abdre.cache.store", RedisStore("redis://127.0.0.1:1"))
    source = Source()

    assert [await source.read() for _ in range(2)] == ["Ada"] * 2
    await source.change("Bob")
    assert await source.read() == "Bob"
    assert source.asked == 3
