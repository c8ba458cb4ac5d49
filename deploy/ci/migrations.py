"""Migrations since the last release hold up nobody and take nothing from it: `python -m deploy.ci.migrations`.

Needs DATABASE_URL of an empty PostgreSQL database, which it migrates; and git, which knows the last release
(deploy/ci/previous_release/commit). A released migration has run somewhere: it stays as it is, and is not judged again.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

from deploy.ci.jobs import ROOT
from deploy.ci.migration_rules import Problem, Step, problems, step

PREVIOUS_RELEASE = ROOT / "deploy/ci/previous_release/commit"
# The newest of each package that whoever raised the package has read.
READ = ROOT / "deploy/ci/migrations-of-packages"

Key = tuple[str, str]


def previous_release() -> str:
    return PREVIOUS_RELEASE.read_text().split()[0]


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"git {' '.join(arguments)}: {done.stderr.strip()} (the whole history is needed)")
    return done.stdout


def is_in_the_last_release(commit: str) -> bool:
    asked = ["git", "merge-base", "--is-ancestor", commit, previous_release()]
    return subprocess.run(asked, cwd=ROOT, capture_output=True, check=False).returncode == 0


def released() -> set[Key]:
    """Migrations of ours that were in the last release."""
    paths = (Path(line) for line in git("ls-tree", "-r", "--name-only", previous_release()).splitlines())
    return {(path.parts[0], path.stem) for path in paths if path.parts[1:2] == ("migrations",)}


def changed() -> Iterator[Problem]:
    differences = git("diff", "--name-status", "--no-renames", previous_release(), "--", ":(glob)*/migrations/*.py")
    for how, path in (line.split("\t") for line in differences.splitlines()):
        if how != "A":
            yield Problem(path, "released", "it has run somewhere, so it stays as it is; write another one")


def unfounded(migration: Migration) -> Iterator[Problem]:
    """`contract_after` names the commit since which nothing needs what goes; it has to be in the last release."""
    commit = getattr(migration, "contract_after", "")
    if commit and not is_in_the_last_release(commit):
        what = f"the last release, {previous_release()}, has not got {commit}: it still needs what goes"
        yield Problem(f"{migration.app_label}.{migration.name}", "contract-too-soon", what)


def read() -> set[Key]:
    """Migrations of packages up to those that were read."""
    lines = [line for line in READ.read_text().splitlines() if not line.startswith("#")]
    graph = MigrationExecutor(connection).loader.graph
    known = {key for line in lines for key in graph.forwards_plan(tuple(line.split(".")))}
    return {key for key in known if not (ROOT / key[0]).is_dir()}


def steps() -> Iterator[Step]:
    """What came since, one after another, each on the schema that it will find."""
    executor = MigrationExecutor(connection)
    plan = [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    old = released() | read()
    new = [migration for migration in plan if (migration.app_label, migration.name) not in old]
    if not new:
        return
    executor.migrate([(one.app_label, one.name) for one in plan if one not in new])
    for migration in new:
        key = (migration.app_label, migration.name)
        executor = MigrationExecutor(connection)
        yield step(migration, executor.loader.project_state(key, at_end=False), connection)
        executor.migrate([key])


def main() -> int:
    django.setup()
    found = [*changed()]
    taken = list(steps())
    found += problems(taken)
    found += [problem for each in taken for problem in unfounded(each.migration)]
    print(f"{len(taken)} migrations since {previous_release()}, {len(found)} problems")
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
