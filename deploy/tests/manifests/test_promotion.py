"""A digest goes from one overlay to the next, and each role has a workflow that hears of what it is made of."""

import os
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from deploy.ci import workflows
from deploy.ci.docs import tracked
from deploy.ci.graph import JOBS
from deploy.ci.images_of_overlay import OVERLAYS, take
from deploy.ci.jobs import ROOT
from deploy.ci.role_settings import PODS
from deploy.ci.rollout import EVERYBODY, roles_for

IMAGE = "images.example/abdre-chat"
FIRST, SECOND = (f"sha256:{digit * 64}" for digit in "12")
OVERLAY = """\
# Kept.
images:
{images}"""
ENTRY = """\
  - name: abdre-chat/{name}
    newName: elsewhere.example/abdre-chat
    newTag: "1.0.0"
"""


@pytest.fixture
def overlays(tmp_path: Path) -> Path:
    for place in ("dev", "staging", "prod"):
        for folder, names in {"roles": ["chat", "user"], "migrate": ["migrate"]}.items():
            path = tmp_path / place / folder / "kustomization.yaml"
            path.parent.mkdir(parents=True)
            path.write_text(OVERLAY.format(images="".join(ENTRY.format(name=name) for name in names)))
    return tmp_path


def runs(overlays: Path, place: str) -> dict[str, str]:
    files = [YAML().load(path) for path in (overlays / place).glob("**/kustomization.yaml")]
    return {
        entry["name"].rpartition("/")[2]: entry.get("digest") or entry["newTag"]
        for file in files
        for entry in file.get("images", [])
    }


def test_dev_takes_what_was_built_for_one_role_and_for_the_migrate_job(overlays: Path):
    assert take("dev", "chat", IMAGE, FIRST, overlays=overlays) == {f"{IMAGE}@{FIRST}"}

    assert runs(overlays, "dev") == {"chat": FIRST, "user": "1.0.0", "migrate": FIRST}
    assert (
        (overlays / "dev/roles/kustomization.yaml")
        .read_text()
        .startswith("# Kept.\nimages:\n  - name: abdre-chat/chat")
    )


def test_the_next_place_takes_what_the_one_before_it_runs(overlays: Path):
    take("dev", "all", IMAGE, FIRST, overlays=overlays)
    take("staging", "all", IMAGE, overlays=overlays)
    take("dev", "chat", IMAGE, SECOND, overlays=overlays)

    assert take("prod", "chat", IMAGE, overlays=overlays) == {f"{IMAGE}@{FIRST}"}
    assert runs(overlays, "prod") == {"chat": FIRST, "user": "1.0.0", "migrate": FIRST}


@pytest.mark.parametrize(
    ("place", "role", "digest"),
    [
        ("prod", "chat", FIRST),  # nobody was asked in staging
        ("dev", "chat", ""),
        ("dev", "chat", "latest"),
        ("staging", "chat", ""),  # dev runs no digest yet
        ("dev", "nobody", FIRST),
    ],
)
def test_nothing_else_is_taken(overlays: Path, place: str, role: str, digest: str):
    with pytest.raises(SystemExit):
        take(place, role, IMAGE, digest, overlays=overlays)

    assert set(runs(overlays, place)) == {"chat", "user", "migrate"}
    assert runs(overlays, place)["chat"] == "1.0.0"


def test_a_promotion_that_fails_writes_nothing(overlays: Path):
    take("dev", "chat", IMAGE, FIRST, overlays=overlays)  # with the migrate Job, and without user

    with pytest.raises(SystemExit):
        take("staging", "all", IMAGE, overlays=overlays)

    assert runs(overlays, "staging") == {"chat": "1.0.0", "user": "1.0.0", "migrate": "1.0.0"}


@pytest.mark.parametrize(("role", "code"), [("all", 1), ("chat", 1), ("chat", 0)])
def test_nothing_is_written_that_was_not_asked_for_its_signature(overlays: Path, tmp_path: Path, role: str, code: int):
    """`all` fails by itself, since dev runs no digest of user; `chat` where cosign does not know the signature."""
    take("dev", "chat", IMAGE, FIRST, overlays=overlays)

    done = promoted("staging", role, tree_with(overlays, tmp_path / "tree", cosign=f"exit {code}"))

    assert (done.returncode == 0) == (code == 0)
    assert runs(tmp_path / "tree/deploy/k8s/overlays", "staging")["migrate"] == ("1.0.0" if code else FIRST)


