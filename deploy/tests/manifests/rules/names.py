"""Names that must meet: selectors and labels, references and what they refer to."""

from collections import Counter
from collections.abc import Iterator

from deploy.tests.manifests.house import Document, Manifests, template_of
from deploy.tests.manifests.network import matches
from deploy.tests.manifests.rules.rule import rule

CLUSTER_WIDE = {"Namespace", "PriorityClass"}
NAMESPACE = "abdre"


def name(document: Document) -> str:
    return f"{document['kind']} {document['metadata']['name']}"


def containers(pod: Document) -> list[Document]:
    return [*pod.get("initContainers", []), *pod["containers"]]


def ports(template: Document) -> set[str]:
    return {port["name"] for container in containers(template["spec"]) for port in container.get("ports", [])}


@rule
def everything_is_there_once_and_in_its_namespace(house: Manifests) -> Iterator[str]:
    for twice, count in Counter(map(name, house.documents)).items():
        if count > 1:
            yield f"{twice} is there {count} times"
    for document in house.documents:
        wanted = None if document["kind"] in CLUSTER_WIDE else NAMESPACE
        if document["metadata"].get("namespace") != wanted:
            yield f"{name(document)} is in namespace {document['metadata'].get('namespace')}"


@rule
def workloads_select_their_own_pods_alone(house: Manifests) -> Iterator[str]:
    for document in house.all_of("Deployment", "StatefulSet"):
        chosen = [
            name(other)
            for other, template in house.templates()
            if matches(document["spec"]["selector"], template["metadata"]["labels"])
        ]
        if chosen != [name(document)]:
            yield f"{name(document)} selects the pods of {chosen}"


@rule
def services_lead_to_one_workload_at_a_port_of_it(house: Manifests) -> Iterator[str]:
    for service in house.all_of("Service"):
        selector = {"matchLabels": service["spec"]["selector"]}
        chosen = [template for _, template in house.templates() if matches(selector, template["metadata"]["labels"])]
        if len(chosen) != 1:
            yield f"{name(service)} leads to {len(chosen)} workloads"
            continue
        for port in service["spec"]["ports"]:
            if port["targetPort"] not in ports(chosen[0]):
                yield f"{name(service)}: no container has a port {port['targetPort']}"


@rule
def accounts_and_priorities_exist(house: Manifests) -> Iterator[str]:
    accounts = {document["metadata"]["name"] for document in house.all_of("ServiceAccount")}
    priorities = {document["metadata"]["name"] for document in house.all_of("PriorityClass")}
    for document, template in house.templates():
        pod = template["spec"]
        if pod.get("serviceAccountName", "default") not in {*accounts, "default"}:
            yield f"{name(document)}: no ServiceAccount {pod['serviceAccountName']}"
        if pod.get("priorityClassName") not in priorities:
            yield f"{name(document)}: no PriorityClass {pod.get('priorityClassName')}"


@rule
def images_have_a_tag(house: Manifests) -> Iterator[str]:
    for document, template in house.templates():
        for container in containers(template["spec"]):
            _, _, tag = container["image"].rpartition("/")[2].partition(":")
            if "@sha256:" not in container["image"] and tag in ("", "latest"):
                yield f"{name(document)}: {container['image']} is another one tomorrow"


@rule
def policies_and_monitors_select_somebody(house: Manifests) -> Iterator[str]:
    labels = [template["metadata"]["labels"] for _, template in house.templates()]
    labels += [cluster["spec"]["inheritedMetadata"]["labels"] for cluster in house.all_of("Cluster")]
    for document in house.all_of("NetworkPolicy", "Server", "PodMonitor"):
        selector = document["spec"].get("podSelector", document["spec"].get("selector"))
        if not any(matches(selector, own) for own in labels):
            yield f"{name(document)} selects nobody"


@rule
def ports_that_are_watched_or_guarded_exist(house: Manifests) -> Iterator[str]:
    for document in house.all_of("Server", "PodMonitor"):
        spec = document["spec"]
        wanted = {spec["port"]} if "port" in spec else {end["port"] for end in spec["podMetricsEndpoints"]}
        selector = spec.get("podSelector", spec.get("selector"))
        for other, template in house.templates():
            is_ours = other["kind"] == "Deployment"
            if is_ours and matches(selector, template["metadata"]["labels"]) and not wanted <= ports(template):
                yield f"{name(document)}: {name(other)} has no port {wanted}"


def pods_of(house: Manifests, selector: Document) -> list[Document]:
    return [
        document
        for document in house.all_of("Deployment", "StatefulSet")
        if matches(selector, template_of(document)["metadata"]["labels"])
    ]
