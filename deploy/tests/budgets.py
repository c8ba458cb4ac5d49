"""What operations of a service's API ask of the database, counted; and which operations there are."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from django.db import connection
from django.urls import URLPattern

from abdre.views import ApiView

PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Some databases are told of a transaction and some are not, and one within a test's own is a savepoint.
OF_TRANSACTIONS = ("BEGIN", "SET TRANSACTION", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements of this thread; those of others (the writer of messages) are its tests' matter."""
    statements: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(OF_TRANSACTIONS):
            statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield statements


def operations(service: str) -> set[str]:
    """As the table of routes names them: `GET /api/chats/{chat_id}`."""
    patterns = [one for one in import_module(f"{service}.urls").urlpatterns if isinstance(one, URLPattern)]
    return {
        f"{method} /" + PLACE.sub(r"{\1}", str(pattern.pattern))
        for pattern in patterns
        for view in [getattr(pattern.callback, "view_class", None)]
        if view is not None and issubclass(view, ApiView)
        for method in METHODS
        if hasattr(view, method.lower())
    }
