"""What processes cost: CPU of a tree of processes to the microsecond, by thread, and its memory."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
ENDED = "ended threads"


class Cpu(NamedTuple):
    """Seconds by (process, thread, thread's name), at one moment; thread 0 stands for those that have ended."""

    threads: dict[tuple[int, int, str], float]

    def since(self, before: "Cpu") -> float:
        return sum(self.by_thread(before).values())

    def by_thread(self, before: "Cpu") -> dict[str, float]:
        """Seconds used since, by the threads' names."""
        used: dict[str, float] = {}
        for (process, thread, name), seconds in self.threads.items():
            main = " (main)" if process == thread else ""
            used[name + main] = used.get(name + main, 0) + seconds - before.threads.get((process, thread, name), 0)
        return used


def tree(roots: Iterable[int]) -> list[int]:
    """The processes and all their descendants."""
    children: dict[int, list[int]] = {}
    for process in processes():
        children.setdefault(parent_of(process), []).append(process)
    found, waiting = [], list(roots)
    while waiting:
        process = waiting.pop()
        found.append(process)
        waiting += children.get(process, [])
    return found


def processes() -> Iterator[int]:
    return (int(entry) for entry in os.listdir(PROC) if entry.isdigit())


def parent_of(process: int) -> int:
    return int(next(iter(after_name(process)[1:2]), 0))


def after_name(process: int) -> list[str]:
    """Of its line of figures, what stands behind its name, which may hold anything; nothing once it has ended."""
    try:
        return (PROC / str(process) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def cpu(roots: Iterable[int]) -> Cpu:
    """The scheduler's own count, in nanoseconds; ticks of 10 ms are too coarse for a quiet server.

    Of threads that have ended, of which Django begins one for each request, only the ticks are left.
    """
    threads: dict[tuple[int, int, str], float] = {}
    for process in tree(roots):
        threads[process, 0, ENDED] = ticks_s(process)
        for number in threads_of(process):
            folder = PROC / str(process) / "task" / str(number)
            with suppress(OSError):  # it has ended
                seconds = int((folder / "schedstat").read_text().split()[0]) / 1e9
                threads[process, number, (folder / "comm").read_text().strip()] = seconds
                threads[process, 0, ENDED] -= seconds
    return Cpu(threads)


def ticks_s(process: int) -> float:
    """Of all its threads, those that have ended among them."""
    user, system = after_name(process)[11:13] or (0, 0)
    return (int(user) + int(system)) * TICK_S


def threads_of(process: int) -> list[int]:
    try:
        return [int(entry) for entry in os.listdir(PROC / str(process) / "task")]
    except OSError:  # it has ended
        return []


def memory_kb(roots: Iterable[int]) -> int:
    """Resident memory of the tree."""
    total = 0
    for process in tree(roots):
        for line in (PROC / str(process) / "status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                total += int(line.split()[1])
    return total


class Core(NamedTuple):
    busy: float
    total: float


def core_times() -> dict[str, Core]:
    """Ticks of each core: not idle, and altogether."""
    times = {}
    for line in (PROC / "stat").read_text().splitlines():
        name, *ticks = line.split()
        if name.startswith("cpu") and name != "cpu":
            numbers = [float(tick) for tick in ticks[:8]]
            idle = numbers[3] + numbers[4]
            times[name.removeprefix("cpu")] = Core(sum(numbers) - idle, sum(numbers))
    return times


def busy_share(before: dict[str, Core], after: dict[str, Core], cores: str) -> float:
    """How busy these cores ("0" or "1,2") were between the two looks, whoever used them."""
    names = [name for name in cores.split(",") if name in before]
    total = sum(after[name].total - before[name].total for name in names)
    busy = sum(after[name].busy - before[name].busy for name in names)
    return busy / total if total else 0.0
