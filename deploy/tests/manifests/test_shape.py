"""All folders render to what three versions of Kubernetes know, and what is particular to our roles is right."""

import json
import re
import subprocess
from functools import cache
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from kubernetes_validate import utils

from deploy.tests.manifests.conftest import KEEP_FILES, PODS, ROLES
from deploy.tests.manifests.house import (
    HOUSES,
    K8S,
    STEPS,
    Document,
    Manifests,
    all_kustomizations,
    house,
    render,
    template_of,
)
from deploy.tests.manifests.rules.shapes import is_foreign

WORKLOADS = [*PODS, "migrate"]
# A fragment, which its variants complete.
UNFINISHED = K8S / "base" / "role"
# The newest, the oldest that its makers still look after, and what people have who are late.
VERSIONS = ["1.31", "1.34", "1.37"]
# Read once and not for each document: the definitions of a version are megabytes.
utils.schema_contents = cache(utils.schema_contents)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "folder",
    [folder for folder in all_kustomizations() if folder != UNFINISHED],
    ids=lambda folder: str(folder.relative_to(K8S)),
)
def test_every_folder_renders_to_what_the_strict_schema_knows(folder: Path, version: str):
    for document in render(folder):
        if not is_foreign(document["apiVersion"]):  # those have their shape (rules/shapes.py)
            validate(json.dumps(document), version)


@cache
def validate(document: str, version: str) -> None:
    """Most documents are in several folders."""
    kubernetes_validate.validate(json.loads(document), version, strict=True)


def test_a_misspelt_field_does_not_pass():
    (service,) = [document for document in render(K8S / "base/auth") if document["kind"] == "Service"]

    with pytest.raises(kubernetes_validate.ValidationError):
        validate(json.dumps({**service, "spec": {**service["spec"], "selectors": {}}}), VERSIONS[0])


def test_the_base_holds_what_its_folders_hold():
    def names(documents: list[Document]) -> set[tuple[str, str]]:
        return {(document["kind"], document["metadata"]["name"]) for document in documents}

    parts = set().union(*(names(render(K8S / "base" / name)) for name in PODS))

    scaled = {("HorizontalPodAutoscaler", f"abdre-{name}") for name in PODS if name != "realtime"}
    assert names(render(K8S / "base")) == parts | scaled


def test_every_folder_belongs_to_a_house_or_is_part_of_one():
    """What nobody renders into a house is held to no rule."""
    used = {K8S / folder for folders in HOUSES.values() for folder in folders}
    while more := {base for folder in used for base in bases_of(folder)} - used:
        used |= more

    assert set(all_kustomizations()) == used


def bases_of(folder: Path) -> set[Path]:
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    return {(folder / base).resolve() for base in kustomization.get("bases", [])}


def test_the_namespace_enforces_restricted_pods(manifests: Manifests):
    (namespace,) = manifests.all_of("Namespace")

    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize("role", PODS)
def test_a_role_is_served_and_probed_at_its_port(manifests: Manifests, role: str):
    container = manifests.container(role)
    port = int(manifests.environment(role)["PORT"])

    probes = [container[kind]["httpGet"]["path"] for kind in ("startupProbe", "livenessProbe", "readinessProbe")]
    services = [service for service in manifests.all_of("Service") if service["metadata"]["name"] == f"abdre-{role}"]

    assert {entry["name"]: entry["containerPort"] for entry in container["ports"]} == {
        "http": port,
        "metrics": int(manifests.environment(role)["ABDRE_METRICS_PORT"]),
    }
    assert probes == ["/livez", "/livez", "/readyz"]
    wanted = [{"name": "http", "port": port, "targetPort": "http"}] if role in ROLES else []
    assert [entry for service in services for entry in service["spec"]["ports"]] == wanted


