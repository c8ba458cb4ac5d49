"""What a test's deeds add to the process's counts."""

from collections import Counter

import pytest

from abdre import tally


def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """By name, from now on; nothing of it goes to the store."""
    counts: Counter[str] = Counter()

    def add(name: str, times: int = 1) -> None:
        counts[name] += times

    monkeypatch.setattr(tally, "add", add)
    return counts
