"""Who comes and goes is told, if not now then with the next tick."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError

from realtime_svc.hub import presence
from realtime_svc.hub.person import Person
from realtime_svc.hub.presence import Presence


async def test_who_came_while_the_database_was_away_is_told_later(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[set[UUID]] = []

    def tell(arrived: dict[UUID, Any], leaving: object, asked: object, **how: object) -> set[UUID]:
        told.append(set(arrived))
        if len(told) == 1:
            raise OperationalError("restarting")
        return set()

    monkeypatch.setattr(presence, "_tell", tell)
    ada, here = Person(str(uuid4())), Presence()
    here.came(ada)

    with pytest.raises(OperationalError):
        await here.tick()
    await here.tick()
    await here.tick()

    assert told == [{UUID(ada.id)}, {UUID(ada.id)}]
