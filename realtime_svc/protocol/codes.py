"""Why a socket closes. 4000–4499: come back. 4500–4999: stay away until something changes."""

from enum import IntEnum


class Close(IntEnum):
    TRY_AGAIN = 4000  # something failed on our side
    GOING_AWAY = 4001  # this process stops
    TOO_SLOW = 4008  # the reader did not keep up; come back and resume
    TOO_FAST = 4029  # too many commands, warnings notwithstanding
    NOT_SIGNED_IN = 4501
    BANNED = 4503
    SESSION_ENDED = 4504
    NO_SUCH_PATH = 4505


# How a client's side ends it (RFC 6455, 7.4.1), a vanished one among them.
_CLIENTS = frozenset((1000, 1001, 1005, 1006))


def counted_as(code: int) -> str:
    """One of few: a client may close with any number."""
    return str(int(code)) if code in _CLIENTS or code in REASONS else "other"


REASONS = {
    Close.TRY_AGAIN: "try again",
    Close.GOING_AWAY: "going away",
    Close.TOO_SLOW: "too slow",
    Close.TOO_FAST: "too fast",
    Close.NOT_SIGNED_IN: "not signed in",
    Close.BANNED: "banned",
    Close.SESSION_ENDED: "session ended",
    Close.NO_SUCH_PATH: "no such path",
}
