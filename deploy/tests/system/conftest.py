"""The town of each test: people who talk to the running house over HTTP and sockets only."""

from collections.abc import AsyncIterator

import pytest_asyncio

from deploy.tests.conftest import House
from deploy.tests.people import Town


@pytest_asyncio.fixture
async def town(house: House) -> AsyncIterator[Town]:
    async with Town(house.url) as town:
        yield town
