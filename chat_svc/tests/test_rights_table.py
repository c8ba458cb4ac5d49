"""Every cell of the table of rights, and everybody who is in no cell of it, by REST."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest
from django.test import override_settings

from abdre import events
from abdre.events import chat_group
from chat_svc.rights import NOT_IN_DIRECT, TABLE, Action, may
from chat_svc.tests.conftest import Api, Told
from chat_svc.tests.rights_deeds import CAST, DEEDS, HEARD_ALL_THE_SAME, expected, is_allowed, people, place
from chat_svc.writer import writer
from deploy.tests.plugin import erase_what_was_written

if TYPE_CHECKING:
    from user_svc.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: Any) -> Iterator[Mapping[str, User]]:
    """The same people for all cells; each cell has a chat of its own."""
    # Codes are made by auth_svc, which asks the same table. Set once: each change reads all addresses anew.
    with django_db_blocker.unblock(), override_settings(ROOT_URLCONF="abdre.urls", DEEDS_PER_MINUTE=10_000):
        yield people()
        writer.stop()
        erase_what_was_written()


@pytest.fixture
def _django_db_helper(town: Mapping[str, User]) -> None:
    """In place of pytest-django's: nothing is emptied between the cells, which would be most of the work."""


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Told:
    recorder = Told()
    monkeypatch.setattr(events, "hand_over_all", recorder.note)
    return recorder


def test_every_action_has_a_row_and_a_deed():
    assert set(TABLE) == set(Action)
    assert set(DEEDS) == set(Action) - HEARD_ALL_THE_SAME


@pytest.mark.parametrize("who", CAST)
@pytest.mark.parametrize("action", DEEDS)
def test_the_cell_holds(town: Mapping[str, User], heard: Told, action: Action, who: str):
    deed = DEEDS[action]
    at = place(town, deed.rules)

    asked = deed.ask(at, who)
    heard.items.clear()

    answer = Api(town[who])(*asked)

    status = 200 if answer.status_code < 300 else answer.status_code
    assert status == expected(action, who, TABLE), answer.content
    assert bool(heard.to(chat_group(at.chat))) == (deed.is_told and is_allowed(action, who, TABLE))
    if not is_allowed(action, who, TABLE):
        assert heard.items == []


@pytest.mark.parametrize("action", NOT_IN_DIRECT)
def test_two_alike_have_nothing_to_manage(action: Action):
    assert may(action, role="owner", kind="group")
    assert not may(action, role="owner", kind="direct")
