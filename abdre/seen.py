"""What is found out about a request on its way in, for its lines in the log and its counts: who asks, which route."""

from contextvars import ContextVar
from uuid import UUID

# For what no table of ours leads to, whatever was asked for.
UNKNOWN = "unknown"


class Seen:
    """Shared by all that works on one request: a task's own copy of the context still holds this same one."""

    __slots__ = ("person", "route")

    def __init__(self) -> None:
        self.person = ""
        self.route = UNKNOWN


_seen: ContextVar[Seen | None] = ContextVar("seen", default=None)


def begin() -> Seen:
    """Of a request that comes in here."""
    seen = Seen()
    _seen.set(seen)
    return seen


def person() -> str:
    """Whose verified token came with the request that is being worked on; empty for nobody's."""
    seen = _seen.get()
    return seen.person if seen is not None else ""


def note_person(person_id: UUID) -> None:
    seen = _seen.get()
    if seen is not None:
        seen.person = str(person_id)


def note_route(pattern: str) -> None:
    """`pattern`: of a table in the code, never what was asked for."""
    seen = _seen.get()
    if seen is not None:
        seen.route = pattern
