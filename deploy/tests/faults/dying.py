"""Runs a module (`python -m deploy.tests.faults.dying MODULE …`) that dies between the commit and the publishing.

The hand-over to the channel layer is where a batch of new messages is committed and nobody has been told of it yet,
neither the others nor the sender. At the DIES_AT_BATCH-th (of the environment) the process kills itself.
"""

import os
import runpy
import signal
import sys
from collections.abc import Callable
from typing import Any

import abdre.events

NEW_MESSAGE = "message.created"
DIES_AT_BATCH = int(os.environ.get("DIES_AT_BATCH", "1"))
batches = 0


def die_instead(types: list[str]) -> None:
    global batches
    if NEW_MESSAGE in types:
        batches += 1
        if batches >= DIES_AT_BATCH:
            os.kill(os.getpid(), signal.SIGKILL)


def dying_one(hand_over: Callable[[str, dict[str, Any]], None]) -> Callable[[str, dict[str, Any]], None]:
    def wrapped(group: str, message: dict[str, Any]) -> None:
        die_instead(message["types"])
        hand_over(group, message)

    return wrapped


def dying_all(hand_over_all: Callable[[Any], None]) -> Callable[[Any], None]:
    def wrapped(messages: Any) -> None:
        messages = list(messages)
        die_instead([kind for _group, message in messages for kind in message["types"]])
        hand_over_all(messages)

    return wrapped


def main() -> None:
    events: Any = abdre.events
    events.hand_over = dying_one(events.hand_over)
    if hasattr(events, "hand_over_all"):
        events.hand_over_all = dying_all(events.hand_over_all)
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
