"""Each of the six roles and the worker alone, by Django's own `runserver`, and what it says it lacks."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from deploy.ci.jobs import ROOT
from deploy.ci.servers import Postgres, Redis, make_keys
from deploy.ci.stack import Process, plain_environment, settings_of

pytestmark = pytest.mark.split
ROLES = ["gateway", "auth", "user", "oauth", "chat", "realtime", "worker"]


class Runserver(Process):
    """`manage.py runserver` of one role: up as soon as it lives."""

    def __init__(self, role: str, environment: dict[str, str]) -> None:
        self.name = role
        super().__init__()
        self.environment = environment

    def start(self) -> None:
        command = [sys.executable, "manage.py", "runserver", "--noreload", f"--settings={settings_of(self.name)}"]
        self.launch([*command, str(self.port)], env=self.environment, cwd=ROOT)

    def is_ready(self) -> bool:
        return get(f"{self.url}/livez")[0] == 200


def get(url: str) -> tuple[int, dict[str, object]]:
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)
    except OSError:
        return 0, {}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with Postgres() as postgres, Redis() as redis:
        yield {
            **plain_environment(),
            "DATABASE_URL": postgres.create_database("abdre"),
            "REDIS_URL": redis.url,
            "SECRET_KEY": "k" * 48,
            "ABDRE_ALLOWED_HOSTS": "127.0.0.1",
            **make_keys(tmp_path_factory.mktemp("keys")),
        }


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_alone_starts_and_says_what_it_lacks(role: str, environment: dict[str, str]):
    lacking = environment | {"REDIS_URL": "redis://127.0.0.1:1/0"}
    with Runserver(role, lacking) as server:
        status, answer = get(f"{server.url}/readyz")

    assert status == 503
    assert "REDIS_URL" in str(answer)
    if role != "gateway":
        assert "migrate" in str(answer)


def test_pages_name_and_get_their_files_under_debug_as_ever(environment: dict[str, str]):
    """Django's own handler for static files would stand before ours, and knows plain names only."""
    with Runserver("auth", environment | {"DEBUG": "true"}) as server:
        with urllib.request.urlopen(f"{server.url}/static/admin/css/base.0123456789ab.css", timeout=10) as response:
            assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("command", ["migrate", "prune"])
def test_the_gateway_has_no_database_and_says_which_role_to_use(environment: dict[str, str], command: str):
    refused = manage(environment, command, "--settings=gateway_svc.settings")

    assert refused.returncode == 1
    assert "The gateway has no database." in refused.stderr
    assert "auth_svc.settings" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_any_role_with_tables_can_migrate(environment: dict[str, str]):
    for role in ROLES[1:]:
        done = manage(environment, "migrate", "--verbosity=0", f"--settings={settings_of(role)}")
        assert done.returncode == 0, done.stderr


def test_a_role_that_signs_nobody_in_and_serves_no_chat_says_what_would_be_pruned(environment: dict[str, str]):
    manage(environment, "migrate", "--verbosity=0", "--settings=user_svc.settings")

    done = manage(environment, "prune", "--dry-run", "--settings=user_svc.settings")

    assert (done.returncode, "Sessions that are over: 0 due" in done.stdout) == (0, True), done.stderr
