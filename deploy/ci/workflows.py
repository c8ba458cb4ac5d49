"""One workflow per Deployment, filtered by what rolls it (deploy.ci.rollout): `python -m deploy.ci.workflows`.

Says whether the committed ones are what that says, and whether all of .github passes GitHub's own schema and zizmor's
rules; `--write` writes them anew.
"""

import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from deploy.ci.docs import tracked
from deploy.ci.jobs import ROOT
from deploy.ci.role_settings import PODS
from deploy.ci.rollout import roles_for

WORKFLOWS = ROOT / ".github/workflows"
BIN = Path(sys.executable).parent
TEMPLATE = """\
# Written by `python -m deploy.ci.workflows --write` from what rolls {role}; do not edit.
name: {role}

on:
  push:
    branches: [main]
    paths:
{paths}
  pull_request:
    paths:
{paths}

concurrency:
  group: {role}-${{{{ github.ref }}}}
  cancel-in-progress: ${{{{ github.event_name == 'pull_request' }}}}

permissions: {{}}

jobs:
  {role}:
    permissions: # of these each job there takes what it needs
      contents: write # the change that dev is asked to take
      pull-requests: write
      packages: write # the image
      id-token: write # signs it as that workflow, without a key
      actions: read # which of its runs went well
    uses: ./.github/workflows/service.yml
    with:
      role: {role}
      app: {app}
"""


@cache
def folders() -> dict[str, frozenset[str]]:
    """Each part of the tree at its top, or file there, and whom something in it rolls."""
    rolled: dict[str, frozenset[str]] = {}
    for path in tracked():
        file = str(path.relative_to(ROOT))
        top = file.partition("/")[0]
        part = "deploy/docker" if file.startswith("deploy/docker/") else top
        rolled[part] = rolled.get(part, frozenset()) | roles_for(file)
    return rolled


def paths_of(role: str) -> list[str]:
    """Of whole folders: which of their files roll it is asked once the tests have passed."""
    parts = sorted(part for part, roles in folders().items() if role in roles)
    return [f"{part}/**" if (ROOT / part).is_dir() else part for part in parts]


def workflow(role: str) -> str:
    own = [".github/workflows/service.yml", f".github/workflows/{role}.yml"]
    paths = "\n".join(f'      - "{path}"' for path in [*paths_of(role), *own])
    return TEMPLATE.format(role=role, app="abdre" if role == "worker" else f"{role}_svc", paths=paths)


def outdated() -> Iterator[str]:
    for role in PODS:
        path = WORKFLOWS / f"{role}.yml"
        if not path.exists() or path.read_text() != workflow(role):
            yield f"{path.relative_to(ROOT)} is not what rolls {role}: python -m deploy.ci.workflows --write"


def passes(*command: str) -> bool:
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout + done.stderr)
    return done.returncode == 0


def main() -> int:
    if "--write" in sys.argv:
        for role in PODS:
            (WORKFLOWS / f"{role}.yml").write_text(workflow(role))
    problems = list(outdated())
    print(*problems, sep="\n")
    files = [str(path) for path in sorted(WORKFLOWS.glob("*.yml"))]
    fine = [
        not problems,
        passes("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files),
        passes("check-jsonschema", "--builtin-schema", "vendor.dependabot", ".github/dependabot.yml"),
        passes("zizmor", "--offline", "--quiet", ".github"),
    ]
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
