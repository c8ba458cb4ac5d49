"""What operations of a service's API ask of the database, counted; and which operations there are.

Each service has a table of them (`<service>/tests/test_budgets.py`), which is walked from top to bottom, with few
things of each kind and with many: a query for each row shows.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NamedTuple

from django.db import connection
from django.urls import URLPattern

from abdre.views import ApiView

PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
NAME = re.compile(r"\{(\w+)\}")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Some databases are told of a transaction and some are not, and one within a test's own is a savepoint.
OF_TRANSACTIONS = ("BEGIN", "SET TRANSACTION", "SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")
# How many of everything there are, so that what is asked for each of them shows.
FEW_AND_MANY = (3, 30)


class Asked(NamedTuple):
    operation: str
    queries: int
    body: Any = None  # a file's bytes, or JSON; names in it, as in the operation, are filled in
    query: str = ""
    who: str = "ada"
    status: int = 0  # where it is refused


class Places(dict[str, Any]):
    """What an operation names, or sends. A function makes it when it is named, before anything is counted."""

    def __getitem__(self, name: str) -> Any:
        value = super().__getitem__(name)
        return value() if callable(value) else value

    def fill(self, body: Any) -> Any:
        if isinstance(body, dict):
            return {name: self.fill(value) for name, value in body.items()}
        if isinstance(body, list):
            return [self.fill(value) for value in body]
        if not isinstance(body, str):
            return body
        only = NAME.fullmatch(body)
        return self[only[1]] if only else body.format_map(self)


Send = Callable[[Asked, str, str, Any], Any]
Learn = Callable[[Asked, Any], dict[str, Any]]


def nothing(asked: Asked, answer: Any) -> dict[str, Any]:
    return {}


def assert_budgets(walk: Iterable[Asked], places: Places, send: Send, learn: Learn = nothing) -> None:
    """Each operation asks as often as the table says.

    `learn`: what an answer tells that a later operation names.
    """
    strays = []
    for asked in walk:
        method, _, path = asked.operation.partition(" ")
        target, body = places.fill(path + asked.query), places.fill(asked.body)
        with counted() as statements:
            answer = send(asked, method, target, body)
        expected = answer.status_code == asked.status if asked.status else answer.status_code < 400
        assert expected, (asked.operation, answer.status_code, answer.content)
        places.update(learn(asked, answer))
        if answer.streaming:
            answer.close()
        if len(statements) != asked.queries:
            strays.append(f"{asked.operation}: {len(statements)} and not {asked.queries}")
            strays += [f"    {sql}" for sql in statements]
    assert not strays, "\n".join(strays)


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
        for method in _methods(getattr(pattern.callback, "view_class", None))
    }


def _methods(view: type | None) -> list[str]:
    """A function, where a service has one, is an address that browsers open."""
    if view is None:
        return ["GET"]
    return [method for method in METHODS if issubclass(view, ApiView) and hasattr(view, method.lower())]
