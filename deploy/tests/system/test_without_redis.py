"""What is promised while Redis is stopped, by the running house itself."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from deploy.tests.conftest import House
from deploy.tests.faults import away, rights
from deploy.tests.people import Town

pytestmark = pytest.mark.split
Stop = Callable[[], Awaitable[None]]


@pytest_asyncio.fixture
async def stop_redis(house: House) -> AsyncIterator[Stop]:
    """Stops it until the test is over."""
    assert house.stack is not None
    redis = house.stack.redis
    assert redis is not None

    async def stop() -> None:
        redis.halt()

    yield stop
    if redis.process is None:
        redis.start_again()


async def test_a_message_is_acked_and_reaches_somebody_at_another_process_within_3_s(
    town: Town, house: House, stop_redis: Stop
):
    figures = await away.without_redis(town, house.doors, stop=stop_redis, chance=random.Random(0), messages=5)

    assert max(figures.acked_s) < 3
    assert max(figures.arrived_s) < 3


@pytest.mark.parametrize("redis", ["there", "stopped"])
async def test_who_lost_the_right_to_a_chat_hears_nothing_of_it_after_two_seconds(
    redis: str, town: Town, house: House, stop_redis: Stop
):
    assert house.stack is not None
    before = stop_redis if redis == "stopped" else nothing

    heard = await rights.heard_after(town, house.doors, rights.ways(house.stack.manage), before=before)

    assert {way: late_s for way, late_s in heard.items() if late_s > 2} == {}


async def nothing() -> None:
    """All is well."""