def test_a_house_as_it_is_goes_all_the_way(tmp_path: Path):
    """Prod makes backups, dev and staging make none."""
    overlays = shutil.copytree(OVERLAYS, tmp_path / "overlays")
    take("dev", "all", IMAGE, FIRST, overlays=overlays)
    take("staging", "all", IMAGE, overlays=overlays)

    assert take("prod", "all", IMAGE, overlays=overlays) == {f"{IMAGE}@{FIRST}"}
    assert runs(overlays, "prod") == dict.fromkeys(EVERYBODY, FIRST)


@pytest.mark.parametrize("role", ["chat", "backup"])
def test_the_jobs_go_with_every_role(tmp_path: Path, role: str):
    overlays = shutil.copytree(OVERLAYS, tmp_path / "overlays")
    take("dev", "all", IMAGE, FIRST, overlays=overlays)
    take("staging", "all", IMAGE, overlays=overlays)
    take("prod", role, IMAGE, overlays=overlays)

    assert {name for name, digest in runs(overlays, "prod").items() if digest == FIRST} == {role, *JOBS}


def test_what_rolls_a_job_alone_is_built_too():
    service = (workflows.WORKFLOWS / "service.yml").read_text()

    assert f'"($ROLE|{"|".join(JOBS)})' in service.replace("\\", "")


@pytest.mark.parametrize("role", PODS)
def test_a_role_s_workflow_hears_of_whatever_rolls_it(role: str):
    (filtered,) = {tuple(event["paths"]) for event in events_of(role)}

    deaf = [
        file
        for file in (str(path.relative_to(ROOT)) for path in tracked())
        if role in roles_for(file) and not any(fnmatch(file, pattern) for pattern in filtered)
    ]

    assert deaf == []


@pytest.mark.parametrize(("folder", "roles"), [("gateway_svc", {"gateway"}), ("realtime_svc", {"realtime"})])
def test_a_service_of_its_own_rolls_no_other(folder: str, roles: set[str]):
    assert {role for role in PODS if f"{folder}/**" in workflows.paths_of(role)} == roles


def test_what_waits_for_another_workflow_is_not_cancelled_by_a_third():
    """GitHub lets one wait of a group, unless it is told `queue: max`; a newer run of a branch may push out."""
    groups = [group for path in workflows.WORKFLOWS.iterdir() for group in groups_of(YAML(typ="safe").load(path))]

    shared = [group for group in groups if "github.ref }}" not in group["group"]]

    assert len(shared) == 2  # one image of a commit, one promotion to a place
    assert [group.get("queue") for group in shared] == ["max", "max"]


def test_whoever_asks_for_a_signature_is_signed_in_to_the_registry():
    """A new package is a private one there."""
    jobs = [
        job
        for path in workflows.WORKFLOWS.iterdir()
        for job in YAML(typ="safe").load(path)["jobs"].values()
        if any(script in str(job) for script in ("deploy/ci/publish", "deploy/ci/promote", "promote.yml"))
    ]

    assert len(jobs) == 3
    assert all(job["permissions"].get("packages") in ("read", "write") for job in jobs)
    assert all("docker login" in str(job) for job in jobs if "steps" in job)


def groups_of(workflow: dict[str, Any]) -> list[dict[str, str]]:
    return [part["concurrency"] for part in (workflow, *workflow["jobs"].values()) if "concurrency" in part]


def events_of(role: str) -> list[dict[str, list[str]]]:
    workflow = YAML(typ="safe").load(workflows.WORKFLOWS / f"{role}.yml")
    return list(workflow["on"].values())


def tree_with(overlays: Path, tree: Path, cosign: str) -> Path:
    """The script's own tree, and stand-ins for what it would install or ask the network for."""
    shutil.copytree(overlays, tree / "deploy/k8s/overlays", ignore=shutil.ignore_patterns("tree"))
    (tree / "deploy/ci").mkdir()
    for name in ("promote", "images_of_overlay.py"):
        shutil.copy(ROOT / "deploy/ci" / name, tree / "deploy/ci" / name)
    shutil.copy(ROOT / "requirements-tools.txt", tree)
    venv = tree / ".artifacts/promote-venv/bin"
    programs = {
        tree / "bin/python3": "",
        tree / "bin/cosign": cosign,
        venv / "pip": "",
        venv / "python": f'exec {sys.executable} "$@"',
    }
    for path, does in programs.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{does}\n")
        path.chmod(0o755)
    return tree


def promoted(place: str, role: str, tree: Path) -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | {"PATH": f"{tree / 'bin'}:{os.environ['PATH']}", "SIGNER": "ours"}
    command = [tree / "deploy/ci/promote", place, role, IMAGE]
    return subprocess.run(command, env=environment, capture_output=True, check=False)
