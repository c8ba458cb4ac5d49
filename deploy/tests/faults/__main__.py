"""Breaks the running house in every way we fear, under load, and judges: `python -m deploy.tests.faults`.

One line per drill and repeat; a table at the end; exit code 1 when anything was lost, doubled, reordered or made up, or
when hardly anything was taken at all.
"""

import argparse
import asyncio
import gc
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import uvloop

from deploy.ci.jobs import ROOT
from deploy.tests.checker import Log, Verdict
from deploy.tests.checker.verdict import FAULTS
from deploy.tests.faults.beyond import BEYOND, HOUSES
from deploy.tests.faults.drills import DRILLS as OF_ONE_MACHINE
from deploy.tests.faults.drills import Scene
from deploy.tests.faults.figures import FIGURES, Figure
from deploy.tests.faults.house import House
from deploy.tests.faults.load import Crowd, Size
from deploy.tests.faults.rolling import SIZE as ROLLING_SIZE
from deploy.tests.faults.rolling import Rolled, roll
from deploy.tests.faults.rolling_house import RollingHouse

BEFORE_S = (3.0, 5.0)  # everybody talks before it happens, and so long after it is over
AFTER_S = 6.0
OUTAGE_S, SHORT_OUTAGE_S = 20.0, 6.0
KEPT = ROOT / ".artifacts/faults"
SHOWN_FINDINGS = 5
# In a house of its own, with two processes of every role.
ROLLING = "rolling"
DRILLS = OF_ONE_MACHINE | BEYOND


@dataclass(frozen=True)
class Result:
    drill: str
    seed: int
    messages_per_s: float
    verdict: Verdict
    troubles: Counter[str]
    logs: Sequence[Log]

    def __str__(self) -> str:
        return f"{self.drill:28} seed {self.seed} · {self.messages_per_s:.0f}/s · {self.verdict}"


async def perform(name: str, house: House, *, seed: int, size: Size, outage_s: float) -> Result:
    chance = random.Random(seed)
    async with DRILLS[name](Scene(house, chance, outage_s)) as strike:
        async with Crowd(house.url, house.doors, size, chance) as crowd:
            over = asyncio.Event()
            talking = asyncio.create_task(crowd.talk(over))
            await asyncio.sleep(chance.uniform(*BEFORE_S))
            await strike(crowd)
            await asyncio.sleep(AFTER_S)
            over.set()
            talked_s = await talking
            judgement = await crowd.judged()
            troubles = sum((client.log.troubles for client in crowd.clients), Counter[str]())
    return Result(name, seed, judgement.acked / talked_s, judgement, troubles, [client.log for client in crowd.clients])


async def run(options: argparse.Namespace) -> list[Result]:
    size = Size(options.clients, options.chats, options.rate)
    outage_s = SHORT_OUTAGE_S if options.short else OUTAGE_S
    results = []
    for name in [name for name in DRILLS if name in options.only]:
        async with HOUSES.get(name, House)() as house:
            for repeat in range(options.repeats):
                result = await perform(name, house, seed=options.seed + repeat, size=size, outage_s=outage_s)
                tell(result, house)
                results.append(replace(result, logs=()))
    return results


async def measure(options: argparse.Namespace) -> list[Figure]:
    figures = []
    async with House() as house:
        for name in [name for name in FIGURES if name in options.only]:
            figure = await FIGURES[name](house, random.Random(options.seed))
            print(f"{name:26} {'kept' if figure.is_met else 'BROKEN'} · {figure.text}", flush=True)
            figures.append(figure)
    return figures


async def roll_all(options: argparse.Namespace) -> list[Rolled]:
    results = []
    # More would be too much for as many processes, unless less is asked for.
    clients, chats = min(options.clients, ROLLING_SIZE.clients), min(options.chats, ROLLING_SIZE.chats)
    size = Size(clients, chats, min(options.rate, ROLLING_SIZE.messages_per_s))
    async with RollingHouse() as house:
        for repeat in range(options.repeats):
            rolled = await roll(house, seed=options.seed + repeat, size=size, is_short=options.short)
            print(f"{'kept' if rolled.is_met else 'BROKEN'} · {rolled}", flush=True)
            if not rolled.is_met:
                keep(rolled.logs, rolled.verdict, house, KEPT / f"{ROLLING}-{rolled.seed}")
            results.append(replace(rolled, logs=()))
    return results


