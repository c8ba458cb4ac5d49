"""Runs it, prints the table and the predictions, and writes both for scale.md."""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from deploy.bench.capacity.house import LARGE, SMALL, House, house, make_small_town
from deploy.bench.capacity.measures import ASKED, asked, bytes_a_message, idle_kb, talked
from deploy.bench.capacity.model import Cost, Line, Prediction, median_of
from deploy.bench.capacity.report import FILE, predictions_table, table
from deploy.bench.generator import cores, raise_file_limit
from deploy.bench.ground import Stores, machine
from deploy.bench.run import Bench
from deploy.ci.stack import ended_by_sigterm

# Members of each chat, and how many such chats talk at once.
CHATS = {3: 240, 30: 60, 300: 8}
IDLE_SOCKETS = 5_000


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def costs_of(own: House, rounds: int) -> list[Cost]:
    found = []
    for what in ASKED:
        for processes in (1, 2):
            found.append(median_of([asked(own, what, processes) for _ in range(rounds)]))
            say(str(found[-1]))
    for members, chats in CHATS.items():
        for processes in (1, 2):
            runs = [talked(own, members=members, chats=chats, processes=processes) for _ in range(rounds)]
            found.append(median_of(runs))
            say(str(found[-1]))
    return found


def predictions(costs: list[Cost], sizes: dict[str, float]) -> list[Prediction]:
    """To chats in between, to two processes, to a larger town."""
    told = {(members, cost.processes): cost for members in CHATS for cost in costs if cost.what.endswith(f" {members}")}
    small, middle, large = CHATS
    line = Line.through((small, told[small, 1].role_us), (large, told[large, 1].role_us))
    # What a second process adds to each message: it is told over Redis, and looks at it once more.
    more = told[small, 2].role_us - told[small, 1].role_us
    return [
        Prediction(f"CPU of a message in a chat of {middle}", line.at(middle), told[middle, 1].role_us, "µs"),
        Prediction(
            f"the same, two processes in a chat of {large}", line.at(large) + more, told[large, 2].role_us, "µs"
        ),
        Prediction("disk of a message, five times as many", sizes[SMALL], sizes[LARGE], "bytes"),
    ]


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--out", type=Path, default=FILE, help="where the figures go")
    chosen = arguments.parse_args()
    raise_file_limit()
    with ended_by_sigterm(), Stores(cores()[1]) as stores:
        bench = Bench(stores)
        make_small_town(bench)
        with house(bench) as own:
            sizes = {name: bytes_a_message(stores, name) for name in (SMALL, LARGE)}
            kilobytes = idle_kb(own, IDLE_SOCKETS)
            costs = costs_of(own, chosen.rounds)
    foretold = predictions(costs, sizes)
    print(table(costs), predictions_table(foretold), sep="\n\n")
    chosen.out.write_text(
        json.dumps(
            {
                "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
                "machine": machine(),
                "rounds": chosen.rounds,
                "idle_kb_a_socket": round(kilobytes, 1),
                "bytes_a_message": round(sizes[LARGE]),
                "costs": [cost.as_json() for cost in costs],
                "predictions": [vars(one) for one in foretold],
            },
            indent=1,
            ensure_ascii=False,
        )
        + "\n"
    )
    return 0 if sum(one.holds for one in foretold) >= 2 else 1


if __name__ == "__main__":
    sys.exit(main())
