"""Who comes and goes is told, if not now then with the next tick."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError

from abdre.events import chat_group
from realtime_svc.hub import presence
from realtime_svc.hub.person import Person
from realtime_svc.hub.presence import Presence
from user_svc import presence as user_presence


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """(group, online), as it is told; nobody's row is written."""
    events: list[tuple[str, bool]] = []

    def publish(group: str, *some: dict[str, Any]) -> None:
        events.extend((group, event["online"]) for event in some if event["type"] == "presence.changed")

    monkeypatch.setattr(presence, "publish", publish)
    monkeypatch.setattr(presence, "seen", lambda people: None)
    return events


def counting(monkeypatch: pytest.MonkeyPatch, *, failing: Callable[[], bool]) -> None:
    def member_counts(chats: object) -> defaultdict[UUID, int]:
        if failing():
            raise OperationalError("restarting")
        return defaultdict(lambda: 2)

    monkeypatch.setattr(presence, "member_counts", member_counts)
    monkeypatch.setattr(presence, "hiding_presence", lambda people: set())
    monkeypatch.setattr(presence, "apart", lambda people: {})


def somebody() -> tuple[Person, str]:
    person, chat = Person(str(uuid4())), str(uuid4())
    person.enter(chat, 1)
    return person, chat


async def test_who_came_while_the_database_was_away_is_told_later(
    told: list[tuple[str, bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    is_away = iter([True, False, False])
    counting(monkeypatch, failing=lambda: next(is_away))
    (ada, chat), here = somebody(), Presence()
    here.came(ada)

    with pytest.raises(OperationalError):
        await here.tick()
    await here.tick()
    await here.tick()

    assert told == [(chat_group(chat), True)]


async def test_who_comes_back_while_the_database_fails_is_not_taken_for_gone(
    told: list[tuple[str, bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "PAUSE_S", 0.0)
    (ada, _), here = somebody(), Presence()
    here.came(ada)
    counting(monkeypatch, failing=lambda: False)
    await here.tick()

    def comes_back() -> bool:
        here.came(ada)
        return True

    here.left(ada)
    counting(monkeypatch, failing=comes_back)
    with pytest.raises(OperationalError):
        await here.tick()
    counting(monkeypatch, failing=lambda: False)
    await here.tick()

    assert not here._leaving
    assert UUID(ada.id) in user_presence.online([UUID(ada.id)])
