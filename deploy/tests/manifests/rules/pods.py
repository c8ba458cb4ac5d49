"""What a pod may do: the "restricted" Pod Security Standard, and what we ask beyond it."""

from collections.abc import Iterator

from deploy.tests.manifests.house import Document, Manifests
from deploy.tests.manifests.rules.names import containers, name
from deploy.tests.manifests.rules.quantities import quantity
from deploy.tests.manifests.rules.rule import rule

VOLUMES = {"configMap", "emptyDir", "persistentVolumeClaim", "projected", "secret", "csi", "ephemeral", "downwardAPI"}
OF_THE_HOST = ("hostNetwork", "hostPID", "hostIPC")


@rule
def pods_are_restricted(house: Manifests) -> Iterator[str]:
    for document, template in house.templates():
        pod = template["spec"]
        own = pod.get("securityContext", {})
        if own.get("runAsNonRoot") is not True or not own.get("runAsUser"):
            yield f"{name(document)} may be root"
        if own.get("seccompProfile") != {"type": "RuntimeDefault"}:
            yield f"{name(document)} may call whatever the kernel has"
        if any(pod.get(word) for word in OF_THE_HOST) or any(not VOLUMES & volume.keys() for volume in pod["volumes"]):
            yield f"{name(document)} takes part in its machine"
        if pod.get("automountServiceAccountToken") is not False:
            yield f"{name(document)} may speak to the cluster"


@rule
def containers_are_restricted(house: Manifests) -> Iterator[str]:
    wanted = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    for document, template in house.templates():
        for container in containers(template["spec"]):
            if container.get("securityContext") != wanted:
                yield f"{name(document)}: {container['name']} has {container.get('securityContext')}"
            if any("hostPort" in port for port in container.get("ports", [])):
                yield f"{name(document)}: {container['name']} takes a port of its machine"


@rule
def containers_say_what_they_take(house: Manifests) -> Iterator[str]:
    for document, template in house.templates():
        for container in containers(template["spec"]):
            resources = container.get("resources", {})
            for what in ("cpu", "memory"):
                asked, most = (_amount(resources, bound, what) for bound in ("requests", "limits"))
                if asked is None or most is None or asked > most:
                    yield f"{name(document)}: {container['name']} takes {what} from {asked} to {most}"


def _amount(resources: Document, bound: str, what: str) -> float | None:
    text = resources.get(bound, {}).get(what)
    return None if text is None else quantity(text)


@rule
def whoever_stays_is_probed(house: Manifests) -> Iterator[str]:
    for document in house.all_of("Deployment", "StatefulSet"):
        for container in document["spec"]["template"]["spec"]["containers"]:
            named = {port["name"] for port in container.get("ports", [])}
            for kind in ("livenessProbe", "readinessProbe"):
                if kind not in container:
                    yield f"{name(document)}: {container['name']} has no {kind}"
            for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
                asked = container.get(kind, {}).get("httpGet")
                if asked and asked["port"] not in named:
                    yield f"{name(document)}: {kind} asks at {asked['port']}, which is not there"


@rule
def nothing_holds_a_secret(house: Manifests) -> Iterator[str]:
    """A value that a file or a Secret should have given."""
    for document in house.all_of("Secret"):
        yield f"{name(document)} is in the manifests"
    values = {name(document): document["data"].items() for document in house.all_of("ConfigMap")}
    for document, template in house.templates():
        for container in containers(template["spec"]):
            given = [(entry["name"], entry.get("value", "")) for entry in container.get("env", [])]
            values[f"{name(document)}: {container['name']}"] = dict(given).items()
    for where, pairs in values.items():
        for key, value in pairs:
            if (key in SECRETS and value) or ("://" in value and "@" in value) or "PRIVATE KEY" in value:
                yield f"{where} shows {key}"


SECRETS = {
    *("SECRET_KEY", "SECRET_KEY_FALLBACKS", "DATABASE_URL", "ABDRE_MIGRATION_DATABASE_URL", "REDIS_URL"),
    *("ABDRE_SIGNING_KEYS", "ABDRE_PUSH_KEY", "EMAIL_HOST_PASSWORD", "ABDRE_S3_SECRET_KEY", "POSTGRES_PASSWORD"),
}
