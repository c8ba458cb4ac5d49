"""The rules of the filter as they are now: kept by each process, and read anew when they have changed.

A change holds in every process within 2 s: the clock looks once a second (PERIODIC), and where none runs, or it is
late, whoever has something to say looks first.
"""

import math
import threading
import time
from collections.abc import Callable
from uuid import UUID

from django.db.models import Max

from abdre.db import by_a_live_connection
from chat_svc.filtering import Rules, Verdict
from chat_svc.models import FilterRule
from user_svc.selectors import guest_by_id

HOLDS_S = 2.0


class _Known:
    """What this process knows. Only whole lists are put in the place of others, so readers need no lock."""

    def __init__(self) -> None:
        self.rules = Rules([])
        self.until = 0.0
        self.version: int | None = None
        self.lock = threading.Lock()


_known = _Known()


def rules_now() -> Rules:
    if time.monotonic() >= _known.until:
        by_a_live_connection(refresh_rules)
    return _known.rules


def refresh_rules() -> None:
    """One question; a second one where something has changed. Called by the clock."""
    with _known.lock:
        asked_at = time.monotonic()
        version = FilterRule.objects.aggregate(newest=Max("version"))["newest"] or 0
        if version != _known.version:
            _known.rules = Rules([row.rule for row in current_rules()])
            _known.version = version
        _known.until = asked_at + HOLDS_S


def forget_rules() -> None:
    """The next question reads them anew."""
    _known.version, _known.until = None, 0.0


def know_of_none() -> None:
    """For tests, of which each begins without a rule."""
    _known.rules, _known.version, _known.until = Rules([]), 0, math.inf


def current_rules() -> list[FilterRule]:
    return list(FilterRule.objects.filter(removed_at=None).order_by("id"))


def judged(text: str, person_id: UUID) -> Verdict:
    """What becomes of what that person says."""
    rules = rules_now()
    return rules.judged(text, _is_guest(person_id)) if rules else Verdict(None, text)


def _is_guest(person_id: UUID) -> Callable[[], bool]:
    return lambda: guest_by_id(person_id) is not None
