"""Who came and went stands between the messages, neighbours in one line; the page's script says the same."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import AsyncClient
from django.utils import timezone, translation

from gateway_svc.selectors import membership_log
from gateway_svc.tests.conftest import ADA, BOB, CHAT, Services, chat, message, person

STRINGS = Path(__file__).parents[2] / "templates/components/_strings.html"
API = f"/api/chats/{CHAT}"
NOON = "2026-11-22T12:00:00.000Z"


def entry(version: int, name: str = "Mira", kind: str = "joined", *, by: str = "", **facts: Any) -> dict[str, Any]:
    by_card = person(BOB, by) if by else None
    told = {"after_seq": 1, "version": version, "kind": kind, "user": person(ADA, name), "by": by_card}
    return {**told, "role": "member", "at": NOON, **facts}


def lines(*entries: dict[str, Any]) -> list[str]:
    return [line.text for line in membership_log.log_lines(list(entries))]


def test_who_speaks_for_the_staff_is_no_name():
    told = entry(1, kind="removed", by="Moderators")
    told["by"]["speaks_for_staff"] = True

    assert lines(told) == ["A moderator removed Mira"]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "Mira joined"),
        ({"by": "Ada"}, "Ada added Mira"),
        ({"kind": "left"}, "Mira left"),
        ({"kind": "removed", "by": "Ada"}, "Ada removed Mira"),
        ({"kind": "banned", "by": "Ada"}, "Ada banned Mira"),
        ({"kind": "role_changed", "role": "admin"}, "Mira is an admin now"),
        ({"kind": "role_changed", "role": "owner", "by": "Ada"}, "Mira is an owner now"),
        ({"kind": "role_changed"}, "Mira does not manage this chat any more"),
        ({"name": "{by} %s"}, "{by} %s joined"),
    ],
)
def test_an_entry_has_its_words(facts: dict[str, Any], words: str):
    assert lines(entry(1, **facts)) == [words]


def test_a_kind_of_a_later_version_is_not_shown():
    assert lines(entry(1, kind="wed")) == []


def test_neighbours_of_one_kind_are_one_line():
    burst = [entry(number, name) for number, name in enumerate(("Mira", "Timur", "Aigul", "Dana"))]

    assert lines(*burst[:2]) == ["Mira and Timur joined"]
    assert lines(*burst[:3]) == ["Mira, Timur and 1 other joined"]
    assert lines(*burst) == ["Mira, Timur and 2 others joined"]
    assert lines(*burst, entry(5, "Mira", "left"), entry(6, "Mira")) == [
        "Mira, Timur and 2 others joined",
        "Mira left",
        "Mira joined",
    ]


@pytest.mark.parametrize(
    "other",
    [{"after_seq": 2}, {"kind": "left"}, {"by": "Ada"}, {"at": "2026-11-23T00:00:00.000Z"}],
    ids=lambda other: next(iter(other)),
)
def test_what_is_not_alike_stands_apart(other: dict[str, Any]):
    assert len(lines(entry(1), entry(2, "Timur", **other))) == 2


def test_each_change_of_a_role_is_a_line_of_its_own():
    changed = {"kind": "role_changed", "role": "admin"}

    assert lines(entry(1, **changed), entry(2, "Timur", **changed)) == ["Mira is an admin now", "Timur is an admin now"]


@pytest.mark.parametrize(
    ("language", "count", "words"),
    [
        ("ru", 3, "Mira, Timur и ещё 1 человек теперь в чате"),
        ("ru", 4, "Mira, Timur и ещё 2 человека теперь в чате"),
        ("ru", 7, "Mira, Timur и ещё 5 человек теперь в чате"),
        ("ru", 23, "Mira, Timur и ещё 21 человек теперь в чате"),
        ("kk", 3, "Mira, Timur және тағы 1 адам чатқа қосылды"),
        ("kk", 7, "Mira, Timur және тағы 5 адам чатқа қосылды"),
    ],
)
def test_they_are_counted_as_each_language_counts(language: str, count: int, words: str):
    with translation.override(language):
        assert lines(entry(0), *(entry(number, "Timur") for number in range(1, count))) == [words]


def test_a_line_belongs_to_the_readers_day():
    midnight = [entry(1, at="2026-11-22T18:59:00.000Z"), entry(2, "Timur", at="2026-11-22T19:01:00.000Z")]

    assert len(lines(*midnight)) == 1
    with timezone.override("Asia/Almaty"):
        assert len(lines(*midnight)) == 2


def test_the_script_has_words_for_the_same_kinds():
    said = set(re.findall(r'data-key="log\.(\w+)"', STRINGS.read_text()))

    assert said == set(membership_log._sentences())


def rows(page: str) -> list[str]:
    """What stands in the timeline, row by row: a day, a message, who came or went."""
    timeline = page[page.index('<ol class="timeline__list">') :].partition("</ol>")[0]
    days = r'<li class="timeline__(day)"'
    found = re.findall(
        rf'{days}|<div class="message__body"[^>]*>([^<]*)|<li class="timeline__log"[^>]*><span>([^<]*)', timeline
    )
    return ["".join(row) for row in found]


async def test_the_page_shows_them_at_their_place(ada: AsyncClient, services: Services):
    next_day = "2026-11-23T12:00:00.000Z"
    log = [entry(1, after_seq=0), entry(3), entry(4, "Timur"), entry(6, "Dana", after_seq=2, at=next_day)]
    said = {"items": [message(1, "hello"), message(2, "there")], "has_more": False, "membership_log": log}
    services.answer("chat", "GET", API, chat())
    services.answer("chat", "GET", f"{API}/messages", said)

    page = (await ada.get(f"/chats/{CHAT}")).content.decode()

    assert rows(page) == ["day", "Mira joined", "hello", "Mira and Timur joined", "there", "day", "Dana joined"]
    assert page.count("message--first") == 2  # after somebody came it is said again who speaks
    embedded = re.findall(r'<script id="membership-log" type="application/json">(.*?)</script>', page)
    assert [json.loads(text) for text in embedded] == [log]


async def test_where_nobody_has_said_anything_that_is_still_said(ada: AsyncClient, services: Services):
    said = {"items": [], "has_more": False, "membership_log": [entry(1, "<b>Mira", after_seq=0)]}
    services.answer("chat", "GET", API, chat())
    services.answer("chat", "GET", f"{API}/messages", said)

    page = (await ada.get(f"/chats/{CHAT}")).content.decode()

    assert rows(page) == ["day", "&lt;b&gt;Mira joined"]
    assert "Nothing here yet. Say hello." in page
