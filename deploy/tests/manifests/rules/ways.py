"""The way in: routes lead to services that are there, under the name that people see; the mesh guards what exists."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from deploy.tests.manifests.house import Document, Manifests
from deploy.tests.manifests.rules.names import name
from deploy.tests.manifests.rules.rule import rule


@rule
def routes_lead_to_services(house: Manifests) -> Iterator[str]:
    services = {
        (service["metadata"]["name"], port[word])
        for service in house.all_of("Service")
        for port in service["spec"]["ports"]
        for word in ("port", "name")
    }
    for document, backend in _backends(house):
        if backend not in services:
            yield f"{name(document)} leads to {backend}"


def _backends(house: Manifests) -> Iterator[tuple[Document, tuple[str, object]]]:
    for ingress in house.all_of("Ingress"):
        for rule_ in ingress["spec"]["rules"]:
            for path in rule_["http"]["paths"]:
                service = path["backend"]["service"]
                yield ingress, (service["name"], service["port"].get("name", service["port"].get("number")))
    for route in house.all_of("HTTPRoute"):
        for rule_ in route["spec"]["rules"]:
            yield from ((route, (backend["name"], backend["port"])) for backend in rule_.get("backendRefs", []))


@rule
def routes_hang_on_a_listener(house: Manifests) -> Iterator[str]:
    listeners = {
        (gateway["metadata"]["name"], listener["name"])
        for gateway in house.all_of("Gateway")
        for listener in gateway["spec"]["listeners"]
    }
    for route in house.all_of("HTTPRoute"):
        for parent in route["spec"]["parentRefs"]:
            if (parent["name"], parent["sectionName"]) not in listeners:
                yield f"{name(route)} hangs on {parent}"


@rule
def people_come_by_the_name_that_is_served(house: Manifests) -> Iterator[str]:
    origin = urlsplit(house.one("ConfigMap", "common")["data"]["ABDRE_PUBLIC_ORIGIN"]).hostname
    hosts = [(gateway, one["hostname"]) for gateway in house.all_of("Gateway") for one in gateway["spec"]["listeners"]]
    hosts += [(ingress, one["host"]) for ingress in house.all_of("Ingress") for one in ingress["spec"]["rules"]]
    hosts += [
        (ingress, host)
        for ingress in house.all_of("Ingress")
        for tls in ingress["spec"]["tls"]
        for host in tls["hosts"]
    ]
    for document, host in hosts:
        if host != origin:
            yield f"{name(document)} is for {host}, codes lead to {origin}"


@rule
def the_mesh_guards_what_exists(house: Manifests) -> Iterator[str]:
    there = {(document["kind"], document["metadata"]["name"]) for document in house.documents}
    for policy in house.all_of("AuthorizationPolicy"):
        references = [policy["spec"]["targetRef"], *policy["spec"]["requiredAuthenticationRefs"]]
        for reference in references:
            if (reference["kind"], reference["name"]) not in there:
                yield f"{name(policy)} names {reference['kind']} {reference['name']}"
    for who in house.all_of("MeshTLSAuthentication"):
        for reference in who["spec"]["identityRefs"]:
            if (reference["kind"], reference["name"]) not in there:
                yield f"{name(who)} names {reference['kind']} {reference['name']}"
