"""The town of each test: people who talk to the running house over HTTP and sockets only. And the gateway alone."""

import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, Phase, settings

from deploy.ci.servers import Redis, make_keys
from deploy.ci.stack import Role, plain_environment
from deploy.tests.conftest import House
from deploy.tests.echo import Echo
from deploy.tests.people import Town
from deploy.tests.restored import Restored, backed_up_and_restored

# The same examples in every run, so that a failure is one for everybody, and told as it came. New ones are looked for
# with `--hypothesis-profile=drill`; a failing one is made smaller, and how to have it again is printed.
UNHURRIED = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("test", UNHURRIED, max_examples=50, derandomize=True, phases=[Phase.generate])
settings.register_profile("drill", UNHURRIED, max_examples=500)
settings.load_profile("test")


@pytest.fixture(scope="session")
def restored(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restored]:
    with backed_up_and_restored(house, tmp_path_factory.mktemp("restored")) as restored:
        yield restored


@pytest_asyncio.fixture
async def town(house: House) -> AsyncIterator[Town]:
    async with Town(house.url) as town:
        yield town


@dataclass(frozen=True)
class Lone:
    """The gateway, and nobody behind it but the echo."""

    gateway: Role
    echo: Echo


@pytest.fixture(scope="session")
def lone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lone]:
    folder: Path = tmp_path_factory.mktemp("keys")
    with Redis() as redis, Echo() as echo:
        environment = {
            **plain_environment(),
            **echo.upstreams(),
            "SECRET_KEY": secrets.token_urlsafe(48),
            "REDIS_URL": redis.url,
            "ABDRE_VERIFYING_KEYS_FILE": make_keys(folder)["ABDRE_VERIFYING_KEYS_FILE"],
            "ABDRE_ALLOWED_HOSTS": "*",
            "ABDRE_BODY_LIMIT_BYTES": str(300 * 1024 * 1024),
            "ABDRE_LOG_LEVEL": "ERROR",
        }
        with Role("gateway", environment) as gateway:
            yield Lone(gateway, echo)
