"""compose.yaml: every role finds its secrets, sees no others, is content with its environment, and may do no more."""

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
from deploy.tests.manifests.conftest import KEEP_FILES, PODS, ROLES, Asking

COMPOSE = ROOT / "deploy" / "compose" / "compose.yaml"
EXAMPLE = COMPOSE.parent / ".env.example"
OBSERVABILITY = COMPOSE.parent / "compose.observability.yaml"
# `${NAME:-what holds if it is not chosen}`, or `${NAME:+what holds if it is}`.
VARIABLE = re.compile(r"\$\{([A-Z_]+):([-+])([^}]*)\}")
READ_BY_COMPOSE = {"COMPOSE_FILE"}
LISTED = re.compile(r"^#([A-Z_]+)=", re.MULTILINE)
# Pictures and what people send, written by several roles; and what is kept of them.
FILES = "files:/data/files"
BACKUPS = "backups:/backups"
NO_SECRETS = {FILES, BACKUPS}
# No secret: the operator's own file of places.
PLACES = "/geoip.mmdb"
# What a process keeps at most, unless ABDRE_DATABASE_POOL says otherwise.
POOL = 16


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
    files = [path.read_text() for path in COMPOSE.parent.glob("compose*.yaml")]
    read_there = {name for file in files for name, _sign, _text in VARIABLE.findall(file)}

    assert read_there | READ_BY_COMPOSE == set(LISTED.findall(EXAMPLE.read_text()))


@pytest.mark.parametrize("role", [*PODS, "migrate"])
def test_a_role_sees_the_secrets_that_it_reads_and_no_others(services: dict[str, Any], role: str):
    service = services[role]
    read = {str(Path(value).parent) for name, value in environment(service).items() if name.endswith("_FILE")}

    assert folders(service).keys() == read
    assert all(mount.endswith(":ro") for mount in service["volumes"] if mount not in NO_SECRETS)


def test_the_outside_reaches_the_edge_the_edge_the_gateway_and_neither_a_store(services: dict[str, Any]):
    networks = {name: set(service.get("networks", [])) for name, service in services.items()}

    assert [name for name, service in services.items() if "ports" in service] == ["edge"]
    assert {name for name in networks if networks[name] & (networks["edge"] - {"outside"})} == {"edge", "gateway"}
    assert not networks["gateway"] & networks["postgres"]
    # Out of the house go the edge, for certificates, and who asks others in our name.
    assert {name for name in networks if "outside" in networks[name]} == {"edge", "oauth", "worker"}


def test_unedited_the_edge_publishes_one_port_and_with_a_public_name_what_is_chosen(services: dict[str, Any]):
    chosen = read(PORT="80", HTTPS_PORT="443", ABDRE_PUBLIC_ORIGIN="https://chat.example.org")["edge"]

    assert services["edge"]["ports"] == ["8000:8080", "127.0.0.1::8443"]  # the second: a free one of this host's own
    assert chosen["ports"] == ["80:8080", "443:8443"]
    assert environment(chosen)["ABDRE_PUBLIC_ORIGIN"] == "https://chat.example.org"


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


def test_backups_are_made_and_put_back_as_the_schema_is_made_and_with_the_files(services: dict[str, Any]):
    backup, migrate = services["backup"], services["migrate"]

    assert backup["profiles"]  # else `up` would make one
    assert environment(backup) == environment(migrate)
    assert {*backup["volumes"]} == {*migrate["volumes"], FILES, BACKUPS}
    assert backup["networks"] == migrate["networks"]
    assert "run --rm backup" in (ROOT / "deploy/runbooks/restore.md").read_text()


def test_each_volume_of_ours_is_mounted_where_the_image_lets_its_user_write(services: dict[str, Any]):
    """A new volume takes over whose the folder is; without one it is root's."""
    (made,) = re.findall(r"install -d .*?\n    &&", (ROOT / "deploy/docker/Dockerfile").read_text(), re.DOTALL)
    ours = [one for one in services.values() if one["image"] == services["gateway"]["image"]]
    mounts = {mount.split(":")[1] for one in ours for mount in one["volumes"] if mount[0] != "/"}

    assert mounts <= set(made.split())


def excesses(service: dict[str, Any]) -> list[str]:
    """What a container may do and need not."""
    limits = service.get("deploy", {}).get("resources", {}).get("limits", {})
    user = str(service.get("user", "")).partition(":")[0]
    rules = {
        "its root is read-only": service.get("read_only") is True,
        "all capabilities are dropped": service.get("cap_drop") == ["ALL"] and not service.get("cap_add"),
        "no new privileges": service.get("security_opt") == ["no-new-privileges:true"],
        "not privileged": not service.get("privileged"),
        "a number that is not root": user.isdigit() and int(user) > 0,
        "its memory is limited": "memory" in limits,
        "its processes are limited": "pids" in limits,
        "its log is limited": "max-size" in service.get("logging", {}).get("options", {}),
        "nothing of the host is written": all(
            mount.endswith(":ro") for mount in service.get("volumes", []) if mount.startswith((".", "/"))
        ),
        "the host's namespaces are the host's": not {"pid", "ipc"} & service.keys()
        and service.get("network_mode", "none") == "none",
    }
    return [rule for rule, holds in rules.items() if not holds]


def test_a_container_may_do_nothing_that_it_need_not(services: dict[str, Any]):
    beside = resolved(yaml.safe_load(OBSERVABILITY.read_text()), {})["services"]
    together = {name: {**beside.get(name, {}), **services.get(name, {})} for name in {*services, *beside}}

    assert {name: excesses(service) for name, service in together.items() if excesses(service)} == {}


