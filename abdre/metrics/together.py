"""The counts of several processes as those of one, also of those that have ended."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock
from typing import Any

from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

# In the place of a process's number, in the files that hold what is left of all that have ended.
ENDED = "ended"
# What is kept of a process that has ended, by the first words of its files' names; all else of it leaves.
KEPT: dict[str, Callable[[float, float], float]] = {
    "counter": float.__add__,
    "histogram": float.__add__,
    "gauge_max": max,
}


class Together:
    """A collector, as prometheus_client's registries have them.

    Who has ended is found out when it is asked for, whatever ended it: kill -9 calls no hook, and not every server has
    one. Their counts are folded into one file, or a worker that cannot live would leave a thousand an hour.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()  # two may ask at once

    def collect(self) -> Iterable[Any]:
        with self._lock:
            for file in self._files():
                if _has_ended(file):
                    self._take_leave(file)
            return list(MultiProcessCollector.merge([str(file) for file in self._files()]))

    def _files(self) -> list[Path]:
        """Not those that have just been made, and are empty for a moment."""
        return [file for file in self._folder.glob("*.db") if file.stat().st_size]

    def _take_leave(self, file: Path) -> None:
        kind = file.stem.rpartition("_")[0]
        if kind in KEPT:
            _fold(file, self._folder / f"{kind}_{ENDED}.db", KEPT[kind])
        file.unlink()


def _has_ended(file: Path) -> bool:
    process = file.stem.rpartition("_")[2]
    if process == ENDED:
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    return False


def _fold(file: Path, into: Path, add: Callable[[float, float], float]) -> None:
    sums = MmapedDict(str(into))
    for key, value, timestamp, _ in MmapedDict.read_all_values_from_file(str(file)):
        sums.write_value(key, add(sums.read_value(key)[0], value), timestamp)
    sums.close()
