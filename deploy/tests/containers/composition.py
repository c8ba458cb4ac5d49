"""The composition as an operator has it, by the same commands; the engine is the one of the environment."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from deploy.ci.jobs import ROOT

FOLDER = ROOT / "deploy" / "compose"
# The engine's own. What the test run has for apps (ABDRE_ALLOWED_HOSTS, …) compose would take for an operator's choice.
KEPT = ("COMPOSE_", "DOCKER_", "HOME", "LD_LIBRARY_PATH", "PATH")
SURROUNDINGS = {name: value for name, value in os.environ.items() if name.startswith(KEPT)}


def own_copy(folder: Path) -> Path:
    """The composition's folder for a test to run `upgrade` in: what an operator chose and keeps in it stays theirs."""
    return Path(shutil.copytree(FOLDER, folder / "compose", ignore=shutil.ignore_patterns("backups", ".env")))


def put_back() -> str:
    """What deploy/README.md has PostgreSQL's container do with a dump."""
    (command,) = re.findall(r"exec -T postgres (.*?) <DUMP", (ROOT / "deploy/README.md").read_text(), re.DOTALL)
    return str(command)


class Wrong(AssertionError):
    """A command ended badly; what it said is the message."""


def said(*command: str, given: IO[str] | None = None, **environment: str) -> str:
    """What it prints, if it ends well."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**SURROUNDINGS, **environment},
        stdin=given or subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Wrong(f"{' '.join(command)}: {done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def inspected(*names: str, kind: str = "container") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(said("docker", kind, "inspect", *names)) if names else []
    return found


def fails_inside(container: str, *command: str) -> bool:
    done = subprocess.run(["docker", "exec", container, *command], env=SURROUNDINGS, capture_output=True, check=False)
    return done.returncode != 0


@dataclass(frozen=True)
class Composition:
    """compose.yaml with overlays, and what was chosen in the environment."""

    overlays: tuple[str, ...] = ()
    chosen: dict[str, str] = field(default_factory=dict)

    def compose(self, *arguments: str, given: IO[str] | None = None) -> str:
        files = [f"compose.{overlay}.yaml" for overlay in self.overlays]
        named = [word for file in ["compose.yaml", *files] for word in ("--file", str(FOLDER / file))]
        return said("docker", "compose", *named, *arguments, given=given, **self.chosen)

    def up(self) -> None:
        self.compose("up", "--wait", "--no-build", "--remove-orphans")

    def containers(self) -> dict[str, dict[str, Any]]:
        """Service → its container, those that have ended among them."""
        ids = self.compose("ps", "--all", "--quiet").split()
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in inspected(*ids)}