def tell(result: Result, house: House) -> None:
    print(result, flush=True)
    if result.troubles:
        print(f"{'':26} asked to come later: {dict(result.troubles.most_common(6))}", flush=True)
    if not result.verdict.is_met:
        keep(result.logs, result.verdict, house, KEPT / f"{result.drill}-{result.seed}")


def keep(logs: Sequence[Log], verdict: Verdict, house: House | RollingHouse, folder: Path) -> None:
    house.keep_logs(folder)
    findings = [f"{finding.fault}: {finding.what}" for finding in verdict.findings]
    (folder / "findings").write_text("\n".join(findings) + "\n")
    for log in logs:
        if any(log.person in finding for finding in findings):
            (folder / f"{log.person}.log").write_text("\n".join(map(repr, log.entries)) + "\n")
    print("\n".join(f"    {finding}" for finding in findings[:SHOWN_FINDINGS]), flush=True)
    print(f"    {len(findings)} findings and the logs: {folder}", flush=True)


def table(results: Sequence[Result]) -> str:
    lines = [
        f"| drill | repeats | messages | per s | {' | '.join(FAULTS)} | longest lag, s |",
        f"|---|---|---|---|{'---|' * len(FAULTS)}---|",
    ]
    for name in dict.fromkeys(result.drill for result in results):
        mine = [result for result in results if result.drill == name]
        counts = sum((result.verdict.counts for result in mine), Counter[str]())
        cells = [
            name,
            str(len(mine)),
            str(sum(result.verdict.acked for result in mine)),
            f"{min(result.messages_per_s for result in mine):.0f}",
            *(str(counts[fault]) for fault in FAULTS),
            f"{max(result.verdict.longest_lag_s for result in mine):.1f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def options_of(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="deploy.tests.faults", description=__doc__.partition("\n")[0] if __doc__ else ""
    )
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument(
        "--seed", type=int, default=random.randrange(10**6), help="of the first repeat; +1 for each next"
    )
    names = [*DRILLS, *FIGURES, ROLLING]
    parser.add_argument("--only", nargs="*", choices=names, default=names, metavar="DRILL", help=", ".join(names))
    parser.add_argument("--short", action="store_true", help="one repeat, outages of 6 s instead of 20")
    parser.add_argument("--clients", type=int, default=Size.clients)
    parser.add_argument("--chats", type=int, default=Size.chats)
    parser.add_argument("--rate", type=float, default=Size.messages_per_s, help="messages per second")
    options = parser.parse_args(arguments)
    if options.short:
        options.repeats = 1
    return options


def main() -> int:
    options = options_of(sys.argv[1:])
    print(f"seed {options.seed}: {Size(options.clients, options.chats, options.rate)}", flush=True)
    # The logs grow all the while and hold no cycles: looking through them again and again would cost more than talking.
    gc.set_threshold(100_000, 50, 1_000)
    began = time.monotonic()
    results, figures, rolled = uvloop.run(everything(options))
    print(f"\n{table(results)}\n\n{time.monotonic() - began:.0f} s")
    kept = all(result.verdict.is_met for result in results) and all(figure.is_met for figure in [*figures, *rolled])
    return 0 if kept else 1


async def everything(options: argparse.Namespace) -> tuple[list[Result], list[Figure], list[Rolled]]:
    results = await run(options)
    wants_figures = any(name in FIGURES for name in options.only)
    figures = await measure(options) if wants_figures else []
    return results, figures, await roll_all(options) if ROLLING in options.only else []


if __name__ == "__main__":
    sys.exit(main())
