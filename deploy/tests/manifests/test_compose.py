"""compose.yaml: every role finds its secrets, sees no others, and is content with its environment."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.ci.jobs import ROOT
from deploy.tests.manifests.conftest import PODS, ROLES, Asking

COMPOSE = ROOT / "deploy" / "compose" / "compose.yaml"
VARIABLE = re.compile(r"\$\{[A-Z_]+:-([^}]*)\}")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """As compose reads it when nothing is chosen: each variable has the default that stands beside it."""
    services: dict[str, Any] = unchosen(yaml.safe_load(COMPOSE.read_text()))["services"]
    return services


def unchosen(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: unchosen(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [unchosen(inner) for inner in value]
    return VARIABLE.sub(r"\1", value) if isinstance(value, str) else value


def environment(service: dict[str, Any]) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in service["environment"].items()}


def folders(service: dict[str, Any]) -> dict[str, str]:
    """Where a volume is mounted → the volume."""
    return {where: volume for volume, where, *_ in (mount.split(":") for mount in service["volumes"])}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_content_with_its_environment_unedited(
    services: dict[str, Any], fresh_secrets: Path, ask_role: Asking, role: str
):
    given = environment(services[role])

    facts = ask_role(
        {name: value.replace("/secrets", str(fresh_secrets)) for name, value in given.items()}, "localhost"
    )

    assert facts["role"] == role
    assert facts["port"] == int(given["PORT"])
    own = [f"http://{role}:{facts['port']}"]
    assert facts["upstreams"].get(role, own) == own


def test_the_worker_is_content_once_it_has_a_mail_server(
    services: dict[str, Any], fresh_secrets: Path, ask_role: Asking
):
    chosen = {"EMAIL_HOST": "smtp.example.org", "ABDRE_PUBLIC_ORIGIN": "https://chat.example.org"}
    given = environment(services["worker"]) | chosen

    facts = ask_role(
        {name: value.replace("/secrets", str(fresh_secrets)) for name, value in given.items()}, "localhost"
    )

    assert (facts["role"], facts["port"]) == ("worker", int(given["PORT"]))
    assert (facts["has_tables"], facts["signs"]) == (True, False)


@pytest.mark.parametrize("role", [*PODS, "migrate"])
def test_a_role_sees_the_secrets_that_it_reads_and_no_others(services: dict[str, Any], role: str):
    service = services[role]
    read = {str(Path(value).parent) for name, value in environment(service).items() if name.endswith("_FILE")}

    assert folders(service).keys() == read
    assert all(mount.endswith(":ro") for mount in service["volumes"])


def test_the_gateway_has_no_way_to_postgresql(services: dict[str, Any]):
    assert not set(services["gateway"]["networks"]) & set(services["postgres"]["networks"])
    assert [name for name, service in services.items() if "ports" in service] == ["gateway"]


def test_secrets_are_made_into_every_volume_that_is_read(services: dict[str, Any], fresh_secrets: Path):
    made = folders(services["secrets"])

    for role in [*PODS, "migrate"]:
        assert folders(services[role]).items() <= made.items()
    assert {f"/secrets/{folder.name}" for folder in fresh_secrets.iterdir()} == made.keys()


def test_keys_are_rotated_where_the_roles_read_them(services: dict[str, Any], fresh_secrets: Path, tmp_path: Path):
    service = services["rotate-keys"]
    own = tmp_path / "secrets"
    shutil.copytree(fresh_secrets, own)
    given = {name: value.replace("/secrets", str(own)) for name, value in environment(service).items()}

    done = subprocess.run(
        [sys.executable, *service["command"][1:]], cwd=ROOT, env={"PATH": os.environ["PATH"], **given}, check=False
    )

    assert done.returncode == 0
    assert service["profiles"]  # else `up` would rotate
    assert folders(service).items() <= folders(services["secrets"]).items()
    for role in ("auth", "gateway"):
        assert set(environment(services[role]).items()) & {
            (name, path) for name, path in environment(service).items() if name.endswith("_KEYS_FILE")
        }
    assert (own / "signing" / "signing.pem").read_text().count("BEGIN") == 2
    assert len(json.loads((own / "verifying" / "verifying.json").read_text())["keys"]) == 2


@pytest.mark.parametrize("name", [*PODS, "migrate", "secrets", "rotate-keys", "redis"])
def test_a_container_may_do_nothing_that_it_need_not(services: dict[str, Any], name: str):
    service = services[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("role", [role for role in PODS if role != "gateway"])
def test_no_role_starts_before_the_schema_is_there(services: dict[str, Any], role: str):
    assert services[role]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_the_gateway_waits_for_those_whom_it_asks(services: dict[str, Any]):
    assert services["gateway"]["depends_on"] == {
        role: {"condition": "service_healthy"} for role in ROLES if role != "gateway"
    }
