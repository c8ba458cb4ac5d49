"""Runs it, and prints and writes the figures."""

import argparse
import sys
from pathlib import Path

from deploy.bench import reading
from deploy.bench.reading.ground import found, ground
from deploy.bench.reading.plans import plans
from deploy.bench.reading.runs import measured, table


def main() -> int:
    arguments = argparse.ArgumentParser(description=reading.__doc__)
    arguments.add_argument("--messages", type=int, default=1_000_000)
    arguments.add_argument("--times", type=int, default=40, help="how often each is asked")
    arguments.add_argument("--found", action="store_true", help="ask the town that DATABASE_URL points to already")
    arguments.add_argument("--plans", action="store_true", help="show PostgreSQL's plans too")
    arguments.add_argument("--out", type=Path, help="where the table goes")
    chosen = arguments.parse_args()
    with found() if chosen.found else ground(chosen.messages) as place:
        rows = measured(place, chosen.times)
        told = [table(rows)]
        if not chosen.found:
            told.insert(0, f"{chosen.messages:,} messages seeded in {place.seeded_s:.0f} s.")
        if chosen.plans:
            told.append(plans(place))
    text = "\n\n".join(told)
    print(text)
    if chosen.out:
        chosen.out.write_text(text + "\n")
    return 0 if all(row.is_kept for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
