"""Runs it, and prints and writes the figures."""

import argparse
import json
from pathlib import Path

from deploy.bench import write_path
from deploy.bench.write_path.report import details, results, table
from deploy.bench.write_path.runs import FULL, SHORT, measured


def main() -> None:
    arguments = argparse.ArgumentParser(description=write_path.__doc__)
    arguments.add_argument("--short", action="store_true", help="fewer and shorter runs")
    arguments.add_argument("--json", type=Path, help="where the figures go")
    chosen = arguments.parse_args()
    raw = measured(SHORT if chosen.short else FULL)
    rows = results(raw)
    print(table(rows), details(raw), sep="\n\n")
    if chosen.json:
        chosen.json.write_text(json.dumps({"results": rows, "raw": raw}, indent=2))


if __name__ == "__main__":
    main()
