"""The store of a single process."""

import math
import threading
import time

from abdre.store import Hit


class MemoryStore:
    """A dictionary with expiry; swept when it has doubled since the last sweep."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, tuple[str, float]] = {}
        self._sweep_at = 1024

    def put(self, key: str, value: str, *, ttl_s: float) -> None:
        self.put_many({key: value}, ttl_s=ttl_s)

    def add(self, key: str, value: str, *, ttl_s: float) -> None:
        now = time.monotonic()
        with self._lock:
            kept = self._values.get(key)
            if kept is None or kept[1] <= now:
                self._values[key] = (value, now + ttl_s)
            self._sweep()

    def put_many(self, values: dict[str, str], *, ttl_s: float) -> None:
        until = time.monotonic() + ttl_s
        with self._lock:
            for key, value in values.items():
                self._values[key] = (value, until)
            self._sweep()

    def get(self, key: str) -> str | None:
        return self.get_many([key])[0]

    def get_many(self, keys: list[str]) -> list[str | None]:
        now = time.monotonic()
        with self._lock:
            found = [self._values.get(key) for key in keys]
        return [entry[0] if entry and entry[1] > now else None for entry in found]

    def delete(self, key: str) -> None:
        self.delete_many([key])

    def delete_many(self, keys: list[str]) -> None:
        with self._lock:
            for key in keys:
                self._values.pop(key, None)

    def hit(self, key: str, *, window_s: int) -> Hit:
        now = time.monotonic()
        with self._lock:
            text, until = self._values.get(key, ("0", 0.0))
            if until <= now:
                text, until = "0", now + window_s
            count = int(text) + 1
            self._values[key] = (str(count), until)
            self._sweep()
        return Hit(count, math.ceil(until - now))

    def increase(self, amounts: dict[str, int], *, ttl_s: float) -> None:
        now = time.monotonic()
        with self._lock:
            for key, amount in amounts.items():
                text, until = self._values.get(key, ("0", 0.0))
                number = int(text) if until > now else 0
                self._values[key] = (str(number + amount), now + ttl_s)
            self._sweep()

    def ping(self) -> None:
        return None

    def _sweep(self) -> None:
        if len(self._values) < self._sweep_at:
            return
        now = time.monotonic()
        self._values = {key: entry for key, entry in self._values.items() if entry[1] > now}
        self._sweep_at = max(1024, 2 * len(self._values))
