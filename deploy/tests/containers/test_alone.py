"""The smallest way: one container of the all-in-one, with one volume."""

import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace

import pytest

from deploy.tests.containers.composition import inspected, said
from deploy.tests.containers.conversation import talk
from deploy.tests.containers.test_composition import excesses
from deploy.tests.people import Town

URL = "http://127.0.0.1:8200"
# As deploy/README.md has it.
HARDENED = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true"]
LIMITED = ["--memory", "1g", "--pids-limit", "256", "--log-opt", "max-size=20m"]
WHERE = ["--publish", "8200:8000", "--volume", "alone:/data"]
READY_WITHIN_S = 60


@pytest.fixture
def alone() -> Iterator[str]:
    said("docker", "run", "--detach", "--name", "alone", *WHERE, *HARDENED, *LIMITED, "abdre-chat")
    wait_until_ready()
    yield "alone"
    said("docker", "rm", "--force", "--volumes", "alone")
    said("docker", "volume", "rm", "alone")


def wait_until_ready() -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while True:
        try:
            urllib.request.urlopen(f"{URL}/readyz", timeout=2).close()
            return
        except OSError:
            assert time.monotonic() < deadline, said("docker", "logs", "alone")
            time.sleep(0.1)


async def test_one_container_with_one_volume_is_a_whole_house(alone: str):
    async with Town(URL) as town:
        first = await talk(town)
    problems = excesses(alone, *inspected(alone))

    said("docker", "restart", alone)
    wait_until_ready()

    assert problems == []
    async with Town(URL) as town:  # new lines: what stops says so on the idle ones
        assert await replace(first.ada, http=town.http).bodies(first.chat) == ["Table 4?", "Coming"]
        await talk(town)
