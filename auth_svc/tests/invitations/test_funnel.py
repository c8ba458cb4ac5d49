"""What becomes of codes is counted, step by step: made, opened, joined, and the first words of who came by one."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from abdre.tests.measured import Measured
from auth_svc.services import count_first_messages
from auth_svc.tests.invitations.codes import INVITATIONS, accept, invite
from auth_svc.tests.invitations.test_direct_codes import my_code
from auth_svc.tests.people import Visitor
from chat_svc.writer import firsts


@pytest.fixture
def measured() -> Iterator[Measured]:
    firsts.forget()
    with Measured() as measured:
        yield measured


def steps(measured: Measured) -> dict[str, float]:
    return {step: value for (step,), value in measured.by("abdre_invitations_total", "step").items()}


def heard(chat: Any, *people: Any) -> None:
    """As the writer notes what it has stored, which is the first message of each there."""
    firsts._waiting.extend(firsts.First(UUID(str(chat)), UUID(str(person)), 1) for person in people)
    count_first_messages()


def test_every_step_is_counted(measured: Measured, ada: Visitor, bob: Visitor, visitor, chat: UUID):
    code = invite(ada, chat, max_uses=None)
    for who in (visitor(), visitor(), bob):  # bob is in already
        who.post(f"{INVITATIONS}/opened", {"token": code["token"]})
    joined = accept(visitor(), code, "Tom").json()
    accept(bob, code)

    heard(chat, joined["user"]["id"], bob.id)

    assert steps(measured) == {"made": 1, "opened": 2, "joined": 1, "first_message": 1}


def test_a_fresh_code_in_place_of_an_old_one_is_made_too(measured: Measured, ada: Visitor, chat: UUID):
    code = invite(ada, chat)

    ada.post(f"{INVITATIONS}/{code['id']}/renew", {})

    assert steps(measured) == {"made": 2}


def test_who_came_by_a_code_into_another_chat_is_not_counted(measured: Measured, ada: Visitor, visitor, chat: UUID):
    joined = accept(visitor(), invite(ada, chat), "Tom").json()

    heard(uuid4(), joined["user"]["id"])

    assert steps(measured) == {"made": 1, "joined": 1}


def test_a_code_without_a_chat_leads_into_one_too(measured: Measured, ada: Visitor, visitor):
    joined = accept(visitor(), my_code(ada), "Tom").json()

    heard(joined["chat"]["id"], joined["user"]["id"])

    assert steps(measured) == {"made": 1, "joined": 1, "first_message": 1}


def test_a_refused_host_has_made_nothing(measured: Measured, eve: Visitor, chat: UUID):
    refused = eve.post(INVITATIONS, {"chat": str(chat)})

    assert refused.status_code == 404
    assert steps(measured) == {}
