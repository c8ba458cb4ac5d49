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
EXAMPLE = COMPOSE.parent / ".env.example"
# `${NAME:-what holds if it is not chosen}`, or `${NAME:+what holds if it is}`.
VARIABLE = re.compile(r"\$\{([A-Z_]+):([-+])([^}]*)\}")
LISTED = re.compile(r"^#([A-Z_]+)=", re.MULTILINE)
# Pictures and what people send: written by two roles.
NO_SECRETS = {"files:/data/files"}
# No secret: the operator's own file of places.
PLACES = "/geoip.mmdb"


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """As compose reads it when nothing is chosen."""
    return read()


def read(**chosen: str) -> dict[str, Any]:
    services: dict[str, Any] = resolved(yaml.safe_load(COMPOSE.read_text()), chosen)["services"]
    return services


def resolved(value: Any, chosen: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: resolved(inner, chosen) for name, inner in value.items()}
    if isinstance(value, list):
        return [resolved(inner, chosen) for inner in value]
    return VARIABLE.sub(lambda found: _value(chosen, *found.groups()), value) if isinstance(value, str) else value


def _value(chosen: dict[str, str], name: str, sign: str, text: str) -> str:
    if sign == "-":
        return chosen.get(name) or text
    return text if chosen.get(name) else ""


def environment(service: dict[str, Any]) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in service["environment"].items()}


def folders(service: dict[str, Any]) -> dict[str, str]:
    """Where a volume of secrets is mounted → the volume."""
    mounts = (mount.split(":") for mount in service["volumes"] if mount not in NO_SECRETS)
    return {where: volume for volume, where, *_ in mounts if where != PLACES}


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


@pytest.mark.parametrize(
    ("name", "value", "readers"),
    [
        ("EMAIL_USE_SSL", "true", {"worker"}),
        ("EMAIL_USE_TLS", "false", {"worker"}),
        ("ABDRE_ADMIN_SECOND_FACTOR", "false", {"auth"}),
        # The gateway has a key of its own, and no other's.
        ("SECRET_KEY_FALLBACKS", "the-one-before", {*PODS, "migrate"} - {"gateway"}),
    ],
)
def test_what_an_operator_chooses_reaches_whoever_reads_it(name: str, value: str, readers: set[str]):
    given = {role: environment(read(**{name: value})[role]) for role in [*PODS, "migrate"]}

    assert {role for role, variables in given.items() if variables.get(name) == value} == readers


def test_the_file_of_places_is_mounted_where_auth_looks_for_it(services: dict[str, Any]):
    chosen = read(ABDRE_GEOIP_DATABASE="/srv/city.mmdb")["auth"]

    assert environment(chosen)["ABDRE_GEOIP_DATABASE"] == PLACES
    assert f"/srv/city.mmdb:{PLACES}:ro" in chosen["volumes"]
    assert environment(services["auth"])["ABDRE_GEOIP_DATABASE"] == ""
    assert f"/dev/null:{PLACES}:ro" in services["auth"]["volumes"]


def test_the_worker_is_content_with_tls_from_the_first_byte(fresh_secrets: Path, ask_role: Asking):
    chosen = {"EMAIL_HOST": "smtp.example.org", "ABDRE_PUBLIC_ORIGIN": "https://chat.example.org"}
    tls = {"EMAIL_USE_SSL": "true", "EMAIL_USE_TLS": "false", "EMAIL_PORT": "465"}
    given = environment(read(**chosen, **tls)["worker"])

    facts = ask_role(
        {name: value.replace("/secrets", str(fresh_secrets)) for name, value in given.items()}, "localhost"
    )

    assert facts["role"] == "worker"


def test_all_that_can_be_chosen_is_told():
    read_there = {name for name, _sign, _text in VARIABLE.findall(COMPOSE.read_text())}

    assert read_there == set(LISTED.findall(EXAMPLE.read_text()))


@pytest.mark.parametrize("role", [*PODS, "migrate"])
def test_a_role_sees_the_secrets_that_it_reads_and_no_others(services: dict[str, Any], role: str):
    service = services[role]
    read = {str(Path(value).parent) for name, value in environment(service).items() if name.endswith("_FILE")}

    assert folders(service).keys() == read
    assert all(mount.endswith(":ro") for mount in service["volumes"] if mount not in NO_SECRETS)


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
