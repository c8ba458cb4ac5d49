"""Where a server's time goes: py-spy's samples of the measured process, summed by function."""

import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.bench.install import HOME, venv
from deploy.ci.jobs import ROOT
from deploy.ci.servers import dies_with_starter

PY_SPY = "py-spy==0.4.1"
LINES = 15


@contextmanager
def profiled(process: int, seconds: float, file: str) -> Iterator[None]:
    """Sample the process while the block runs, if a file for the stacks is named."""
    if not file:
        yield
        return
    py_spy = venv(HOME / "py-spy", [PY_SPY]).parent / "py-spy"
    options = ["--pid", str(process), "--duration", str(max(1, round(seconds))), "--rate", "200", "--nonblocking"]
    command = [str(py_spy), "record", *options, "--format", "raw", "--output", file]
    sampler = subprocess.Popen(dies_with_starter(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        sampler.wait(seconds + 60)


def hottest(file: Path, lines: int = LINES) -> list[tuple[str, float, float]]:
    """(function, share of the samples in it alone, share in it and what it calls), most by itself first."""
    alone: Counter[str] = Counter()
    within: Counter[str] = Counter()
    total = 0
    for line in file.read_text().splitlines():
        stack, _, count = line.rpartition(" ")
        if not count.isdigit():  # read while the process ran on, a function's name may be torn, over lines even
            continue
        frames = [_place(frame) for frame in stack.split(";") if not frame.startswith("process ")]
        if not frames:
            continue
        total += int(count)
        alone[frames[-1]] += int(count)
        within.update(dict.fromkeys(frames, int(count)))
    return [(name, count / total, within[name] / total) for name, count in alone.most_common(lines)]


def _place(frame: str) -> str:
    """`function (file:line)` without the line, and the file as seen from the project."""
    name, _, place = frame.partition(" (")
    path = place.rstrip(")").rpartition(":")[0] or place.rstrip(")")
    return f"{name} ({path.removeprefix(str(ROOT) + '/').rpartition('site-packages/')[2]})" if path else name
