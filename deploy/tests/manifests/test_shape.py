"""What the strict schema cannot see: names that must meet, and what a pod may do."""

from pathlib import Path

import kubernetes_validate
import pytest

from deploy.tests.manifests.conftest import K8S, PODS, ROLES, Document, Manifests, all_kustomizations, render

WORKLOADS = [*PODS, "migrate"]


@pytest.mark.parametrize("folder", all_kustomizations(), ids=lambda folder: str(folder.relative_to(K8S)))
@pytest.mark.parametrize("version", ["1.31", "1.37"])
def test_every_folder_renders_to_what_the_strict_schema_knows(folder: Path, version: str):
    for document in render(folder):
        kubernetes_validate.validate(document, version, strict=True)


def test_the_base_holds_what_its_folders_hold_but_for_the_migrate_job(manifests: Manifests):
    def names(documents: list[Document]) -> set[tuple[str, str]]:
        return {(document["kind"], document["metadata"]["name"]) for document in documents}

    whole = names(render(K8S / "base"))

    parts = [names(render(K8S / "base" / name)) for name in ["common", *PODS]]
    assert whole == set().union(*parts)


def test_everything_stands_in_one_namespace_of_restricted_pods(manifests: Manifests):
    (namespace,) = manifests.all_of("Namespace")

    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    for document in manifests.documents:
        if document is not namespace:
            assert document["metadata"]["namespace"] == namespace["metadata"]["name"]


@pytest.mark.parametrize("role", ROLES)
def test_a_deployment_selects_its_own_pods_and_its_service_sends_to_them_alone(manifests: Manifests, role: str):
    spec = manifests.workload(role)["spec"]
    wanted = manifests.one("Service", role)["spec"]["selector"].items()

    chosen = [
        deployment["metadata"]["name"]
        for deployment in manifests.all_of("Deployment")
        if wanted <= deployment["spec"]["template"]["metadata"]["labels"].items()
    ]

    assert spec["selector"]["matchLabels"].items() <= spec["template"]["metadata"]["labels"].items()
    assert chosen == [role]


@pytest.mark.parametrize("role", PODS)
def test_probes_name_a_port_that_the_container_has(manifests: Manifests, role: str):
    container = manifests.container(role)
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}

    probes = [container[kind]["httpGet"] for kind in ("startupProbe", "livenessProbe", "readinessProbe")]

    assert ports == {"http": int(manifests.environment(role)["PORT"])}
    assert [(probe["path"], probe["port"]) for probe in probes] == [
        ("/livez", "http"),
        ("/livez", "http"),
        ("/readyz", "http"),
    ]


def test_each_role_has_a_service_at_its_port_and_the_worker_has_none(manifests: Manifests):
    served = {service["metadata"]["name"]: service["spec"]["ports"] for service in manifests.all_of("Service")}

    assert served == {
        role: [{"name": "http", "port": int(manifests.environment(role)["PORT"]), "targetPort": "http"}]
        for role in ROLES
    }


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_pod_may_do_nothing_that_it_need_not(manifests: Manifests, name: str):
    pod, container = manifests.pod(name), manifests.container(name)

    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert pod["serviceAccountName"] == name
    assert manifests.one("ServiceAccount", name)["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    for bounds in ("requests", "limits"):
        assert container["resources"][bounds].keys() == {"cpu", "memory"}


@pytest.mark.parametrize("name", WORKLOADS)
def test_what_is_mounted_is_there_and_what_the_environment_points_to_is_mounted(manifests: Manifests, name: str):
    volumes = {volume["name"] for volume in manifests.pod(name)["volumes"]}
    mounts = {mount["name"]: mount["mountPath"] for mount in manifests.container(name)["volumeMounts"]}
    files = {value for key, value in manifests.environment(name).items() if key.endswith("_FILE")}

    assert mounts.keys() == volumes
    assert files == {f"{mounts['keys']}/{file}" for file in manifests.mounted_keys(name)}


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_secret_that_is_made_holds_every_key_that_is_mounted(manifests: Manifests, secret: Document, name: str):
    (volume,) = [volume for volume in manifests.pod(name)["volumes"] if "secret" in volume]

    assert volume["secret"]["secretName"] == secret["metadata"]["name"]
    assert set(manifests.mounted_keys(name).values()) <= secret["data"].keys()


def test_the_gateway_holds_nothing_to_steal_and_only_two_roles_sign(manifests: Manifests):
    keys = {name: set(manifests.mounted_keys(name).values()) for name in WORKLOADS}

    assert keys["gateway"] == {"gateway-secret-key", "redis-url", "verifying.json"}
    assert {name for name in WORKLOADS if "signing.pem" in keys[name]} == {"auth", "oauth"}
    assert {name for name in WORKLOADS if "push.pem" in keys[name]} == {"user", "worker"}


def test_no_manifest_carries_a_secret(manifests: Manifests):
    assert manifests.all_of("Secret") == []
    for config in manifests.all_of("ConfigMap"):
        assert not {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ABDRE_SIGNING_KEYS"} & config["data"].keys()


@pytest.mark.parametrize("name", WORKLOADS)
def test_the_entry_point_knows_what_it_is_told_to_do(manifests: Manifests, name: str):
    entry_point = (K8S.parent / "docker" / "entrypoint").read_text()
    container = manifests.container(name)
    (deed,) = container["args"]

    assert "command" not in container
    assert f"\n{deed}) " in entry_point


def test_an_overlay_changes_what_it_names_everywhere():
    rendered = Manifests([*render(K8S / "tests" / "overlay"), *render(K8S / "tests" / "migrate")])

    images = {rendered.container(name)["image"] for name in WORKLOADS}

    assert images == {"registry.example.net/abdre-chat:1.0.0"}
    assert rendered.environment("auth")["ABDRE_PUBLIC_ORIGIN"] == "https://talk.example.net"
    assert rendered.workload("realtime")["spec"]["replicas"] == 3
