"""What a migration may do while the release before it still runs, and people write.

Squawk judges the SQL that PostgreSQL would be given; the rules below judge what SQL alone does not say.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration, operations
from django.db.migrations.state import ProjectState

OLDEST_POSTGRES = "15"
SQUAWK = [str(Path(sys.executable).parent / "squawk"), "--reporter", "json", "--pg-version", OLDEST_POSTGRES]
# Questions of taste that Django's own choice of types answers; and what `manage.py migrate` sees to: it sets both
# time-outs, and with them what waits for a moment's lock (as dropping an index does) gives way and comes again.
NOT_ASKED = [
    "ban-char-field",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-identity",
    "prefer-robust-stmts",
    "prefer-text-field",
    "prefer-timestamp-tz",
    "require-concurrent-index-deletion",
    "require-enum-value-ordering",
    "require-lock-timeout",
    "require-statement-timeout",
]
# What takes something from the code before: legal once that code has left it alone for a release.
CONTRACTS = {"ban-drop-column", "ban-drop-constraint", "ban-drop-not-null", "ban-drop-table", "narrows"}
DATA = re.compile(r"\b(UPDATE|INSERT\s+INTO|DELETE\s+FROM)\b", re.IGNORECASE)
# STABLE, so PostgreSQL asks once and rewrites nothing; squawk takes every function for a volatile one.
ASKED_ONCE = re.compile(r"DEFAULT \((STATEMENT_TIMESTAMP|NOW)\(\)\)", re.IGNORECASE)
# Columns of which a valid check says that they are never empty: then SET NOT NULL reads no row.
NEVER_EMPTY = """
SELECT attname FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
WHERE contype = 'c' AND convalidated
    AND pg_get_constraintdef(pg_constraint.oid) = format('CHECK ((%I IS NOT NULL))', attname)
"""
WITHOUT_A_LOCK = re.compile(r"\bCONCURRENTLY\b|\bVALIDATE CONSTRAINT\b|^(SELECT|SET|--)", re.IGNORECASE)


@dataclass(frozen=True)
class Problem:
    migration: str
    rule: str
    what: str

    def __str__(self) -> str:
        return f"{self.migration}: {self.rule}: {self.what}"


@dataclass(frozen=True)
class Step:
    """One migration, the schema before it, and what it would say to PostgreSQL: one statement a line."""

    migration: Migration
    before: ProjectState
    statements: Sequence[str]
    never_empty: frozenset[str]

    @property
    def name(self) -> str:
        return f"{self.migration.app_label}.{self.migration.name}"

    @property
    def parts(self) -> list[Any]:
        """Those within SeparateDatabaseAndState too."""
        found: list[Any] = []
        for operation in self.migration.operations:
            found += getattr(operation, "database_operations", [operation])
        return found

    @property
    def script(self) -> list[str]:
        wrapped = self.migration.atomic
        return [*(["BEGIN;"] if wrapped else []), *self.statements, *(["COMMIT;"] if wrapped else [])]

    def is_new(self, model: str) -> bool:
        """Is the table made here? Then nobody uses it yet."""
        made = [one.name_lower for one in self.parts if isinstance(one, operations.CreateModel)]
        return model.lower() in made

    def field_before(self, operation: operations.AlterField) -> Any:
        model = self.before.models[self.migration.app_label, operation.model_name_lower]
        return model.get_field(operation.name)


def step(migration: Migration, before: ProjectState, connection: BaseDatabaseWrapper) -> Step:
    """What `migration` would do to the database as it stands, `before` being its state; nothing is done."""
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        migration.apply(before.clone(), editor, collect_sql=True)
    with connection.cursor() as cursor:
        cursor.execute(NEVER_EMPTY)
        never_empty = frozenset(column for (column,) in cursor.fetchall())
    statements = " ".join(line for line in editor.collected_sql if not line.startswith("--"))
    return Step(migration, before, [f"{one};" for one in _apart(statements)], never_empty)


def _apart(script: str) -> list[str]:
    """The statements of a script; what stands within $$ belongs to one of them."""
    parts = re.split(r"(\$\$.*?\$\$)|;", re.sub(r"\s+", " ", script))
    statements, current = [], ""
    for part in parts:
        if part is not None:
            current += part
            continue
        statements.append(current.strip())
        current = ""
    return [one for one in [*statements, current.strip()] if one]


def problems(steps: Sequence[Step]) -> Iterator[Problem]:
    """Without those that the migration's `contract_after` allows."""
    for found in [*by_squawk(steps), *(one for each in steps for one in by_operations(each))]:
        migration = next(each.migration for each in steps if each.name == found.migration)
        if found.rule not in CONTRACTS or not getattr(migration, "contract_after", ""):
            yield found


