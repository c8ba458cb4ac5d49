"""What a load calls lost, doubled and reordered; and whose house it leaves alone."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

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
