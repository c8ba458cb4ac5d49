"""A rolling restart of everything while everybody talks: process by process, as Kubernetes would."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from deploy.ci.stack import Role
from deploy.tests.checker import Log, Verdict
from deploy.tests.checker.log import Closed, Opened
from deploy.tests.faults.load import Crowd, Size
from deploy.tests.faults.rolling_house import RollingHouse
from deploy.tests.faults.rolling_load import Ledger, Visitors
from deploy.tests.people import Town

SIZE = Size(clients=120, chats=30, messages_per_s=40.0)
# Kubernetes' preStop: the process knows of nothing yet, and is still asked.
PAUSE_S = 2.0
# Until edge and gateways have found the new one: theirs are looks and probes every second.
FOUND_WITHIN_S = 3.0
BACK_WITHIN_S = 30.0
DEEDS = 0.3  # of visitors, for each message
SHOWN = 12  # kinds of failures


@dataclass(frozen=True)
class Rolled:
    seed: int
    size: Size
    messages_per_s: float
    verdict: Verdict
    ledger: Ledger
    joined: int
    missing: int
    away_s: Sequence[float]  # each socket's, from its close to its next hello, sorted
    reconnects: Counter[int]  # by second
    ends_s: dict[str, float]  # by process
    logs: Sequence[Log]

    @property
    def is_met(self) -> bool:
        was_tried = self.away_s and self.joined and self.ledger.asked
        is_back = max(self.away_s, default=0.0) <= BACK_WITHIN_S
        return bool(was_tried) and self.verdict.is_met and not self.ledger.unsafe and not self.missing and is_back

    def __str__(self) -> str:
        away_s, failed = self.away_s or [0.0], self.ledger.failures
        p50_s, p99_s = (away_s[int(len(away_s) * share)] for share in (0.5, 0.99))
        lines = [
            f"rolling seed {self.seed} · {self.size} asked for · {self.messages_per_s:.0f}/s · {self.verdict}",
            f"{self.ledger.asked} requests, {failed.total()} failed, "
            f"{self.ledger.unsafe.total()} of them cannot be repeated safely; "
            f"{self.joined} joined by a code, {self.missing} of them are not there",
            f"{len(self.away_s)} sockets let go, back after {p50_s:.2f} s (median), {p99_s:.2f} s (p99), "
            f"{away_s[-1]:.2f} s at most, at most {max(self.reconnects.values(), default=0)} in one second",
            "gone after SIGTERM: " + ", ".join(f"{name} {took_s:.1f} s" for name, took_s in self.ends_s.items()),
            *(f"failed, {what}: {count}" for what, count in failed.most_common(SHOWN)),
            *(f"refused, {what}: {count}" for what, count in self.ledger.refused.most_common(SHOWN)),
        ]
        return "\n    ".join(lines)


async def roll(house: RollingHouse, *, seed: int, size: Size = SIZE, is_short: bool = False) -> Rolled:
    """`is_short`: one process of each role, by turns that under gunicorn and the other one."""
    chance, ledger, ends_s = random.Random(seed), Ledger(), dict[str, float]()
    async with (
        Town(house.url, watch=[ledger.trace]) as town,
        Crowd(house.url, [house.url], size, chance, watch=[ledger.trace]) as crowd,
    ):
        hosts = [client.person for client in crowd.clients]
        visitors = Visitors(town, random.Random(chance.random()), hosts, size.messages_per_s * DEEDS)
        over = asyncio.Event()
        talking = asyncio.create_task(crowd.talk(over))
        async with visitors.about():
            await asyncio.sleep(PAUSE_S)
            for number, role in enumerate(house.stack.roles):
                if is_short and number % 4 not in (0, 3):
                    continue
                ledger.at = f"{role.name}-{number % 2 + 1}"
                ends_s[ledger.at] = await replaced(house, role)
            ledger.at = "after"
            await asyncio.sleep(PAUSE_S)
        over.set()
        talked_s = await talking
        verdict = await crowd.judged()
        logs = [client.log for client in crowd.clients]
        away_s, reconnects = comings(logs)
        return Rolled(
            seed=seed,
            size=size,
            messages_per_s=verdict.acked / talked_s,
            verdict=verdict,
            ledger=ledger,
            joined=visitors.joined,
            missing=await visitors.missing(),
            away_s=away_s,
            reconnects=reconnects,
            ends_s=ends_s,
            logs=logs,
        )


async def replaced(house: RollingHouse, role: Role) -> float:
    """How long it took to end."""
    await asyncio.sleep(PAUSE_S)
    took_s = await house.end(role)
    await house.start_again(role)
    await asyncio.sleep(FOUND_WITHIN_S)
    return took_s


def comings(logs: Sequence[Log]) -> tuple[list[float], Counter[int]]:
    """How long each was away, sorted, and how many came back in each second."""
    away_s, seconds = [], Counter[int]()
    for log in logs:
        moments = [entry for entry in log.entries if isinstance(entry, Closed | Opened)]
        left_at = 0.0
        for before, entry in itertools.pairwise([None, *moments]):
            if isinstance(entry, Closed) and not isinstance(before, Closed):
                left_at = entry.at
            elif isinstance(entry, Opened) and left_at:
                away_s.append(entry.at - left_at)
                seconds[int(entry.at)] += 1
    return sorted(away_s), seconds
