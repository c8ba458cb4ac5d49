"""A release checked out beside this tree, with what it needs installed."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.ci.jobs import ROOT

LISTS = ("requirements.txt", "requirements-test.txt")


@dataclass(frozen=True)
class Tree:
    path: Path
    python: str


@contextmanager
def checked_out(commit: str) -> Iterator[Tree]:
    with tempfile.TemporaryDirectory(prefix="abdre-release-") as folder:
        path = Path(folder) / "tree"
        git("worktree", "add", "--quiet", "--detach", str(path), commit)
        try:
            python = _python(path, Path(folder) / "venv")
            # Else each process writes the byte code for itself, all at once.
            subprocess.run([python, "-m", "compileall", "-q", "."], cwd=path, check=True)
            yield Tree(path, python)
        finally:
            git("worktree", "remove", "--force", str(path))


def git(*arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=ROOT, check=True)


def _pins(tree: Path) -> set[str]:
    lines = [line for name in LISTS for line in (tree / name).read_text().splitlines()]
    return {line for line in lines if "==" in line}


def _python(tree: Path, own: Path) -> str:
    """Ours, where we have exactly what it asks for; else one of its own."""
    if _pins(tree) <= _pins(ROOT):
        return sys.executable
    print("its requirements differ: installing them (once)", flush=True)
    subprocess.run([sys.executable, "-m", "venv", str(own)], check=True)
    wanted = [word for name in LISTS for word in ("-r", str(tree / name))]
    pip = [str(own / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *wanted], check=True)
    return str(own / "bin/python")
