"""What was done to a chat is told in words, the same by the server and by the page's script."""

import re
from pathlib import Path

import pytest

from gateway_svc.selectors import system

STRINGS = Path(__file__).parents[2] / "templates/components/_strings.html"


def item(**fact: object) -> dict:
    return {"kind": "system", "system": fact, "sender": {"display_name": "Ada"}}


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        ({"type": "renamed", "title": "100% Tea"}, "Ada renamed the chat to “100% Tea”"),
        ({"type": "renamed", "title": ""}, "Ada took the name off this chat"),
        ({"type": "topic_changed", "topic": "Beans"}, "Ada set the topic: Beans"),
        ({"type": "slow_mode_changed", "slow_mode_s": 0}, "Ada turned slow mode off"),
        ({"type": "keeping_changed", "keeps_days": 1}, "Ada has messages deleted after 1 day"),
        ({"type": "keeping_changed", "keeps_days": 7}, "Ada has messages deleted after 7 days"),
        ({"type": "keeping_changed", "keeps_days": 0}, "Ada turned off deleting old messages"),
        ({"type": "announcements_changed", "announcement_only": False}, "Ada lets everybody write"),
        ({"type": "picture_changed", "picture": ""}, "Ada removed the picture"),
        ({"type": "pinned", "seq": 3}, "Ada pinned a message"),
        ({"type": "closed"}, "Ada closed this chat"),
        ({"type": "reopened"}, "Ada opened this chat again"),
        ({"type": "of a later version"}, ""),
    ],
)
def test_a_fact_has_its_words(fact: dict, words: str):
    assert system.words(item(**fact)) == words


def test_who_speaks_for_the_staff_is_no_name():
    told = item(type="closed")
    told["sender"]["speaks_for_staff"] = True

    assert system.words(told) == "A moderator closed this chat"


def test_the_script_has_words_for_the_same_facts():
    said = set(re.findall(r'data-key="system\.(\w+)"', STRINGS.read_text()))

    assert said == set(system._sentences())
