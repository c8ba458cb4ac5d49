"""Calls that arrive while the previous one runs become one call."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")

# As many rows as a statement answers within some milliseconds: nobody waits long for those who came before.
WEIGHT_LIMIT = 200
# After a call comes a rest, this many times as long as the call took, unless there is enough for the next one: when
# many come, fewer statements ask for more of them. While few come, a call and its rest take some milliseconds.
REST = 3.0
LONGEST_REST_S = 0.05


class _Call(NamedTuple):
    question: Any
    weight: int
    answer: asyncio.Future[Any]


class Joint(Generic[Question, Answer]):
    """`together` answers many questions at once, in their order; an exception in place of an answer is for its asker.

    Alone, a question is asked at once, or after the rest. An answer is never older than its question: what runs already
    is not joined.
    """

    def __init__(
        self,
        together: Callable[[Sequence[Question]], Awaitable[Sequence[Answer | Exception]]],
        *,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        weight_limit: int = WEIGHT_LIMIT,
        at_once: int = 1,
    ) -> None:
        self._together = together
        self._spawn = spawn
        self._weight_limit = weight_limit
        self._at_once = at_once
        self._running = 0
        self._waiting: deque[_Call] = deque()
        self._weight = 0  # of all that waits

    async def ask(self, question: Question, *, weight: int = 1) -> Answer:
        """Raises what `together` raises, for all who asked or for this question alone."""
        call = _Call(question, weight, asyncio.get_running_loop().create_future())
        self._waiting.append(call)
        self._weight += weight
        if self._running < self._at_once:
            self._running += 1
            # The task begins on the loop's next turn: whoever asks within this one is asked for with it.
            self._spawn(self._run())
        answer: Answer = await call.answer
        return answer

    async def _run(self) -> None:
        clock = asyncio.get_running_loop().time
        try:
            while batch := self._next():
                began = clock()
                await self._ask(batch)
                if self._weight < self._weight_limit:
                    await asyncio.sleep(min(REST * (clock() - began), LONGEST_REST_S))
        finally:
            self._running -= 1
            if not self._running:  # nothing waits now, unless the hub closes
                for call in self._waiting:
                    call.answer.cancel()
                self._waiting.clear()
                self._weight = 0

    def _next(self) -> list[_Call]:
        """As many as fit, and at least one. Who has stopped waiting is not asked for."""
        batch: list[_Call] = []
        weight = 0
        while self._waiting:
            weight += self._waiting[0].weight
            if batch and weight > self._weight_limit:
                break
            call = self._waiting.popleft()
            self._weight -= call.weight
            if call.answer.done():
                weight -= call.weight
            else:
                batch.append(call)
        return batch

    async def _ask(self, batch: Sequence[_Call]) -> None:
        answers: Sequence[Any]
        try:
            answers = await self._together([call.question for call in batch])
            if len(answers) != len(batch):
                raise RuntimeError(f"{len(answers)} answers to {len(batch)} questions")
        except asyncio.CancelledError:
            for call in batch:
                call.answer.cancel()
            raise
        except Exception as problem:  # noqa: BLE001  # handed on to everybody who asked
            answers = [problem] * len(batch)
        for call, answer in zip(batch, answers, strict=True):
            if call.answer.done():
                continue
            if isinstance(answer, Exception):
                call.answer.set_exception(answer)
            else:
                call.answer.set_result(answer)