def by_squawk(steps: Sequence[Step]) -> Iterator[Problem]:
    if not steps:
        return
    of_file = {f"{each.name}.sql": each for each in steps}
    with tempfile.TemporaryDirectory(prefix="abdre-migrations-") as folder:
        for name, each in of_file.items():
            (Path(folder) / name).write_text("\n".join(each.script))
        done = subprocess.run(
            [*SQUAWK, "--exclude", ",".join(NOT_ASKED), *sorted(of_file)],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        findings: list[Mapping[str, Any]] = json.loads(done.stdout)
    for finding in findings:
        each = of_file[finding["file"]]
        statement = each.script[finding["line"]]
        if not _is_harmless(each, finding["rule_name"], statement):
            yield Problem(each.name, finding["rule_name"], f"{finding['message']} {statement}")


def _is_harmless(each: Step, rule: str, statement: str) -> bool:
    if rule == "adding-field-with-default":
        return bool(ASKED_ONCE.search(statement))
    if rule == "adding-not-nullable-field":
        return any(f'ALTER COLUMN "{column}" SET NOT NULL' in statement for column in each.never_empty)
    if rule == "changing-column-type":
        return any(f'ALTER COLUMN "{column}" TYPE varchar' in statement for column in _widened(each))
    return False


def _widened(each: Step) -> Iterator[str]:
    """Columns of text that may grow longer: of that PostgreSQL takes note, and reads no row."""
    for operation in each.parts:
        if isinstance(operation, operations.AlterField):
            before, after = each.field_before(operation), operation.field
            if (before.max_length or 0) < (after.max_length or 0):
                yield before.db_column or operation.name


def by_operations(each: Step) -> Iterator[Problem]:
    for operation in each.parts:
        if _narrows(each, operation):
            yield Problem(each.name, "narrows", f"the release before may write what it refuses: {operation.describe()}")
    changes_data = [one for one in each.parts if _is_of_data(one)]
    if changes_data and len(changes_data) < len(each.parts):
        yield Problem(each.name, "mixes", "rows are changed in a migration of their own, else they stay locked")
    if changes_data and each.migration.atomic:
        yield Problem(each.name, "one-transaction", "rows are changed by the batch, each committed: atomic = False")
    for statement in each.statements:
        if not each.migration.atomic and not WITHOUT_A_LOCK.search(statement) and not DATA.search(statement):
            yield Problem(each.name, "lock-outside", f"belongs into an atomic one, whose locks are timed: {statement}")


def _narrows(each: Step, operation: Any) -> bool:
    if isinstance(operation, operations.AddConstraint):
        return not each.is_new(operation.model_name)
    if isinstance(operation, operations.AlterField):
        before, after = each.field_before(operation), operation.field
        shorter = after.max_length is not None and (before.max_length is None or after.max_length < before.max_length)
        return shorter or (before.null and not after.null) or (after.unique and not before.unique)
    return isinstance(operation, operations.AlterUniqueTogether)


def _is_of_data(operation: Any) -> bool:
    if isinstance(operation, operations.RunSQL):
        return bool(DATA.search(str(operation.sql)))
    return isinstance(operation, operations.RunPython)
