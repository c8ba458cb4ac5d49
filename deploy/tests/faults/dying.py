"""Runs a module (`python -m deploy.tests.faults.dying MODULE …`) that dies between a commit and its publishing.

The hand-over to the channel layer is where a batch of new messages is committed and nobody has been told of it yet,
neither the others nor the sender. At the DIES_AT_BATCH-th (of the environment) the process kills itself.
"""

import os
import runpy
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

import abdre.events

NEW_MESSAGE = "message.created"
Messages = Sequence[tuple[str, dict[str, Any]]]


def dying(hand_over_all: Callable[[Messages], None], *, at_batch: int) -> Callable[[Messages], None]:
    batches = 0

    def wrapped(messages: Messages) -> None:
        nonlocal batches
        batches += any(NEW_MESSAGE in message["types"] for _group, message in messages)
        if batches >= at_batch:
            os.kill(os.getpid(), signal.SIGKILL)
        hand_over_all(messages)

    return wrapped


def main() -> None:
    events: Any = abdre.events
    events.hand_over_all = dying(events.hand_over_all, at_batch=int(os.environ["DIES_AT_BATCH"]))
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
