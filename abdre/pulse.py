"""Each process says every ten seconds that it lives, as which role, and what it lacks; whoever asks hears of all.

The store brings it, not a question to each: that would need a way to every process of every role, and would wait for
those that are away. What it does not show is a process whose event loop hangs; a probe of `/livez` does.
"""

import json
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from uuid import uuid4

from django.conf import settings

from abdre import service_client
from abdre.health import checks
from abdre.store import StoreAway, store

log = logging.getLogger(__name__)

# Three beats fit in: two that are late do not look like an end.
ALIVE_S = 35.0
LIST_S = 600.0

PROCESS = uuid4().hex
BEGAN_AT = time.time()


@dataclass(frozen=True)
class Pulse:
    """`lacks`: what keeps the process from being ready. `avoids`: services that its breakers leave alone."""

    role: str
    version: str
    began_at: float  # seconds since 1970
    lacks: list[str]
    avoids: list[str]


def beat() -> None:
    pulse = Pulse(settings.ROLE, settings.VERSION, BEGAN_AT, _lacks(), _avoids())
    try:
        _say(PROCESS, pulse)
    except StoreAway:
        log.info("pulse not told, the store is away")


def end() -> None:
    """The process ends on purpose, and is not to be missed."""
    with suppress(StoreAway):
        store.delete(_key(PROCESS))


def pulses(roles: Sequence[str]) -> dict[str, list[Pulse]]:
    """The living processes of each role. Raises StoreAway."""
    lists = [_ids(text) for text in store.get_many([_list(role) for role in roles])]
    told = {process: text for process, text in _told([one for ids in lists for one in ids]).items() if text}
    return {
        role: [Pulse(**json.loads(told[one])) for one in ids if one in told]
        for role, ids in zip(roles, lists, strict=True)
    }


def _say(process: str, pulse: Pulse) -> None:
    store.put(_key(process), json.dumps(asdict(pulse)), ttl_s=ALIVE_S)
    others = _told(_ids(store.get(_list(pulse.role))))
    alive = {one for one, text in others.items() if text} | {process}
    # Written without a lock: who gets lost by it writes itself in again with the next beat.
    store.put(_list(pulse.role), ",".join(sorted(alive)), ttl_s=LIST_S)


def _told(processes: list[str]) -> dict[str, str | None]:
    return dict(zip(processes, store.get_many([_key(one) for one in processes]), strict=True))


def _ids(text: str | None) -> list[str]:
    return text.split(",") if text else []


def _lacks() -> list[str]:
    return [f"{need}: {result}" for need, result in checks().items() if result != "ok"]


def _avoids() -> list[str]:
    states = service_client.states()
    return [name for name, ways in states.items() if any(state != service_client.CLOSED for state in ways.values())]


def _key(process: str) -> str:
    return f"pulse:{process}"


def _list(role: str) -> str:
    return f"pulse.of:{role}"
