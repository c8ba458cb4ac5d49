"""Who is there is known as long as somebody holds their sockets; of whom a dead holder held, one other speaks."""

import time
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from abdre.store import StoreAway, store
from abdre.store.redis import RedisStore
from user_svc import presence

ADA, BOB = uuid4(), uuid4()


@pytest.fixture(autouse=True)
def _nobody_is_there() -> None:
    store.delete_many([presence.HOLDERS, *(f"presence:{person}" for person in (ADA, BOB))])


def holding(*people: UUID) -> str:
    """A process that has sockets of these people."""
    holder = uuid4().hex
    presence.beat(people, holder=holder)
    presence.arrive(people, held=people, holder=holder)
    return holder


def wait_until(fact: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not fact():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def dead(monkeypatch: pytest.MonkeyPatch) -> str:
    """A process that held ada and bob, and was killed longer ago than its marks last."""
    with monkeypatch.context() as soon:
        soon.setattr(presence, "PRESENCE_TTL_S", 0.2)
        holder = holding(ADA, BOB)
    wait_until(lambda: not presence.online([ADA, BOB]))
    return holder


def test_who_has_arrived_is_online_and_known_from_then_on():
    first, second = uuid4().hex, uuid4().hex

    assert presence.arrive([ADA], held=[ADA], holder=first) == set()
    assert presence.arrive([ADA, BOB], held=[ADA, BOB], holder=second) == {ADA}
    assert presence.online([ADA, BOB]) == {ADA, BOB}


def test_who_leaves_is_not_online_unless_somebody_else_holds_them():
    first, second = holding(ADA, BOB), holding(BOB)

    assert presence.leave([ADA, BOB], holder=first) == {ADA}
    assert presence.online([ADA, BOB]) == {BOB}
    assert presence.leave([BOB], holder=second) == {BOB}


def test_of_the_people_of_a_dead_holder_one_other_speaks(dead: str):
    first, second = holding(), holding()

    told = [presence.beat([], holder=holder).abandoned for holder in (first, second, first, second)]

    assert told == [{ADA, BOB}, set(), set(), set()]


def test_whoever_came_back_by_another_holder_is_not_spoken_of(dead: str):
    other = holding(BOB)

    assert presence.beat([BOB], holder=other).abandoned == {ADA}


def test_a_living_holder_is_not_spoken_of():
    other, _living = holding(), holding(ADA)

    assert presence.beat([], holder=other).abandoned == set()


def test_whose_own_marks_ran_out_judges_nobody_and_is_told_so(dead: str):
    kept = presence.beat([ADA], holder=uuid4().hex)

    assert (kept.lapsed, kept.abandoned) == (True, frozenset())


def test_a_store_that_forgot_everything_is_told_again():
    holder = holding(ADA)
    store.delete_many([presence.HOLDERS, f"presence:{ADA}"])

    presence.beat([ADA], holder=holder)

    assert presence.online([ADA]) == {ADA}
    assert holder in (store.get(presence.HOLDERS) or "")


def test_people_are_counted_once_over_all_holders_and_not_by_those_that_are_dead(dead: str):
    assert presence.count() == 0

    holding(ADA)
    two = holding(ADA, BOB)

    assert presence.count() == 2
    presence.leave([BOB], holder=two)
    presence.beat([ADA], holder=two)
    assert presence.count() == 1


def test_nobody_can_be_counted_while_the_store_is_away(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(presence, "store", RedisStore("redis://127.0.0.1:1"))

    with pytest.raises(StoreAway):
        presence.count()
