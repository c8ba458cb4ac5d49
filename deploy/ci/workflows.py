"""One workflow per Deployment, filtered by the table *changed folder → roles*: `python -m deploy.ci.workflows`.

Says whether the committed ones are what the table says, and whether all of .github passes GitHub's own schema and
zizmor's rules; `--write` writes them anew.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from deploy.ci.jobs import ROOT

WORKFLOWS = ROOT / ".github/workflows"
BIN = Path(sys.executable).parent
ROLES = ["gateway", "auth", "user", "oauth", "chat", "realtime", "worker"]
# What every image holds, and what makes it.
EVERYBODYS = ["abdre", "manage.py", "requirements.txt", "deploy/docker", "deploy/ci", ".github/workflows/service.yml"]
PAGES = ["static", "templates"]
TEMPLATE = """\
# Written by `python -m deploy.ci.workflows --write` from what {settings} installs; do not edit.
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
    uses: ./.github/workflows/service.yml
    with:
      role: {role}
      app: {app}
"""


def settings_of(role: str) -> Path:
    return ROOT / ("abdre/settings/worker.py" if role == "worker" else f"{role}_svc/settings.py")


def apps_of(role: str) -> list[str]:
    """Whose code a process of that role has in it: what its settings, and those it begins with, name."""
    text = settings_of(role).read_text()
    for name in re.findall(r"^from abdre\.settings\.(\w+) import \*", text, re.MULTILINE):
        text += (ROOT / f"abdre/settings/{name}.py").read_text()
    return sorted(set(re.findall(r"\b(\w+_svc)\b", text)))


def paths_of(role: str) -> list[str]:
    folders = [*EVERYBODYS, *apps_of(role), *PAGES]
    return [f"{folder}/**" if (ROOT / folder).is_dir() else folder for folder in folders]


def workflow(role: str) -> str:
    paths = "\n".join(f'      - "{path}"' for path in [*paths_of(role), f".github/workflows/{role}.yml"])
    settings = settings_of(role).relative_to(ROOT)
    app = "abdre" if role == "worker" else f"{role}_svc"
    return TEMPLATE.format(role=role, app=app, settings=settings, paths=paths)


def outdated() -> Iterator[str]:
    for role in ROLES:
        path = WORKFLOWS / f"{role}.yml"
        if not path.exists() or path.read_text() != workflow(role):
            yield f"{path.relative_to(ROOT)} is not what the table says: python -m deploy.ci.workflows --write"


def passes(*command: str) -> bool:
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout + done.stderr)
    return done.returncode == 0


def main() -> int:
    if "--write" in sys.argv:
        for role in ROLES:
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
