"""deploy/k8s/release takes a house's steps in order, and stops where one fails."""

import os
import subprocess
from pathlib import Path

import pytest

from deploy.ci.jobs import ROOT
from deploy.tests.manifests.conftest import PODS
from deploy.tests.manifests.house import K8S

# Stands for a cluster: notes what it is told, and fails where it is told to.
KUBECTL = """#!/bin/sh
echo "$*" >>"$TOLD"
case "$*" in *"$FAILING"*) exit 1 ;; esac
"""


class Told:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "kubectl").write_text(KUBECTL)
        (folder / "kubectl").chmod(0o755)

    def release(self, *arguments: str, failing: str = "nothing") -> int:
        environment = {
            "PATH": f"{self.folder}:{os.environ['PATH']}",
            "TOLD": str(self.folder / "told"),
            "FAILING": failing,
        }
        return subprocess.run([str(K8S / "release"), *arguments], cwd=ROOT, env=environment, check=False).returncode

    def lines(self) -> list[str]:
        return (self.folder / "told").read_text().splitlines()


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


def test_stores_stand_before_the_schema_and_the_schema_before_the_roles(told: Told):
    assert told.release("deploy/k8s/overlays/prod") == 0

    deeds = [line.removeprefix("apply -k deploy/k8s/overlays/prod/") for line in told.lines()]
    assert deeds[:6] == [
        "common",
        "stores",
        "delete job migrate --namespace abdre --ignore-not-found",
        "migrate",
        "wait job/migrate --namespace abdre --for=condition=complete --timeout=10m",
        "roles",
    ]
    assert [deed.rpartition("/abdre-")[2] for deed in deeds[6:]] == PODS


def test_a_house_with_stores_elsewhere_has_no_step_for_them(told: Told):
    assert told.release("deploy/k8s/tests/plain") == 0

    assert not any("stores" in line for line in told.lines())


def test_no_role_rolls_onto_a_schema_that_is_not_there(told: Told):
    assert told.release("deploy/k8s/overlays/prod", failing="wait job/migrate") != 0

    assert not any("roles" in line or "rollout" in line for line in told.lines())


def test_a_role_rolls_by_itself(told: Told):
    assert told.release("deploy/k8s/overlays/prod", "chat") == 0

    assert told.lines() == [
        "apply -k deploy/k8s/overlays/prod/roles --selector app.kubernetes.io/name=chat",
        "rollout status --namespace abdre --timeout=30m deployment/abdre-chat",
    ]
