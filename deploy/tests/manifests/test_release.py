"""deploy/k8s/release takes a house's steps in order, and stops where one fails."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from deploy.ci.jobs import ROOT
from deploy.tests.manifests.conftest import PODS
from deploy.tests.manifests.house import K8S, house, render

# Stands for a cluster: notes what it is told and what settings the pods are to have, and fails where it is told to.
KUBECTL = f"""#!/bin/sh
[ "$1" != kustomize ] || exec {shutil.which("kubectl")} "$@"
echo "$*" >>"$TOLD/told"
case "$*" in
*"$FAILING"*) exit 1 ;;
"get configmap common"*) cat "$TOLD/common" ;;
"get job migrate"*) cat "$TOLD/job" ;;
"apply --selector"*) awk '/abdre.settings:/ {{ print $2; exit }}' >>"$TOLD/settings" ;;
esac
"""
# The Job has ended when somebody has waited for it.
SLEEP = """#!/bin/sh
echo Complete >"$TOLD/job"
echo "sleep $*" >>"$TOLD/told"
"""


class Told:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, program in {"kubectl": KUBECTL, "sleep": SLEEP}.items():
            (folder / name).write_text(program)
            (folder / name).chmod(0o755)
        (folder / "job").write_text("SuccessCriteriaMet Complete")
        (folder / "common").write_text('{"EMAIL_HOST": "smtp.example.org"}')

    def release(self, *arguments: str, failing: str = "nothing") -> int:
        for left in ("told", "settings"):
            (self.folder / left).unlink(missing_ok=True)
        environment = {
            "PATH": f"{self.folder}:{os.environ['PATH']}",
            "TOLD": str(self.folder),
            "FAILING": failing,
        }
        return subprocess.run([str(K8S / "release"), *arguments], cwd=ROOT, env=environment, check=False).returncode

    def lines(self) -> list[str]:
        """What it was told to change, or to wait for."""
        told = (self.folder / "told").read_text().splitlines()
        return [line for line in told if not line.startswith("get ")]

    def settings(self) -> list[str]:
        """Of each role that rolled, in order, the sum of what its pods read at their start."""
        return (self.folder / "settings").read_text().splitlines()


@pytest.fixture
def told(tmp_path: Path) -> Told:
    return Told(tmp_path)


def test_stores_stand_before_the_schema_and_the_schema_before_the_roles(told: Told):
    assert told.release("deploy/k8s/overlays/prod") == 0

    deeds = [line.removeprefix("apply -k deploy/k8s/overlays/prod/") for line in told.lines()]
    assert deeds[:4] == [
        "common",
        "stores",
        "delete job migrate --namespace abdre --ignore-not-found",
        "migrate",
    ]
    assert deeds[4] == "roles --selector !app.kubernetes.io/name"  # policies, before anybody speaks


def test_each_role_rolls_by_itself_and_the_gateway_last(told: Told):
    assert told.release("deploy/k8s/overlays/prod") == 0

    rolled = told.lines()[5:]
    roles = [line.rpartition("name=")[2].split()[0] for line in rolled[::2]]
    assert sorted(roles) == sorted(PODS)
    assert (roles[0], roles[-1]) == ("worker", "gateway")
    assert [line.split()[2] for line in rolled[1::2]] == [f"deployment/abdre-{role}" for role in roles]


def test_everything_is_some_roles_or_nobodys():
    """By the label that a release goes by; else it would be applied never."""
    for home in ("dev", "staging", "prod"):
        for document in render(K8S / "overlays" / home / "roles"):
            labels = document["metadata"]["labels"]
            assert labels.get("app.kubernetes.io/name", PODS[0]) in PODS


def test_a_house_with_stores_elsewhere_has_no_step_for_them(told: Told):
    assert told.release("deploy/k8s/tests/plain") == 0

    assert not any("stores" in line for line in told.lines())


@pytest.mark.parametrize("state", ["Failed", "FailureTarget Failed"])
def test_no_role_rolls_onto_a_schema_that_is_not_there(told: Told, state: str):
    (told.folder / "job").write_text(state)

    assert told.release("deploy/k8s/overlays/prod") != 0

    assert told.lines()[-1] == "apply -k deploy/k8s/overlays/prod/migrate"  # at once, and nothing after it


def test_no_role_rolls_while_the_schema_is_being_made(told: Told):
    (told.folder / "job").write_text("")

    assert told.release("deploy/k8s/overlays/prod") == 0

    assert told.lines()[3:5] == ["apply -k deploy/k8s/overlays/prod/migrate", "sleep 5"]


def test_a_schema_has_hours():
    """An index of a large table takes as long as it takes; ended early, it would be begun anew with every release."""
    assert house("base").workload("migrate")["spec"]["activeDeadlineSeconds"] >= 6 * 3600


def test_a_role_rolls_by_itself(told: Told):
    assert told.release("deploy/k8s/overlays/prod", "chat") == 0

    assert told.lines() == [
        "apply --selector app.kubernetes.io/name=chat -f -",
        "rollout status deployment/abdre-chat --namespace abdre --timeout=30m",
    ]


def test_pods_that_run_on_former_settings_are_replaced(told: Told):
    """ConfigMaps are read at a pod's start; only its template's change makes another pod."""
    told.release("deploy/k8s/overlays/prod")
    former = told.settings()
    (told.folder / "common").write_text('{"EMAIL_HOST": "mail.example.org"}')

    told.release("deploy/k8s/overlays/prod")

    assert len(former) == len(PODS)
    assert not set(former) & set(told.settings())


def test_a_roles_own_settings_replace_its_pods_alone(told: Told, tmp_path: Path):
    shutil.copytree(K8S, tmp_path / "k8s")
    own = tmp_path / "k8s/base/chat/configmap.yaml"
    told.release(f"{tmp_path}/k8s/overlays/prod")
    former = told.settings()
    own.write_text(own.read_text().replace("data:\n", "data:\n  WEB_CONCURRENCY: '7'\n"))

    told.release(f"{tmp_path}/k8s/overlays/prod")

    assert len(set(former) - set(told.settings())) == 1


def test_where_no_setting_changed_no_pod_is_replaced_for_it(told: Told):
    told.release("deploy/k8s/overlays/prod")
    former = told.settings()

    told.release("deploy/k8s/overlays/prod")

    assert told.settings() == former
