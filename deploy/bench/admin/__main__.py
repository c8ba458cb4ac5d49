"""Runs it, and prints and writes the figures; ends with 1 where a page is too slow or was not opened."""

import argparse
import sys
import time
from pathlib import Path

from deploy.bench import admin
from deploy.bench.admin import pages, staff
from deploy.bench.admin.runs import LIMIT_MS, Measured, measured, table
from deploy.bench.reading.ground import Ground, found, ground

ROWS = Path(__file__).with_name("rows.sql")


def main() -> int:
    arguments = argparse.ArgumentParser(description=admin.__doc__)
    arguments.add_argument("--messages", type=int, default=1_000_000)
    arguments.add_argument("--times", type=int, default=20, help="how often each page is opened")
    arguments.add_argument("--found", action="store_true", help="look at the house that DATABASE_URL points to")
    arguments.add_argument("--out", type=Path, help="where the table goes")
    chosen = arguments.parse_args()
    with found() if chosen.found else ground(chosen.messages) as place:
        if not chosen.found:
            filled_s = fill()
            print(f"{chosen.messages:,} messages seeded in {place.seeded_s:.0f} s, all else in {filled_s:.0f} s.")
        results, faults = look(place, chosen.times)
    text = "\n\n".join([table(results), f"{len(results)} pages; at most {LIMIT_MS} ms at the 95th percentile."])
    print(text, *faults, sep="\n")
    if chosen.out:
        chosen.out.write_text(text + "\n")
    return 0 if not faults and all(row.is_kept for row in results) else 1


def fill() -> float:
    from django.db import connection

    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(ROWS.read_text())
    return time.monotonic() - began


def look(place: Ground, times: int) -> tuple[list[Measured], list[str]]:
    from auth_svc.admin import site

    results: list[Measured] = []
    faults = []
    known = pages.known()
    for who, client in staff.at_browsers().items():
        try:
            theirs = list(pages.found(site, client, known))
        except pages.Unknown as unknown:
            faults.append(f"FAULT {unknown}")
            continue
        results += measured(place, client, who, theirs, times)
    return results, faults


if __name__ == "__main__":
    sys.exit(main())
