"""`__in` with many ids as one parameter on PostgreSQL.

A placeholder for each id makes a text that psycopg takes apart anew each time, in Python: with some thousand ids that
took a third of a busy process. A list it takes apart as well, so UUIDs go as the text of an array.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import UUIDField
from django.db.models.expressions import ColPairs
from django.db.models.fields.related import ForeignObject
from django.db.models.fields.related_lookups import RelatedIn
from django.db.models.lookups import In


def register_all() -> None:
    UUIDField.register_lookup(Among)
    ForeignObject.register_lookup(AmongRelated)


def uuid_array(ids: Iterable[UUID]) -> str:
    """`uuid[]` as PostgreSQL reads it from text."""
    return "{" + ",".join([f"{one.int:032x}" for one in ids]) + "}"


class _OneParameter(In):
    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Sequence[Any]]:
        if isinstance(self.lhs, ColPairs) or not self.rhs_is_direct_value():
            return self.as_sql(compiler, connection)
        column, column_parameters = self.process_lhs(compiler, connection)
        if self.rhs and all(isinstance(one, UUID) for one in self.rhs):
            return f"{column} = ANY(%s::uuid[])", [*column_parameters, uuid_array(self.rhs)]
        _, ids = self.process_rhs(compiler, connection)
        return f"{column} = ANY(%s)", [*column_parameters, list(ids)]


class Among(_OneParameter):
    """`id__in`."""


class AmongRelated(_OneParameter, RelatedIn):
    """`chat_id__in`, `chat__in`."""
