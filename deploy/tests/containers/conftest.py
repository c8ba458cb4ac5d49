"""What runs is started by deploy/ci/images, which also ends it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from deploy.tests.containers.composition import Composition
from deploy.tests.people import Town

EDGE = "http://127.0.0.1:8000"


@pytest.fixture(scope="session")
def composition() -> Composition:
    return Composition()


@pytest_asyncio.fixture
async def town() -> AsyncIterator[Town]:
    async with Town(EDGE) as town:
        yield town
