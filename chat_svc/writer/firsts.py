"""Who may have written in a chat for the first time: noted for each batch where it is measured, looked at later."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from chat_svc.writer.posts import Outcome, Sent

# People in chats whom this process has heard before; then all are looked at once more, which changes no count.
KNOWN_LIMIT = 50_000
# What waits to be looked at. Beyond it is let go: a count that is a little low is better than a flood.
WAITING_LIMIT = 10_000


class First(NamedTuple):
    """The first message of somebody in a chat that this process has stored; others may have stored earlier ones."""

    chat_id: UUID
    sender_id: UUID
    seq: int


_known: set[tuple[str, str]] = set()
_waiting: deque[First] = deque(maxlen=WAITING_LIMIT)


def note(outcomes: Sequence[Outcome]) -> None:
    """On the writer's thread, where it is measured: a look into a set for each message."""
    for outcome in outcomes:
        if isinstance(outcome, Sent) and outcome.created:
            message = outcome.message
            key = message["chat"], message["sender"]["id"]
            if key not in _known:
                _known.add(key)
                _waiting.append(First(UUID(key[0]), UUID(key[1]), message["seq"]))
    if len(_known) > KNOWN_LIMIT:
        _known.clear()


def forget() -> None:
    """As a process does that begins anew."""
    _known.clear()
    _waiting.clear()


def take(limit: int) -> list[First]:
    """What was noted, the oldest first; it is not given again."""
    return [_waiting.popleft() for _ in range(min(limit, len(_waiting)))]
