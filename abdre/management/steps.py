"""What a long command says while it works: a turning sign in a terminal, nothing where nobody looks."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

from rich.console import Console


@contextmanager
def telling(stdout: Any) -> Iterator[Callable[[str], None]]:
    """Gives a function that says what is being done now."""
    console = Console(file=cast(IO[str], stdout))
    if not console.is_terminal:
        yield lambda _: None
        return
    stdout.ending = ""  # rich ends lines itself
    began = time.monotonic()
    with console.status("") as status:
        yield lambda doing: status.update(f"{doing} ({time.monotonic() - began:.0f} s)")
    stdout.ending = "\n"


def size(count: float) -> str:
    """Bytes as people say them."""
    for unit in ("bytes", "KiB", "MiB"):
        if count < 1024:
            return f"{count:,.0f} {unit}" if unit == "bytes" else f"{count:,.1f} {unit}"
        count /= 1024
    return f"{count:,.1f} GiB"
