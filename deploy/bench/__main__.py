"""`python -m deploy.bench [--short] [--only NAME] [--rounds 3] [--profile]`: measures, prints the table, writes it.

A whole run writes deploy/bench/{RESULTS.md,results.json,results.svg}, any other the same files under .artifacts/bench.
Ends with 1 when a peer could not be had or a run broke; a target that is missed is a result, and ends with 0.
"""

import argparse
import os
import shlex
import sys
import time
from datetime import UTC, datetime
from importlib.util import find_spec

from deploy.bench.generator import cores, raise_file_limit
from deploy.bench.ground import Stores, machine
from deploy.bench.install import HOME
from deploy.bench.plot import drawing
from deploy.bench.programme import Programme, say
from deploy.bench.report import Findings, table, write
from deploy.bench.rows import spread_of
from deploy.bench.run import Bench
from deploy.bench.scenarios import CUT, GROWTH, IDLE, SHORT_CUT, SHORT_GROWTH, SHORT_IDLE
from deploy.bench.selfcheck import check_generator
from deploy.ci.jobs import ROOT
from deploy.ci.stack import ended_by_sigterm

SHORT_S = 2.0
SHORT_WARM_S = 1.0


def options_of(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--short", action="store_true", help="one short round of everything: nine minutes")
    parser.add_argument("--only", action="append", metavar="NAME", help="a section; may be said several times")
    parser.add_argument("--rounds", type=int, help="of each scenario: 3, or 1 with --short")
    parser.add_argument("--profile", action="store_true", help="profile ours where a target is missed")
    return parser.parse_args(words)


def programme(options: argparse.Namespace, stores: Stores) -> Programme:
    short = options.short
    return Programme(
        Bench(stores, SHORT_S, SHORT_WARM_S) if short else Bench(stores),
        Findings(shlex.join(["python", "-m", "deploy.bench", *sys.argv[1:]])),
        rounds=options.rounds or (1 if short else 3),
        short=short,
        profile=options.profile,
        idle=SHORT_IDLE if short else IDLE,
        cut=SHORT_CUT if short else CUT,
        growth=SHORT_GROWTH if short else GROWTH,
    )


def sections_of(whole: Programme, only: list[str] | None) -> list[str]:
    known = [name for name in whole.sections() if name != "layer" or find_spec("deploy.bench.layer")]
    unknown = [name for name in only or [] if name not in known]
    if unknown:
        sys.exit(f"no section {', '.join(unknown)}; there are {', '.join(known)}")
    return [name for name in known if name in (only or known)]


def describe(whole: Programme, stores: Stores) -> None:
    found = whole.found
    server, others = cores()
    seconds = f"{whole.bench.seconds:.0f} s" if whole.bench.seconds else "the scenario's seconds (5 unless said)"
    found.date = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    found.machine = machine() | stores.versions()
    found.placing = (
        f"The measured process runs on core {server}; the load generator, PostgreSQL, Redis and a second door on "
        f"{others}. PostgreSQL with fsync and synchronous_commit on. Rounds of each scenario: {whole.rounds}, of "
        f"{seconds}. Load average before the start: {os.getloadavg()[0]:.1f}."
    )


def picture(whole: Programme) -> str:
    hot = next((runs for scenario, runs in whole.found.runs if scenario.key == "hot-room"), {})
    costs = {name: spread_of(outcomes, "cpu_us") for name, outcomes in hot.items()}
    bars = {name: cost.median for name, cost in costs.items() if cost}
    lines = {
        f"CPU µs per delivery by sockets, chats of {whole.growth.room}": whole.cost_by_size,
        "CPU µs per send by messages stored in the chat": whole.cost_by_history,
    }
    return drawing(bars, lines)


def main() -> int:
    options = options_of(sys.argv[1:])
    began = time.monotonic()
    raise_file_limit()
    checked = check_generator(HOME)
    say(checked)
    with ended_by_sigterm(), Stores(cores()[1]) as stores:
        whole = programme(options, stores)
        names = sections_of(whole, options.only)
        whole.install(whole.wanted_peers(names))
        describe(whole, stores)
        whole.found.notes.append(checked)
        whole.do(names)
        is_whole = not options.short and not options.only
        folder = ROOT / "deploy/bench" if is_whole else HOME
        write(whole.found, folder, picture(whole))
        say(f"\n{table(whole.found.rows)}\n\n{time.monotonic() - began:.0f} s; {folder.relative_to(ROOT)}/RESULTS.md")
        for fault in whole.found.faults:
            say(f"FAULT {fault}")
        return 1 if whole.found.faults else 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
