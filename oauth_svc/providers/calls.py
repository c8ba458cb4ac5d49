"""Asking a provider: within a time, and not at all while it is known to be away."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import requests
from purgatory import SyncCircuitBreakerFactory
from purgatory.domain.model import HALF_OPENED, OPENED, OpenedState

log = logging.getLogger(__name__)

CONNECT_S = 2.0
ANSWER_S = 5.0
# A step asks up to three times, and the gateway waits ten seconds for its answer to begin.
STEP_S = 8.0
# So many failures in a row, and a provider's server is left alone for so long; then one request tries it again.
FAILURES = 5
REST_S = 15.0

_until: ContextVar[float] = ContextVar("until")
# purgatory counts without one, and each request here has a thread of its own.
_counting = Lock()
breakers = SyncCircuitBreakerFactory(default_threshold=FAILURES, default_ttl=REST_S)


class ProviderAway(requests.RequestException):
    """Among allauth's own reasons to give up."""


@contextmanager
def within_step() -> Iterator[None]:
    """What is asked inside has one time-out together."""
    mark = _until.set(monotonic() + STEP_S)
    try:
        yield
    finally:
        _until.reset(mark)


class Line(requests.Session):
    """Raises RequestException, at once where the server is known to be away."""

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        with _behind_breaker(urlsplit(str(url)).netloc):
            return self._answer(method, url, *args, **options)

    def _answer(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        left_s = _until.get() - monotonic()
        if left_s <= 0:
            raise ProviderAway("the step's time is up")
        options["timeout"] = (min(CONNECT_S, left_s), min(ANSWER_S, left_s))
        answer = super().request(method, url, *args, **options)
        if answer.status_code >= 500:  # said in time, and a failure all the same
            answer.raise_for_status()
        return answer


@contextmanager
def _behind_breaker(server: str) -> Iterator[None]:
    with _counting:
        breaker = breakers.get_breaker(server)
        try:
            breaker.__enter__()
        except OpenedState:
            raise ProviderAway(f"{server} is left alone") from None
    problem: requests.RequestException | None = None
    try:
        yield
    except requests.RequestException as found:
        problem = found
        raise
    finally:
        with _counting:
            breaker.__exit__(type(problem) if problem else None, problem, None)


def _note(server: str, kind: str, event: Any) -> None:
    if kind == "state_changed" and event.state != HALF_OPENED:
        level = logging.WARNING if event.state == OPENED else logging.INFO
        log.log(level, "breaker %s", event.state, extra={"provider": server})


breakers.add_listener(_note)
