"""Steps of migrations that hold up nobody on PostgreSQL; on SQLite, which has one writer, they are Django's plain ones.

`AddIndexConcurrently` and `RemoveIndexConcurrently` stand in a migration with `atomic = False`; so does
`ValidateConstraint`, after the migration of its `AddConstraintNotValid`. When which: deploy/runbooks/expand-contract.md
"""

from typing import Any

from django.contrib.postgres import operations as postgres
from django.db.migrations import operations as plain

IS_INVALID = """
SELECT EXISTS (
    SELECT 1 FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE relname = %s AND relnamespace = current_schema()::regnamespace AND NOT indisvalid
)
"""


class AddIndexConcurrently(postgres.AddIndexConcurrently):
    """An index that is built while everybody writes."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if _is_postgres(schema_editor):
            _drop_if_broken_off(self.index.name, schema_editor)
        kind = _on(schema_editor, postgres.AddIndexConcurrently, plain.AddIndex)
        kind.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        kind = _on(schema_editor, postgres.AddIndexConcurrently, plain.AddIndex)
        kind.database_backwards(self, app_label, schema_editor, from_state, to_state)


class RemoveIndexConcurrently(postgres.RemoveIndexConcurrently):
    """An index that goes without anybody waiting."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        kind = _on(schema_editor, postgres.RemoveIndexConcurrently, plain.RemoveIndex)
        kind.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        kind = _on(schema_editor, postgres.RemoveIndexConcurrently, plain.RemoveIndex)
        kind.database_backwards(self, app_label, schema_editor, from_state, to_state)


class AddConstraintNotValid(postgres.AddConstraintNotValid):
    """A check of every row that is written from now on; SQLite checks those that are there too."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        kind = _on(schema_editor, postgres.AddConstraintNotValid, plain.AddConstraint)
        kind.database_forwards(self, app_label, schema_editor, from_state, to_state)


class ValidateConstraint(postgres.ValidateConstraint):
    """The rows that were there before are checked, while everybody reads and writes."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if _is_postgres(schema_editor):
            super().database_forwards(app_label, schema_editor, from_state, to_state)


def _is_postgres(schema_editor: Any) -> bool:
    return bool(schema_editor.connection.vendor == "postgresql")


def _on(schema_editor: Any, ours: Any, elsewhere: Any) -> Any:
    return ours if _is_postgres(schema_editor) else elsewhere


def _drop_if_broken_off(name: str, schema_editor: Any) -> None:
    """A build that failed leaves an index of that name, which is kept up to date and used by nobody."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(IS_INVALID, [name])
        (is_there,) = cursor.fetchone()
    if is_there:
        schema_editor.execute(f"DROP INDEX CONCURRENTLY {schema_editor.quote_name(name)}", params=None)
