"""Who asks while the previous call runs is asked for together; each gets their own answer, and nobody hurts another."""

import asyncio
from collections.abc import Sequence

import pytest

from realtime_svc.hub import joint
from realtime_svc.hub.joint import Joint


class Doubling:
    """Answers each number by its double, when it is let; 13 is refused, 99 is nobody's fault but everybody's."""

    def __init__(self, **options: int) -> None:
        self.calls: list[list[int]] = []
        self.may_answer = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []
        self.joint: Joint[int, int] = Joint(self._together, spawn=self._spawn, **options)

    def _spawn(self, work: object) -> None:
        self.tasks.append(asyncio.create_task(work))  # type: ignore[arg-type]

    async def _together(self, questions: Sequence[int]) -> Sequence[int | Exception]:
        self.calls.append(list(questions))
        await self.may_answer.wait()
        if 99 in questions:
            raise ConnectionError
        return [ValueError() if question == 13 else 2 * question for question in questions]

    def ask(self, *questions: int, weight: int = 1) -> list[asyncio.Task[int]]:
        return [asyncio.create_task(self.joint.ask(question, weight=weight)) for question in questions]


async def a_turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_asks_while_a_call_runs_is_asked_for_with_the_next() -> None:
    numbers = Doubling()
    first = numbers.ask(1)
    await a_turn()

    later = numbers.ask(2, 3, 4)
    await a_turn()
    assert numbers.calls == [[1]]
    numbers.may_answer.set()

    assert await asyncio.gather(*first, *later) == [2, 4, 6, 8]
    assert numbers.calls == [[1], [2, 3, 4]]


async def test_a_long_call_is_followed_by_a_rest_in_which_more_may_come() -> None:
    numbers = Doubling()
    first = numbers.ask(1)
    await asyncio.sleep(0.02)
    numbers.may_answer.set()
    await asyncio.gather(*first)

    second = numbers.ask(2)
    await a_turn()
    third = numbers.ask(3)

    assert await asyncio.gather(*second, *third) == [4, 6]
    assert numbers.calls == [[1], [2, 3]]


async def test_enough_for_a_call_does_not_wait_for_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint, "REST", 1e9)
    monkeypatch.setattr(joint, "LONGEST_REST_S", 60.0)
    numbers = Doubling(weight_limit=2)
    numbers.may_answer.set()

    async with asyncio.timeout(5):
        await asyncio.gather(*numbers.ask(1, 2, 3, 4))

    assert numbers.calls == [[1, 2], [3, 4]]
    for task in numbers.tasks:
        task.cancel()


async def test_a_call_takes_no_more_than_it_may_carry_and_at_least_one() -> None:
    numbers = Doubling(weight_limit=10)
    numbers.may_answer.set()

    await asyncio.gather(*numbers.ask(1, 2, 3, weight=5), *numbers.ask(4, weight=50))

    assert numbers.calls == [[1, 2], [3], [4]]


async def test_several_calls_may_run_side_by_side() -> None:
    numbers = Doubling(at_once=2)

    first = numbers.ask(1)
    await a_turn()
    second = numbers.ask(2)
    await a_turn()

    assert numbers.calls == [[1], [2]]
    numbers.may_answer.set()
    assert await asyncio.gather(*first, *second) == [2, 4]


async def test_a_refusal_is_for_its_asker_alone() -> None:
    numbers = Doubling()
    numbers.may_answer.set()

    good, refused, also_good = await asyncio.gather(*numbers.ask(1, 13, 2), return_exceptions=True)

    assert (good, also_good) == (2, 4)
    assert isinstance(refused, ValueError)


async def test_a_broken_call_reaches_all_who_asked_and_the_next_goes_on() -> None:
    numbers = Doubling()
    numbers.may_answer.set()

    broken = await asyncio.gather(*numbers.ask(1, 99), return_exceptions=True)

    assert [type(problem) for problem in broken] == [ConnectionError, ConnectionError]
    assert await numbers.joint.ask(5) == 10


async def test_who_stops_waiting_hurts_nobody_and_is_not_asked_for() -> None:
    numbers = Doubling()
    under_way, also_under_way = numbers.ask(1, 2)
    await a_turn()
    waiting, patient = numbers.ask(3, 4)
    await a_turn()

    under_way.cancel()
    waiting.cancel()
    numbers.may_answer.set()

    assert list(await asyncio.gather(also_under_way, patient)) == [4, 8]
    assert numbers.calls == [[1, 2], [4]]


async def test_when_the_hub_closes_nobody_waits_for_ever() -> None:
    numbers = Doubling()
    asked = numbers.ask(1)
    await a_turn()
    asked += numbers.ask(2)
    await a_turn()

    for task in numbers.tasks:
        task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asked[0]
    with pytest.raises(asyncio.CancelledError):
        await asked[1]