@pytest.mark.parametrize(
    ("planted", "rule"),
    [
        ({"read_only": False}, "its root is read-only"),
        ({"cap_drop": []}, "all capabilities are dropped"),
        ({"cap_add": ["NET_BIND_SERVICE"]}, "all capabilities are dropped"),
        ({"security_opt": []}, "no new privileges"),
        ({"privileged": True}, "not privileged"),
        ({"user": "0:0"}, "a number that is not root"),
        ({"user": "postgres"}, "a number that is not root"),
        ({"deploy": {"resources": {"limits": {"pids": 256}}}}, "its memory is limited"),
        ({"deploy": {"resources": {"limits": {"memory": "1G"}}}}, "its processes are limited"),
        ({"logging": {"driver": "local"}}, "its log is limited"),
        ({"volumes": ["/var/run/docker.sock:/var/run/docker.sock"]}, "nothing of the host is written"),
        ({"network_mode": "host"}, "the host's namespaces are the host's"),
        ({"pid": "host"}, "the host's namespaces are the host's"),
    ],
)
def test_a_planted_excess_is_found(services: dict[str, Any], planted: dict[str, Any], rule: str):
    assert excesses({**services["postgres"], **planted}) == [rule]


def test_who_keeps_files_and_who_erases_them_share_one_folder(services: dict[str, Any]):
    assert {name for name in PODS if NO_SECRETS & set(services[name]["volumes"])} == KEEP_FILES


def test_whoever_lets_go_of_sockets_is_given_the_time(services: dict[str, Any]):
    # gunicorn.conf.py ends a worker after so long; the longest that a role may take is that and a moment.
    for role in PODS:
        assert services[role]["stop_grace_period"] == "60s"


def test_every_role_may_have_its_connections(services: dict[str, Any]):
    """More processes need more connections than PostgreSQL gives unasked."""
    with_tables = [role for role in PODS if "DATABASE_URL_FILE" in environment(services[role])]
    (given,) = [int(word.partition("=")[2]) for word in services["postgres"]["command"] if "max_connections" in word]

    assert len(with_tables) * 2 * POOL <= given


@pytest.mark.parametrize("role", [role for role in PODS if role != "gateway"])
def test_no_role_starts_before_the_schema_is_there(services: dict[str, Any], role: str):
    assert services[role]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_the_gateway_waits_for_those_whom_it_asks(services: dict[str, Any]):
    assert services["gateway"]["depends_on"] == {
        role: {"condition": "service_healthy"} for role in ROLES if role != "gateway"
    }
    assert services["edge"]["depends_on"] == {"gateway": {"condition": "service_healthy"}}


def test_a_second_chat_and_realtime_are_like_the_first_and_known_to_the_gateway():
    overlay = yaml.safe_load((COMPOSE.parent / "compose.faults.yaml").read_text())["services"]
    told = environment(overlay["gateway"])

    for role in ("chat", "realtime"):
        assert overlay[f"{role}-2"] == {"extends": {"file": COMPOSE.name, "service": role}}
        port = environment(read()[role])["PORT"]
        assert told[f"ABDRE_{role.upper()}_URL"] == f"http://{role}:{port},http://{role}-2:{port}"


def test_what_watches_is_configured_by_files_that_are_there():
    services = yaml.safe_load(OBSERVABILITY.read_text())["services"]
    mounted = [mount.split(":")[0] for one in services.values() for mount in one.get("volumes", []) if mount[0] == "."]
    asked = yaml.safe_load((OBSERVABILITY.parent / "../observability/prometheus/prometheus.yml").read_text())
    targets = {
        target for job in asked["scrape_configs"] for each in job["static_configs"] for target in each["targets"]
    }

    assert mounted
    assert all((OBSERVABILITY.parent / path).is_dir() for path in mounted)
    assert targets == {f"{role}:{environment(read()[role])['ABDRE_METRICS_PORT']}" for role in PODS}
    together = networks_with("observability")
    for role in PODS:  # each has a network in common with who asks it, and with whom it tells of its traces
        assert together[role] & together["prometheus"]
        assert together[role] & together["jaeger"]


def networks_with(overlay: str = "") -> dict[str, set[str]]:
    """Service → its networks, those of an overlay added, as compose merges them."""
    own = {name: set(service.get("networks", [])) for name, service in read().items()}
    added = yaml.safe_load((COMPOSE.parent / f"compose.{overlay}.yaml").read_text())["services"] if overlay else {}
    return {name: own.get(name, set()) | set(added.get(name, {}).get("networks", [])) for name in {*own, *added}}


@pytest.mark.parametrize("overlay", ["", "observability", "own-edge"])
def test_with_a_store_stands_only_who_keeps_something_there(overlay: str):
    """Redis has no password, and another house's program that faces the outside may be broken into."""
    together = networks_with(overlay)
    with_tables = {name for name, service in read().items() if "DATABASE_URL_FILE" in service.get("environment", {})}

    assert {name for name in together if together[name] & together["postgres"]} == {
        *(with_tables - {"rotate-keys"}),
        *("postgres", "redis"),
    }
    assert {name for name in together if together[name] & together["redis"]} <= {
        *with_tables,
        "gateway",
        "redis",
        "postgres",
    }


def test_a_gateway_that_answers_on_this_host_goes_out_of_it_no_more_than_before():
    """A network in which a port can be published cannot be internal; without masquerade nobody outside answers."""
    overlay = yaml.safe_load((COMPOSE.parent / "compose.own-edge.yaml").read_text())
    networks = {**yaml.safe_load(COMPOSE.read_text())["networks"], **overlay.get("networks", {})}
    open_ones = [networks[name] or {} for name in networks_with("own-edge")["gateway"]]

    assert {
        network.get("driver_opts", {}).get("com.docker.network.bridge.enable_ip_masquerade")
        for network in open_ones
        if not network.get("internal")
    } == {"false"}
