"""What pods mount and read: volumes, claims, ConfigMaps, Secrets, and settings that the code knows."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache

from deploy.ci.jobs import ROOT
from deploy.tests.manifests.house import Document, Manifests
from deploy.tests.manifests.rules.names import containers, name
from deploy.tests.manifests.rules.rule import rule
from deploy.tests.manifests.rules.scale import most_pods

# What deploy/k8s/make-secret and components/external-secrets make; the certificate is the cluster's affair.
SECRETS = {
    "abdre-keys": {
        *("secret-key", "gateway-secret-key", "signing.pem", "verifying.json", "push.pem"),
        *("database-url", "migration-database-url", "redis-url"),
    },
    "abdre-postgres-owner": {"username", "password"},
    "abdre-redis": {"password"},
}


@rule
def what_is_mounted_is_there_and_what_is_there_is_mounted(house: Manifests) -> Iterator[str]:
    for document, template in house.templates():
        pod = template["spec"]
        there = {volume["name"] for volume in pod["volumes"]}
        there |= {claim["metadata"]["name"] for claim in document["spec"].get("volumeClaimTemplates", [])}
        mounted = {mount["name"] for container in containers(pod) for mount in container["volumeMounts"]}
        if there != mounted:
            yield f"{name(document)} has {sorted(there)} and mounts {sorted(mounted)}"
        for container in containers(pod):
            for path, count in Counter(mount["mountPath"] for mount in container["volumeMounts"]).items():
                if count > 1:
                    yield f"{name(document)}: {path} is mounted twice"


@rule
def claims_exist_and_are_shared_only_where_they_can_be(house: Manifests) -> Iterator[str]:
    claims = {
        document["metadata"]["name"]: document["spec"]["accessModes"]
        for document in house.all_of("PersistentVolumeClaim")
    }
    pods: Counter[str] = Counter()
    for document, template in house.templates():
        for volume in template["spec"]["volumes"]:
            if claim := volume.get("persistentVolumeClaim", {}).get("claimName"):
                pods[claim] += most_pods(house, document)
                if claim not in claims:
                    yield f"{name(document)}: no claim {claim}"
    for claim, count in pods.items():
        if count > 1 and "ReadWriteMany" not in claims.get(claim, ["ReadWriteMany"]):
            yield f"{count} pods mount {claim}, which one machine alone can have"


@rule
def large_volumes_are_not_walked_at_each_start(house: Manifests) -> Iterator[str]:
    """`fsGroup` alone has every file of a claim looked at, and given to the group, before a pod starts."""
    for document, template in house.templates():
        pod = template["spec"]
        has_claim = any("persistentVolumeClaim" in volume for volume in pod["volumes"])
        if has_claim and pod["securityContext"].get("fsGroupChangePolicy") != "OnRootMismatch":
            yield f"{name(document)} starts after a walk over all files"


@rule
def config_maps_exist(house: Manifests) -> Iterator[str]:
    there = {document["metadata"]["name"] for document in house.all_of("ConfigMap")}
    for document, template in house.templates():
        wanted = {volume["configMap"]["name"] for volume in template["spec"]["volumes"] if "configMap" in volume}
        for container in containers(template["spec"]):
            wanted |= {
                source["configMapRef"]["name"] for source in container.get("envFrom", []) if "configMapRef" in source
            }
        for missing in wanted - there:
            yield f"{name(document)}: no ConfigMap {missing}"


@rule
def secrets_have_the_keys_that_are_read(house: Manifests) -> Iterator[str]:
    for document, template in house.templates():
        for secret, key in _secrets_of(template["spec"]):
            if key not in SECRETS.get(secret, set()):
                yield f"{name(document)}: nobody makes {key} of Secret {secret}"


def _secrets_of(pod: Document) -> Iterator[tuple[str, str]]:
    for volume in pod["volumes"]:
        if "secret" in volume:
            # Without a list, every key would be mounted.
            items = volume["secret"].get("items") or [{"key": "(all)"}]
            yield from ((volume["secret"]["secretName"], item["key"]) for item in items)
    for container in containers(pod):
        for entry in container.get("env", []):
            if reference := entry.get("valueFrom", {}).get("secretKeyRef"):
                yield reference["name"], reference["key"]


@rule
def settings_are_known_to_the_code(house: Manifests) -> Iterator[str]:
    for document in house.all_of("ConfigMap"):
        for key in document["data"]:
            if key.isupper() and key.removesuffix("_FILE") not in known_settings():
                yield f"{name(document)}: nobody reads {key}"


@cache
def known_settings() -> set[str]:
    """The table of operations.md, which a test holds to the code."""
    table = (ROOT / "abdre/docs/operations.md").read_text().partition("\n## Settings\n")[2]
    return set(re.findall(r"^\| `([A-Z0-9_]+)` \|", table, re.MULTILINE))


@rule
def files_that_settings_name_are_mounted(house: Manifests) -> Iterator[str]:
    data = {document["metadata"]["name"]: document["data"] for document in house.all_of("ConfigMap")}
    for document, template in house.templates():
        pod = template["spec"]
        for container in containers(pod):
            mounted = set(_files(pod, container))
            for source in container.get("envFrom", []):
                for key, path in data.get(source["configMapRef"]["name"], {}).items():
                    if key.endswith("_FILE") and path not in mounted:
                        yield f"{name(document)}: {key} is {path}, where nothing is"


def _files(pod: Document, container: Document) -> Iterator[str]:
    items = {volume["name"]: volume.get("secret", {}).get("items", []) for volume in pod["volumes"]}
    for mount in container["volumeMounts"]:
        yield from (f"{mount['mountPath']}/{item['path']}" for item in items.get(mount["name"], []))
