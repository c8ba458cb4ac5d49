"""What a process holds in memory, by its kernel's account."""

from pathlib import Path

PEAK = "VmHWM"
NOW = "VmRSS"


def megabytes(pid: int, *, of: str = NOW) -> float:
    """Resident; with its children, should it have any."""
    status = Path(f"/proc/{pid}/status").read_text()
    own = next(int(line.split()[1]) for line in status.splitlines() if line.startswith(of)) / 1024
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(megabytes(int(child), of=of) for child in children)


def forget_peak(pid: int) -> None:
    """The peak is what it is now (proc(5), clear_refs)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
