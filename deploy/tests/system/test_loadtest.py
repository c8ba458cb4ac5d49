"""`manage.py loadtest` against the running house: its figures add up, and it leaves nothing behind."""

import json

import pytest

from deploy.tests.conftest import House
from deploy.tests.restored import environment_of, run

pytestmark = pytest.mark.split

SMALL = ("--people", "4", "--chats", "2", "--sockets", "2", "--rate", "20", "--seconds", "2")


def test_a_small_load_loses_nothing(house: House) -> None:
    ended = run(environment_of(house), "loadtest", "--origin", house.url, *SMALL, "--json")

    assert ended.code == 0, ended.said
    told = json.loads(ended.said)
    assert (told["sent"], told["acked"], told["sockets"]) == (40, 40, 8)
    assert told["delivered"] == 40 * 4  # two people on two devices in each chat
