"""Whether this process has been told to end: it still serves, and says to everybody that it will not for long."""

_is_stopping = False


def begin() -> None:
    """May be called in a signal's handler."""
    global _is_stopping
    _is_stopping = True


def is_stopping() -> bool:
    return _is_stopping


def forget() -> None:
    """It is over."""
    global _is_stopping
    _is_stopping = False
