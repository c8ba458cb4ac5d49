"""What a load calls lost, doubled and reordered; and whose house it leaves alone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from django.core.management import CommandError, call_command
from pytest_django import Settings

from abdre.loadtest import people
from abdre.loadtest.people import LoadProblem, Person
from abdre.loadtest.running import Load, run
from abdre.loadtest.talking import Device, Told, Wish
from abdre.loadtest.verdict import Times, Verdict, judged

CHAT = "chat"


@dataclass
class Nobody:
    """A person whom the verdict does not look at."""


def device(*heard: tuple[int, str], acked: tuple[str, ...] = (), close_code: int | None = None) -> Device:
    told = [Told(version, key, at=2.0) for version, key in heard]
    wishes = {key: Wish(CHAT, due=1.0, acked=1.5) for key in acked}
    return Device(Nobody(), wishes, {CHAT: told}, close_code)  # type: ignore[arg-type]


def verdict(*devices: Device, stored: tuple[str, ...] = ("a", "b")) -> Verdict:
    return judged(devices, {CHAT: [{"client_id": key} for key in stored]}, seconds=1.0)


SENDER = device((1, "a"), (2, "b"), acked=("a", "b"))


def test_a_load_that_lost_nothing_is_clean_and_timed_from_when_it_was_due():
    found = verdict(SENDER, device((1, "a"), (2, "b")))

    assert found.is_clean
    assert (found.sent, found.acked, found.delivered) == (2, 2, 4)
    assert (found.ack, found.delivery) == (Times(500, 500, 500, 500), Times(1000, 1000, 1000, 1000))


@pytest.mark.parametrize(
    ("devices", "stored", "fault", "count"),
    [
        ([SENDER], ("a",), "lost", 1),  # acknowledged and not stored
        ([SENDER, device((1, "a"))], ("a", "b"), "lost", 1),  # stored and not shown
        ([SENDER, device((1, "a"), (2, "b"), (2, "b"))], ("a", "b"), "doubled", 1),
        ([SENDER], ("a", "b", "b"), "doubled", 1),
        ([SENDER, device((2, "b"), (1, "a"))], ("a", "b"), "reordered", 1),
        ([SENDER, device(close_code=4008)], ("a", "b"), "cut_off", 1),  # and what it missed is not called lost
    ],
)
def test_each_fault_is_counted_as_what_it_is(devices: list[Device], stored: tuple[str, ...], fault: str, count: int):
    found = verdict(*devices, stored=stored)

    faults = {name: getattr(found, name) for name in ("lost", "doubled", "reordered", "cut_off")}
    assert faults == {**dict.fromkeys(faults, 0), fault: count}
    assert not found.is_clean


def test_a_message_without_an_answer_is_not_passed_over():
    silent = device()
    silent.wishes["c"] = Wish(CHAT, due=1.0)

    assert verdict(silent, stored=()).refused == {"no_answer": 1}


@pytest.mark.parametrize(
    "wrong", [{"origin": "https://chat.example.org"}, {"origin": "chat"}, {"people": 1, "chats": 2}]
)
def test_another_house_and_what_makes_no_sense_are_refused(settings: Settings, wrong: dict[str, Any]):
    settings.PUBLIC_ORIGIN = "https://our.example.org"

    with pytest.raises(CommandError):
        call_command("loadtest", **wrong)


class House:
    """Tokens are numbers; the newest is the one that is let in."""

    def __init__(self) -> None:
        self.newest = 0
        self.left = 0
        self.busy: list[web.Response] = []
        self.app = web.Application()
        self.app.router.add_post("/api/auth/guest", self.sign_in)
        self.app.router.add_post("/api/auth/refresh", self.sign_in)
        self.app.router.add_post("/api/auth/logout", self.leave)
        self.app.router.add_post("/api/chats", self.refuse)

    async def sign_in(self, request: web.Request) -> web.Response:
        if self.busy:
            return self.busy.pop()
        self.newest += 1
        secret = str(self.newest)
        return web.json_response({"access_token": secret, "refresh_token": secret, "user": {"id": secret}})

    async def leave(self, request: web.Request) -> web.Response:
        self.left += request.headers["Authorization"] == f"Bearer {self.newest}"
        return web.Response(status=204)

    async def refuse(self, request: web.Request) -> web.Response:
        return web.json_response({}, status=403)


@pytest.fixture
async def house() -> AsyncIterator[tuple[House, TestClient[Any, Any]]]:
    there = House()
    async with TestClient(TestServer(there.app)) as client:
        yield there, client


def person(client: TestClient[Any, Any]) -> Person:
    return Person(client.session, str(client.make_url("")).rstrip("/"), lambda _: None)


async def test_who_waited_longer_than_a_token_lives_comes_with_another(
    house: tuple[House, TestClient[Any, Any]], monkeypatch: pytest.MonkeyPatch
):
    there, client = house
    guest = person(client)
    await guest.come_in("Load 1")
    monkeypatch.setattr(people, "FRESH_S", -1.0)

    await guest.leave_nothing([])

    assert (there.newest, there.left) == (2, 1)


async def test_a_house_that_says_a_date_is_asked_again_and_one_that_stays_away_is_not(
    house: tuple[House, TestClient[Any, Any]], monkeypatch: pytest.MonkeyPatch
):
    there, client = house
    there.busy = [web.Response(status=503, headers={"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"})]
    await person(client).come_in("Load 1")
    monkeypatch.setattr(people, "AWAY_S", -1.0)
    there.busy = [web.Response(status=503)]

    with pytest.raises(LoadProblem, match="503"):
        await person(client).come_in("Load 2")


async def test_who_came_in_before_a_problem_is_signed_out(house: tuple[House, TestClient[Any, Any]]):
    there, client = house
    origin = str(client.make_url("")).rstrip("/")
    load = Load(origin=origin, people=1, chats=1, sockets=1, rate=1, seconds=1, length=8)

    with pytest.raises(LoadProblem, match="403"):
        await run(load, tell=lambda _: None)

    assert there.left == 1