def test_the_gateway_holds_nothing_to_steal_and_only_two_roles_sign(manifests: Manifests):
    keys = {name: set(manifests.mounted_keys(name).values()) for name in WORKLOADS}

    assert keys["gateway"] == {"gateway-secret-key", "redis-url", "verifying.json"}
    assert {name for name in WORKLOADS if "signing.pem" in keys[name]} == {"auth", "oauth"}
    assert {name for name in WORKLOADS if "push.pem" in keys[name]} == {"user", "worker"}


def test_who_keeps_files_and_who_erases_them_share_one_folder(manifests: Manifests):
    mounts = {name: manifests.container(name).get("volumeMounts", []) for name in PODS}

    assert {name for name in PODS if any(mount["mountPath"] == "/data/files" for mount in mounts[name])} == KEEP_FILES


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_entry_point_knows_what_it_is_told_to_do(manifests: Manifests, name: str):
    entry_point = (K8S.parent / "docker" / "entrypoint").read_text()
    container = manifests.container(name)
    (deed,) = container["args"]

    assert "command" not in container
    assert re.search(rf"^{deed}\)", entry_point, re.MULTILINE)


def test_a_house_may_move_one_role_by_itself():
    """Each role's image has a name of its own, by which an overlay says which release that role is."""
    wanted = {f"abdre-chat/{name}" for name in [*PODS, "migrate", "backup"]}
    named = {
        container["image"]
        for name in ("base", "components/backup", "base/migrate")
        for _, template in Manifests(render(K8S / name)).templates()
        for container in template["spec"]["containers"]
    }

    assert named == wanted


@pytest.mark.parametrize("name", ["dev", "staging", "prod"])
def test_an_overlay_says_the_release_of_every_container_of_ours(name: str):
    images = [
        container["image"] for _, template in house(name).templates() for container in template["spec"]["containers"]
    ]

    assert [image for image in images if image.startswith("abdre-chat/")] == []


def test_a_backup_can_be_put_back_where_it_lies():
    """By hand, in a pod like the one that made it, which may write the files as well."""
    prod = house("prod")
    restore, backup = prod.container("restore"), prod.container("backup")
    mounts = {mount["mountPath"]: mount.get("readOnly", False) for mount in restore["volumeMounts"]}

    assert prod.workload("restore")["spec"]["suspend"]
    assert (restore["image"], restore["envFrom"]) == (backup["image"], backup["envFrom"])
    assert prod.mounted_keys("restore") == prod.mounted_keys("backup")
    assert mounts == {"/run/secrets/abdre": True, "/tmp": False, "/data/files": False, "/backups": False}
    # Whom PostgreSQL's policy lets in.
    labels = [template_of(prod.workload(name))["metadata"]["labels"] for name in ("restore", "backup")]
    assert labels[0] == labels[1]


def test_realtime_is_scaled_by_its_connections_in_production():
    (metric,) = house("prod").one("HorizontalPodAutoscaler", "abdre-realtime")["spec"]["metrics"]

    assert metric["pods"]["metric"]["name"] == "abdre_realtime_connections"


def test_redis_and_sentinel_start_by_a_script_that_a_shell_reads():
    script = house("prod").one("ConfigMap", "abdre-redis")["data"]["start"]

    assert subprocess.run(["/bin/sh", "-n"], input=script, text=True, check=False).returncode == 0


@pytest.mark.parametrize("overlay", ["dev", "staging", "prod"])
def test_an_overlay_has_a_folder_for_each_step_of_a_release(overlay: str):
    folders = {path.name for path in (K8S / "overlays" / overlay).iterdir()}

    assert folders == set(STEPS)


def test_the_alert_rules_are_wrapped_for_the_operator_as_they_are():
    done = subprocess.run([str(K8S / "make-rules"), "chat"], capture_output=True, text=True, check=True)
    rules = yaml.safe_load((K8S.parent / "observability/prometheus/rules/abdre.yml").read_text())

    document = yaml.safe_load(done.stdout)

    assert (document["kind"], document["metadata"]["namespace"]) == ("PrometheusRule", "chat")
    assert document["spec"] == rules
    assert rules["groups"]
