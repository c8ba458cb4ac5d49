"""Runs it, and prints and writes the figures; ends with 1 where a page is too slow or was not opened."""

import argparse
import sys
import time
from http import HTTPStatus
from pathlib import Path

from deploy.bench import admin
from deploy.bench.admin import pages, staff
from deploy.bench.admin.runs import LIMIT_MS, Measured, measured, table
from deploy.bench.reading.ground import Ground, found, ground

ROWS = Path(__file__).with_name("rows.sql")


def main() -> int:
    arguments = argparse.ArgumentParser(description=admin.__doc__)
    arguments.add_argument("--messages", type=int, default=20_000, help="in the demo's chats, beside a million in bulk")
    arguments.add_argument("--times", type=int, default=20, help="how often each page is opened")
    arguments.add_argument("--found", action="store_true", help="look at the house that DATABASE_URL points to")
    arguments.add_argument("--out", type=Path, help="where the table goes")
    chosen = arguments.parse_args()
    with found() if chosen.found else ground(chosen.messages) as place:
        if not chosen.found:
            filled_s = fill()
            print(f"The demo seeded in {place.seeded_s:.0f} s, a million messages and all else in {filled_s:.0f} s.")
        results, faults = look(place, chosen.times)
    missed = sum(not row.is_kept for row in results)
    head = f"{len(results)} pages; at the 95th percentile {missed} take more than {LIMIT_MS} ms."
    text = "\n\n".join([*faults, head, table(results)])
    print(text)
    if chosen.out:
        chosen.out.write_text(text + "\n")
    return 1 if faults or missed else 0


def fill() -> float:
    from django.db import connection

    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(ROWS.read_text())
    return time.monotonic() - began


def look(place: Ground, times: int) -> tuple[list[Measured], list[str]]:
    """Also at what is open to moderators only where the operator says so."""
    from django.conf import settings

    from auth_svc.admin import site

    results: list[Measured] = []
    shut: set[str] = set()
    faults: list[str] = []
    known, browsers = pages.known(), staff.at_browsers()
    for reads in ("reported", "all"):
        settings.MODERATORS_READ = reads
        for who, client in browsers.items():
            try:
                there = list(pages.found(site, client, known))
            except pages.Unknown as unknown:
                faults.append(f"FAULT {unknown}")
                continue
            theirs = [page for page in there if client.get(page.path).status_code == HTTPStatus.OK]
            shut |= {page.name for page in there} - {page.name for page in theirs}
            seen = {row.page.name for row in results} if reads == "all" else set()
            results += measured(place, client, who, [page for page in theirs if page.name not in seen], times)
    opened = {row.page.name for row in results}
    return results, faults + [f"FAULT {name}: nobody can open it" for name in sorted(shut - opened)]


if __name__ == "__main__":
    sys.exit(main())
