"""A change rolls whoever imports, renders or serves it, and the table in deploy/README.md says so."""

import json
import subprocess
import sys

import pytest
from ruamel.yaml import YAML

from deploy.ci.jobs import ROOT
from deploy.ci.rollout import EVERYBODY, reached, rollout, table
from deploy.ci.workflows import WORKFLOWS
from deploy.tests.manifests.answers import Answers
from deploy.tests.manifests.conftest import PODS


@pytest.mark.parametrize(
    ("file", "roles"),
    [
        ("chat_svc/api/messages.py", ["chat"]),
        ("gateway_svc/views/threads.py", ["gateway"]),
        ("realtime_svc/hub/room.py", ["realtime"]),
        ("templates/pages/chats/chat.html", ["gateway"]),
        ("templates/admin/log.html", ["auth"]),
        ("static/js/main.js", ["gateway", "auth"]),  # the admin's as well
        ("chat_svc/migrations/0001_initial.py", ["migrate"]),
        ("abdre/management/commands/backup.py", ["backup"]),
        ("abdre/locale/kk/LC_MESSAGES/django.po", PODS),
        ("requirements.txt", EVERYBODY),
        ("deploy/docker/entrypoint", EVERYBODY),
        ("a_new_thing/of.nobody", EVERYBODY),
        ("chat_svc/tests/test_models.py", []),
        ("deploy/k8s/base/role/deployment.yaml", []),  # applied, and not built
        ("README.md", []),
        ("requirements-test.txt", []),
    ],
)
def test_a_change_rolls(file: str, roles: list[str]):
    assert rollout([file]) == roles


def test_changes_together_roll_all_that_each_rolls():
    assert rollout(["chat_svc/api/messages.py", "realtime_svc/hub/room.py", "README.md"]) == ["chat", "realtime"]


def test_a_fact_that_is_handed_down_by_a_setting_rolls_whoever_asks_for_it():
    """No module below auth_svc imports it; abdre.tokens finds it by SESSION_IS_ALIVE."""
    assert {"user", "chat", "realtime", "worker"} <= set(rollout(["auth_svc/selectors/__init__.py"]))


def test_no_service_rolls_the_gateway_nor_the_gateway_a_service():
    for role in PODS:
        apps = {module.partition(".")[0] for module in reached(role)}
        assert ("gateway_svc" in apps) == (role == "gateway")
        assert ("chat_svc" in apps) == (role != "gateway")


@pytest.mark.parametrize("role", PODS)
def test_everything_that_a_process_has_imported_is_known_to_roll_it(of_roles: Answers, role: str):
    imported = set(of_roles.of("prod", role)["modules"])

    assert len(imported) > 50
    assert imported - reached(role) == set()


def test_the_table_of_the_readme_is_this_one():
    """If it is not: `python -m deploy.ci.rollout --write`."""
    assert table() in (ROOT / "deploy/README.md").read_text()


@pytest.mark.parametrize(
    ("asked", "rolls"),
    [
        (["--changed", "chat_svc/api/messages.py"], ["chat"]),
        (["--since", "HEAD"], []),
        (["--since", "0" * 40], EVERYBODY),  # a first push, or one that has thrown away what was before
        (["--since", ""], EVERYBODY),  # nothing was ever offered
    ],
)
def test_pipelines_read_it_as_json(asked: list[str], rolls: list[str]):
    command = [sys.executable, "-m", "deploy.ci.rollout", *asked]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    assert json.loads(done.stdout) == rolls


def test_a_role_s_pipeline_asks_what_has_changed_since_it_last_went_well():
    """Not since the push before: a run that failed, or was cancelled while it waited, has offered nothing."""
    jobs = YAML(typ="safe").load(WORKFLOWS / "service.yml")["jobs"]
    (rolls,) = (step for step in jobs["test"]["steps"] if step.get("id") == "rollout")

    assert "deploy.ci.rollout --since" in rolls["run"]
    assert rolls["env"]["SINCE"] == "${{ needs.since.outputs.commit }}"
    assert "--status success" in jobs["since"]["steps"][0]["run"]
