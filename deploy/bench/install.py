"""Brings the peers' packages into the bench's own folder: virtual environments, npm folders, the compiled generator."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.ci.jobs import ROOT
from deploy.ci.servers import Missing

HOME = ROOT / ".artifacts/bench"
LOAD = ROOT / "deploy/bench/load"
C_OPTIONS = ["-O2", "-std=gnu11", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror"]


def venv(folder: Path, pins: Sequence[str]) -> Path:
    """The interpreter of a virtual environment in `folder` that holds exactly `pins` ("Flask-SocketIO==5.5.1")."""
    python = folder / "bin/python"
    if _is_made(folder, pins):
        return python
    shutil.rmtree(folder, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(folder)], what=f"a virtual environment for {pins[0]}")
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, *pins], what=", ".join(pins))
    _note_made(folder, pins)
    return python


def pip_versions(python: Path, packages: Sequence[str]) -> dict[str, str]:
    code = "import sys, json, importlib.metadata as m; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"
    answer = subprocess.run([str(python), "-c", code, *packages], capture_output=True, text=True, check=True)
    versions: dict[str, str] = json.loads(answer.stdout)
    return versions


def npm(folder: Path, pins: Sequence[str]) -> Path:
    """The `folder` with a node_modules that holds `pins` ("ws@8.18.0"). Scripts in it find their packages."""
    if _is_made(folder, pins):
        return folder
    if shutil.which("npm") is None:
        raise Missing("npm is not installed: apt-get install nodejs npm")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private": true}')
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    _run(["npm", "install", "--prefix", str(folder), *quiet, *pins], what=", ".join(pins))
    _note_made(folder, pins)
    return folder


def npm_ci(folder: Path, source: Path) -> Path:
    """The `folder` with the program in `source` and the packages that its package-lock.json pins, all of them."""
    lock = (source / "package-lock.json").read_text()
    if not _is_made(folder, [lock]):
        if shutil.which("npm") is None:
            raise Missing("npm is not installed: apt-get install nodejs npm")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(source, folder)
        _run(["npm", "ci", "--prefix", str(folder), "--no-audit", "--no-fund", "--loglevel=error"], what=source.name)
        _note_made(folder, [lock])
    shutil.copytree(source, folder, dirs_exist_ok=True)
    return folder


def npm_versions(folder: Path, packages: Sequence[str]) -> dict[str, str]:
    return {
        name: json.loads((folder / "node_modules" / name / "package.json").read_text())["version"] for name in packages
    }


def generator() -> Path:
    """The compiled load generator."""
    return compiled("load", sorted(LOAD.glob("*.[ch]")))


def compiled(name: str, sources: Sequence[Path]) -> Path:
    """A program of ours in C, made anew when its source has changed. `sources`: its headers too."""
    text = b"".join(source.read_bytes() for source in sources)
    program = HOME / f"{name}-{hashlib.sha256(text).hexdigest()[:12]}"
    if not program.exists():
        if shutil.which("cc") is None:
            raise Missing("cc is not installed: apt-get install gcc libc6-dev")
        HOME.mkdir(parents=True, exist_ok=True)
        parts = [str(source) for source in sources if source.suffix == ".c"]
        _run(["cc", *C_OPTIONS, "-o", str(program), *parts, "-lm"], what=f"the generator {name}")
    return program


def _run(command: list[str], *, what: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Missing(f"{what} could not be made:\n{(done.stdout + done.stderr)[-1500:]}")


def _is_made(folder: Path, pins: Sequence[str]) -> bool:
    stamp = folder / ".made-of"
    return stamp.exists() and stamp.read_text() == "\n".join(pins)


def _note_made(folder: Path, pins: Sequence[str]) -> None:
    (folder / ".made-of").write_text("\n".join(pins))
