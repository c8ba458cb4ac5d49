"""The last release's code on today's schema: `python -m deploy.ci.previous_release`.

Its own system tests, against its own processes, on databases that today's code has migrated; then a house that goes
over to today's code role by role, and back, while people talk. `--prove` shows that this can fail.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from deploy.ci.jobs import ROOT, TALLY_FILE
from deploy.ci.migrations import previous_release
from deploy.ci.previous_release.planted import CONTRACTS, EXPANDS, plant
from deploy.ci.previous_release.tree import Tree, checked_out
from deploy.ci.stack import ended_by_sigterm

SHORT = "deploy/tests/system/test_two_people.py::test_a_scanned_code_brings_two_people_into_one_conversation"
PLUGIN = Path(__file__).parent


def own_tests(older: Tree, newer: Tree, what: str, mode: str) -> Mapping[str, int]:
    """How many of the older tree's tests passed, failed, …"""
    with tempfile.NamedTemporaryFile(prefix="abdre-tally-") as tally:
        _run_own_tests(older, newer, what, mode, Path(tally.name))
        counts: Mapping[str, int] = json.loads(tally.read() or b'{"passed": 0, "error": 1}')
    return counts


def is_clean(counts: Mapping[str, int]) -> bool:
    return counts["passed"] > 0 and not any(count for outcome, count in counts.items() if outcome != "passed")


def _run_own_tests(older: Tree, newer: Tree, what: str, mode: str, tally: Path) -> None:
    environment = {
        **os.environ,
        "PYTHONPATH": str(PLUGIN),
        "NEWER_TREE": str(newer.path),
        "NEWER_PYTHON": newer.python,
        TALLY_FILE: str(tally),
    }
    options = ["-q", "--no-header", "--tb=short", "-p", "no:django", "-p", "newer_schema", "--mode", mode]
    slowly = ["-o", "timeout=300"]
    subprocess.run(
        [older.python, "-m", "pytest", *options, *slowly, what], cwd=older.path, env=environment, check=False
    )


def prove(older: Tree, mode: str) -> bool:
    """A planted migration that adds lets the older tests pass, one that takes away does not."""
    outcome = {}
    for name, steps in (("adds", EXPANDS), ("takes away", CONTRACTS)):
        with checked_out("HEAD") as newer:
            plant(newer.path, steps)
            outcome[name] = own_tests(older, newer, SHORT, mode)
            print(f"── a planted migration that {name}: {outcome[name]}", flush=True)
    return is_clean(outcome["adds"]) and not is_clean(outcome["takes away"])


def mixed(older: Tree) -> bool:
    command = [sys.executable, "-m", "deploy.tests.faults.mixed", str(older.path), older.python]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="deploy.ci.previous_release", description="the last release, today's schema")
    parser.add_argument("--release", default=previous_release(), help="a commit; default: the last release")
    parser.add_argument("--prove", action="store_true", help="plant a migration that adds, and one that takes away")
    parser.add_argument("--only", choices=["tests", "mixed"], help="one of the two parts")
    parser.add_argument("--mode", choices=["split", "all-in-one"], default="split", help="of the tests")
    parser.add_argument("--tests", default="deploy/tests/system", help="which of its tests")
    options = parser.parse_args()
    with ended_by_sigterm(), checked_out(options.release) as older:
        print(f"── {options.release} on the schema of this tree", flush=True)
        if options.prove:
            return 0 if prove(older, options.mode) else 1
        went_well = []
        if options.only != "mixed":
            counts = own_tests(older, Tree(ROOT, sys.executable), options.tests, options.mode)
            print(f"── its own tests: {counts}", flush=True)
            went_well.append(is_clean(counts))
        if options.only != "tests":
            went_well.append(mixed(older))
    return 0 if all(went_well) else 1


if __name__ == "__main__":
    sys.exit(main())
