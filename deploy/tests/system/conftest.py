"""The town of each test: people who talk to the running house over HTTP and sockets only."""

from collections.abc import AsyncIterator

import pytest_asyncio
from hypothesis import HealthCheck, Phase, settings

from deploy.tests.conftest import House
from deploy.tests.people import Town

# The same examples in every run, so that a failure is one for everybody, and told as it came. New ones are looked for
# with `--hypothesis-profile=drill`; a failing one is made smaller, and how to have it again is printed.
UNHURRIED = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("test", UNHURRIED, max_examples=50, derandomize=True, phases=[Phase.generate])
settings.register_profile("drill", UNHURRIED, max_examples=500)
settings.load_profile("test")


@pytest_asyncio.fixture
async def town(house: House) -> AsyncIterator[Town]:
    async with Town(house.url) as town:
        yield town
