"""Many presses at once, each on a thread and connection of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model

from abdre.db import close_connections
from auth_svc.models import InvitationUse, Knock, Session
from auth_svc.services import expire_invitations
from auth_svc.tests.invitations.codes import (
    PRESS,
    Code,
    Told,
    accept,
    events_for,
    invite,
    let_expire,
    path_of,
    row,
    types,
)
from auth_svc.tests.people import Visitor
from chat_svc.selectors import active_members
from user_svc.services import create_guest

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(deeds: Sequence[Callable[[], Any]]) -> list[Any]:
    """The results of the deeds, begun in the same moment."""
    start = Barrier(len(deeds))

    def begin(deed: Callable[[], Any]) -> Any:
        start.wait(timeout=30)
        try:
            return deed()
        finally:
            close_connections()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return list(threads.map(begin, deeds))


def presses_of(people: Sequence[Visitor], code: Code) -> list[Callable[[], Response]]:
    return [partial(accept, who, code, f"Guest {number}") for number, who in enumerate(people)]


def outcomes(answers: Sequence[Response]) -> Counter[tuple[int, str]]:
    return Counter((answer.status_code, answer.json().get("error", {}).get("code", "")) for answer in answers)


def test_of_a_hundred_people_pressing_at_once_on_a_code_of_five_uses_five_are_in(ada: Visitor, visitor, chat: UUID):
    code = invite(ada, chat, max_uses=5)
    before = active_members([chat])[chat]
    people = [visitor() for _ in range(100)]

    answers = at_once(presses_of(people, code))

    assert outcomes(answers) == {(200, ""): 5, (410, "invitation_used_up"): 95}
    came = active_members([chat])[chat] - before
    assert len(came) == 5
    assert came == {UUID(answer.json()["user"]["id"]) for answer in answers if answer.status_code == 200}
    assert row(code).uses == 5
    assert InvitationUse.objects.filter(invitation_id=code["id"]).count() == 5
    assert get_user_model().objects.filter(is_guest=True).count() == 5


def test_members_pressing_at_once_are_counted_as_well(ada: Visitor, visitor, chat: UUID):
    code = invite(ada, chat, max_uses=2)
    members = [visitor() for _ in range(6)]
    for number, member in enumerate(members):
        member.signed_in_by(member.register(f"member{number}"))

    answers = at_once(presses_of(members, code))

    assert outcomes(answers) == {(200, ""): 2, (410, "invitation_used_up"): 4}
    assert row(code).uses == 2


def test_the_same_press_twice_at_once_makes_one_guest_signed_in_twice(visitor, code: Code, chat: UUID):
    phone = visitor()

    answers = at_once([lambda: accept(phone, code, "Tom", Idempotency_Key=PRESS)] * 4)

    assert outcomes(answers) == {(200, ""): 4}
    assert len({answer.json()["user"]["id"] for answer in answers}) == 1
    assert row(code).uses == 1
    assert get_user_model().objects.filter(is_guest=True).count() == 1
    for answer in answers:
        phone.token = answer.json()["tokens"]["access_token"]
        assert phone.is_signed_in()


def test_a_member_pressing_twice_at_once_uses_one(ada: Visitor, eve: Visitor, chat: UUID):
    code = invite(ada, chat, max_uses=5)

    answers = at_once([lambda: accept(eve, code)] * 4)

    assert outcomes(answers) == {(200, ""): 4}
    assert row(code).uses == 1


def test_who_presses_while_the_code_is_taken_back_is_in_before_or_never(ada: Visitor, visitor, chat: UUID):
    code = invite(ada, chat, max_uses=None)
    people = [visitor() for _ in range(8)]
    presses = presses_of(people, code)

    *answers, revoked = at_once([*presses, lambda: ada.delete(path_of(code, "?evict=true"))])

    assert revoked.status_code == 204
    assert set(outcomes(answers)) <= {(200, ""), (410, "invitation_revoked")}
    came = set(InvitationUse.objects.filter(invitation_id=code["id"]).values_list("user_id", flat=True))
    assert len(came) == outcomes(answers)[200, ""]
    assert came.isdisjoint(active_members([chat])[chat])


def test_pressing_while_the_code_is_renewed_never_hangs(ada: Visitor, visitor, chat: UUID):
    code = invite(ada, chat, max_uses=None)
    people = [visitor() for _ in range(6)]
    presses = presses_of(people, code)

    *answers, renewed = at_once([*presses, lambda: ada.post(path_of(code, "/renew"))])

    assert renewed.status_code == 201
    assert set(outcomes(answers)) <= {(200, ""), (410, "invitation_revoked")}


def test_pressing_renew_twice_at_once_makes_one_living_code(ada: Visitor, code: Code):
    answers = at_once([lambda: ada.post(path_of(code, "/renew"))] * 4)

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["token"] for answer in answers}) == 1


def test_several_clocks_tell_an_expiry_once(ada: Visitor, chat: UUID, told: Told):
    codes = [invite(ada, chat) for _ in range(5)]
    for code in codes:
        let_expire(code)

    at_once([expire_invitations] * 4)

    heard = events_for(ada, told)
    assert types(heard) == ["expired"] * 5
    assert {event["invitation"] for event in heard} == {code["id"] for code in codes}


def test_of_a_hundred_who_knock_at_a_code_of_five_uses_and_are_all_let_in_at_once_five_are_in(ada: Visitor, chat: UUID):
    code = invite(ada, chat, max_uses=5, approval=True)
    before = active_members([chat])[chat]
    guests = [create_guest(display_name=f"Guest {number}") for number in range(100)]
    Knock.objects.bulk_create(Knock(invitation=row(code), user=guest) for guest in guests)

    answers = at_once([partial(ada.post, path_of(code, "/approve"), {"user": str(guest.id)}) for guest in guests])

    statuses = Counter(answer.status_code for answer in answers)
    assert (statuses[204], statuses[404] + statuses[410]) == (5, 95)  # by then their waiting, or the code, had ended
    assert len(active_members([chat])[chat] - before) == row(code).uses == 5
    assert Counter(Knock.objects.values_list("state", flat=True)) == {"approved": 5, "ended": 95}


def test_people_who_knock_at_once_wait_each_once_and_take_nothing(ada: Visitor, visitor, chat: UUID):
    code = invite(ada, chat, max_uses=1, approval=True)
    phone = visitor()
    pressed_twice = [partial(accept, phone, code, "Tom", Idempotency_Key=PRESS)] * 2

    answers = at_once([*presses_of([visitor() for _ in range(10)], code), *pressed_twice])

    assert outcomes(answers) == {(202, ""): 12}
    assert Knock.objects.waiting().count() == 11
    assert row(code).uses == 0


def test_two_hosts_answering_at_once_give_one_answer(ada: Visitor, bob: Visitor, somebody: Visitor, chat: UUID):
    code = invite(bob, chat, approval=True)
    user = accept(somebody, code).json()["user"]["id"]

    let_in, refused = at_once(
        [
            partial(ada.post, path_of(code, "/approve"), {"user": user}),
            partial(bob.post, path_of(code, "/refuse"), {"user": user}),
        ]
    )

    assert let_in.status_code == 204
    assert refused.status_code in (204, 409)  # it came first and was thought better of, or too late
    assert UUID(user) in active_members([chat])[chat]


def test_the_same_person_at_two_codes_of_one_host_at_once_has_one_chat_with_them(ada: Visitor, eve: Visitor):
    codes = [ada.post("/api/auth/invitations", {"max_uses": None}).json() for _ in range(4)]

    answers = at_once([partial(accept, eve, code) for code in codes])

    assert outcomes(answers) == {(200, ""): 4}
    assert len({answer.json()["chat"]["id"] for answer in answers}) == 1


def test_no_session_is_left_of_those_who_did_not_get_in(ada: Visitor, visitor, code: Code):
    before = Session.objects.count()
    people = [visitor() for _ in range(6)]

    at_once(presses_of(people, code))

    assert Session.objects.count() == before + 1
