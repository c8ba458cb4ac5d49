"""Who speaks to whom: the call graph, from the roles' settings and from what their code asks for outside.

The policies of Kubernetes and of Linkerd and the networks of compose are held to it by
deploy/tests/manifests/test_graph.py.
`python -m deploy.ci.graph` prints it.
"""

from collections.abc import Iterator
from typing import NamedTuple

from deploy.ci.role_settings import PODS, settings

EDGE, MONITORING, INTERNET = "edge", "monitoring", "internet"
POSTGRES = 5432
# Its sentinels answer at the second.
REDIS = (6379, 26379)
METRICS, TRACES = 9100, 4318
# Its control plane: who one is, where others are, who may ask.
LINKERD = (8080, 8086, 8090)
# One proxy reaches another here, whatever port is meant (linkerd.io/2/common-errors/network-policy).
LINKERD_PROXY = 4143
INSTANCE_STATUS = 8000
# An API server has no label to be known by, so whoever asks one may ask anybody at its ports.
ANYBODY = "anybody"
API_SERVER = (443, 6443)
# Jobs that the cluster starts, each as a container of our image.
JOBS = ("migrate", "backup")

# The providers whom people sign in with (oauth_svc.providers).
PROVIDERS = (443,)
# What jobs go out for: links in messages (80, 443), webhooks and push services (443), letters (465, 587).
ERRANDS = (80, 443, 465, 587)


class Call(NamedTuple):
    source: str
    target: str
    port: int


def graph() -> frozenset[Call]:
    """Of any house. Names are looked up by everybody, and that is not said for each."""
    return frozenset([*_between_roles(), *_to_stores(), *_to_the_outside(), *_of_monitoring()])


def port_of(role: str) -> int:
    return int(settings(role)["PORT"])


def _between_roles() -> Iterator[Call]:
    """One role alone asks others over the network; those call each other's functions (abdre/docs/architecture.md)."""
    yield Call(EDGE, "gateway", port_of("gateway"))
    for role in settings("gateway")["UPSTREAMS"]:
        yield Call("gateway", role, port_of(role))


def _to_stores() -> Iterator[Call]:
    for name in PODS:
        if settings(name)["HAS_DATABASE"]:
            yield Call(name, "postgres", POSTGRES)
        if settings(name)["REDIS_URL"]:
            yield from (Call(name, "redis", port) for port in REDIS)
    for name in JOBS:
        yield Call(name, "postgres", POSTGRES)


def _to_the_outside() -> Iterator[Call]:
    yield from (Call("oauth", INTERNET, port) for port in PROVIDERS)
    doing_jobs = [name for name in PODS if settings(name)["DOES_JOBS"]]
    yield from (Call(name, INTERNET, port) for name in doing_jobs for port in ERRANDS)


def _of_monitoring() -> Iterator[Call]:
    for name in PODS:
        yield Call(MONITORING, name, METRICS)
        yield Call(name, MONITORING, TRACES)


def added_by(component: str) -> frozenset[Call]:
    """What goes on beside that where a house has one of deploy/k8s/components."""
    if component == "gateway-api-sockets":
        return frozenset({Call(EDGE, "realtime", port_of("realtime"))})
    if component == "mesh-linkerd":
        return frozenset([*_to_control_plane(), *_between_proxies()])
    if component == "cnpg":
        return frozenset([*_of_operator(), *(Call("postgres", ANYBODY, port) for port in API_SERVER)])
    return frozenset()


def _to_control_plane() -> Iterator[Call]:
    yield from (Call(name, "linkerd", port) for name in PODS for port in LINKERD)


def _between_proxies() -> Iterator[Call]:
    for call in _between_roles():
        if call.source in PODS:
            yield call._replace(port=LINKERD_PROXY)


def _of_operator() -> Iterator[Call]:
    """Instances tell it, and each other, how they are."""
    for name in ("cnpg-operator", "postgres"):
        yield Call(name, "postgres", POSTGRES)
        yield Call(name, "postgres", INSTANCE_STATUS)


# Several pods of one store speak to each other.
AMONG_STORES = [Call("postgres", "postgres", POSTGRES), *(Call("redis", "redis", port) for port in REDIS)]


def main() -> None:
    for call in sorted(graph()):
        print(f"{call.source:>10} → {call.target}:{call.port}")


if __name__ == "__main__":
    main()
