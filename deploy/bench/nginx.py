"""nginx of Debian's on a configuration of ours, which `deploy/ci/deps bench` installs."""

import string
import subprocess
from collections.abc import Sequence
from pathlib import Path

from deploy.bench.peers import Program
from deploy.ci.servers import program


def nginx() -> str:
    """Raises Missing."""
    return program("nginx", package="nginx")


def run_nginx(own: Program, configuration: Path, **values: object) -> None:
    """With its ${CAPITALS} filled in; nginx has $variables of its own. Its files are in the program's folder."""
    text = string.Template(configuration.read_text()).safe_substitute(values, PORT=own.port)
    (own.folder / "nginx.conf").write_text(text)
    command = [nginx(), "-p", str(own.folder), "-c", "nginx.conf", "-e", "stderr"]
    own.run(command, environment={}, folder=own.folder)


def debian_versions(packages: Sequence[str]) -> dict[str, str]:
    asked = ["dpkg-query", "--show", "--showformat=${Package} ${Version}\n", *packages]
    answer = subprocess.run(asked, capture_output=True, text=True, check=True)
    return dict(line.split(" ", 1) for line in answer.stdout.splitlines())
