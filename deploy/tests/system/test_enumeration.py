"""Whether an address has an account cannot be learnt: not from status, body or headers, and not from the time.

The time is a figure, which a busy machine must not turn into a failure; `--figures` asks for it:
`pytest -s -p no:django --mode split --figures deploy/tests/system/test_enumeration.py`
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any
from uuid import uuid4

import pytest

from deploy.tests.mailbox import Mailbox
from deploy.tests.people import TIMEOUT, Town, an_address

pytestmark = pytest.mark.split

PAIRS = 200
# Enough to see whether they are answered alike.
FEW_PAIRS = 4
WITHIN = 0.10
# One machine does other things too; a difference that is there is there every time.
ROUNDS = 3

Body = dict[str, Any]
# What is asked one after the other, of an address; the last of it is timed.
Steps = list[tuple[str, Body]]
Way = Callable[[str], Steps]


def registering(email: str, password: str = "") -> tuple[str, Body]:
    account = {"username": f"n-{uuid4().hex[:12]}", "password": password or uuid4().hex, "email": email}
    return "/api/auth/register", account


def logging_in(email: str, password: str) -> tuple[str, Body]:
    return "/api/auth/login", {"login": email, "password": password}


def giving_it_and_logging_in_by_it(email: str) -> Steps:
    password = uuid4().hex
    return [registering(email, password), logging_in(email, password)]


WAYS: dict[str, Way] = {
    "register": lambda email: [registering(email)],
    "login": lambda email: [logging_in(email, "not the password")],
    "register and login": giving_it_and_logging_in_by_it,
    "reset": lambda email: [("/api/auth/password/reset", {"email": email})],
}


@dataclass(frozen=True)
class Asked:
    seconds: float
    looks: object  # what can be told apart but for names, ids and tokens, which differ anyway


async def ask(town: Town, steps: Steps) -> Asked:
    """From a network that nobody has asked from before."""
    headers = {"X-Forwarded-For": an_address()}
    looks: list[object] = []
    for path, body in steps:
        began = perf_counter()
        async with town.http.post(town.base + path, json=body, headers=headers, timeout=TIMEOUT) as answer:
            text = await answer.text()
        seconds = perf_counter() - began
        told = await answer.json() if text else None
        policy = answer.headers.get("RateLimit-Policy")
        looks.append((answer.status, shape(told), sorted(answer.headers), policy))
    return Asked(seconds, looks)


def shape(told: Any) -> Any:
    """Texts stand for themselves where they say something, and tokens and ids for their length."""
    if isinstance(told, dict):
        return {name: shape(value) for name, value in told.items()}
    is_drawn = isinstance(told, str) and " " not in told and len(told) > 12
    return len(told) if is_drawn else told


@pytest.fixture
async def known(town: Town, mailbox: Mailbox) -> str:
    """An address that somebody has confirmed."""
    email = f"known-{uuid4().hex[:8]}@example.org"
    account = {"username": f"ada-{uuid4().hex[:8]}", "password": uuid4().hex, "email": email}
    await town.nobody().must("POST", "/api/auth/register", account)
    key = await asyncio.to_thread(mailbox.key, email, "Confirm your e-mail address")
    await town.nobody().must("POST", "/api/auth/email/verify", {"key": key})
    return email


@pytest.mark.parametrize("name", WAYS)
async def test_known_and_unknown_addresses_are_answered_alike(town: Town, known: str, name: str):
    found = await in_turns(town, WAYS[name], known, an_unknown(), pairs=FEW_PAIRS)

    looks = {repr(one.looks) for asked in found for one in asked}
    assert len(looks) == 1, looks


@pytest.mark.figures
@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", WAYS)
async def test_they_are_answered_as_fast(town: Town, known: str, name: str):
    figures: list[str] = []

    for _ in range(ROUNDS):
        at_known, at_unknown = await in_turns(town, WAYS[name], known, an_unknown(), pairs=PAIRS)
        difference = median(one.seconds for one in at_known) / median(one.seconds for one in at_unknown) - 1
        figures.append(
            f"{name}: known {median(one.seconds for one in at_known) * 1000:.2f} ms, "
            f"unknown {median(one.seconds for one in at_unknown) * 1000:.2f} ms, {difference:+.1%}"
        )
        if abs(difference) <= WITHIN:
            break
    print(*figures, sep="\n")  # whoever asks for the figures

    assert abs(difference) <= WITHIN, figures


def an_unknown() -> str:
    return f"other-{uuid4().hex[:8]}@example.org"


async def in_turns(town: Town, way: Way, known: str, unknown: str, *, pairs: int) -> tuple[list[Asked], list[Asked]]:
    """What one leaves behind (a letter to be written) meets both: each goes first every other time."""
    found: dict[str, list[Asked]] = {known: [], unknown: []}
    for number in range(pairs):
        for email in (known, unknown) if number % 2 else (unknown, known):
            found[email].append(await ask(town, way(email)))
    return found[known], found[unknown]
