"""The network policies of Kubernetes and Linkerd and the networks of compose allow the call graph, and nothing else."""

import copy
from collections.abc import Callable
from itertools import product

import pytest
import yaml

from deploy.ci import graph
from deploy.ci.graph import Call
from deploy.ci.jobs import ROOT
from deploy.ci.role_settings import PODS, ROLES
from deploy.tests.manifests.house import HOUSES, Document, Manifests, house, template_of
from deploy.tests.manifests.network import Network, Peer

LINKED = [name for name in HOUSES if name != "base"]
COMPONENTS = {
    "dev": [],
    "staging": ["cnpg"],
    "prod": ["cnpg"],
    "plain": [],
    "mesh": ["cnpg", "mesh-linkerd"],
    "sockets": ["cnpg", "gateway-api-sockets"],
}
OUTSIDE = [
    Peer("edge", "10.9.0.1", "ingress", {}, {"abdre/edge": "true"}),
    Peer("monitoring", "10.9.0.2", "watching", {}, {"abdre/monitoring": "true"}),
    Peer("cnpg-operator", "10.9.0.3", "cnpg-system", {}, {"kubernetes.io/metadata.name": "cnpg-system"}),
    Peer("linkerd", "10.9.0.4", "linkerd", {}, {"kubernetes.io/metadata.name": "linkerd"}),
    Peer("stranger", "10.9.0.5", "other", {"app.kubernetes.io/name": "gateway"}, {}),
    Peer("api-server", "10.96.0.1"),
    Peer("cloud-metadata", "169.254.169.254"),
    Peer(graph.INTERNET, "198.51.100.7"),
    Peer(graph.INTERNET, "2001:db8::7"),
]
NAMES = Peer("names", "10.9.0.6", "kube-system", {}, {"kubernetes.io/metadata.name": "kube-system"})
OUTSIDE_STORES = [Peer("postgres", "10.20.0.10"), Peer("redis", "10.20.0.11")]
PORTS = sorted({call.port for call in graph.graph()} | {22, 25, 53, 443, 4143, 4191, 6443, 8000, 8080, 8086, 8090})


def pods(manifests: Manifests) -> list[Peer]:
    """Two of each, for those of one kind may or may not speak to each other."""
    labels = [template_of(document)["metadata"]["labels"] for document, _ in manifests.templates()]
    by_operator = [cluster["spec"]["inheritedMetadata"]["labels"] for cluster in manifests.all_of("Cluster")]
    by_operator += [pooler["spec"]["template"]["metadata"]["labels"] for pooler in manifests.all_of("Pooler")]
    # CloudNativePG gives its pods a name of its own (its change 8087).
    labels += [{**own, "app.kubernetes.io/name": "postgresql"} for own in by_operator]
    return [
        Peer(own.get("abdre/store") or own["app.kubernetes.io/name"], f"10.8.{number}.{twin}", "abdre", own)
        for number, own in enumerate(labels)
        for twin in (1, 2)
    ]


def allowed(manifests: Manifests) -> set[Call]:
    """Each pair of peers, at each port that anybody speaks of."""
    network = Network(manifests.all_of("NetworkPolicy"))
    inside = pods(manifests)
    outside = OUTSIDE if any(pod.name == "postgres" for pod in inside) else [*OUTSIDE, *OUTSIDE_STORES]
    pairs = [*product(inside[::2], [*inside, *outside]), *product(outside, inside[::2])]
    return {
        Call(source.name, target.name, port)
        for source, target in pairs
        if source != target
        for port in PORTS
        if network.allows(source, target, port)
    }


def expected(name: str) -> set[Call]:
    there = {pod.name for pod in pods(house(name))}
    calls = set(graph.graph()).union(*(graph.added_by(component) for component in COMPONENTS[name]))
    if "postgres" in there:
        calls |= set(graph.AMONG_STORES)
    calls |= {
        Call(call.source, peer.name, call.port) for call in calls if call.target == graph.ANYBODY for peer in OUTSIDE
    }
    return {call for call in calls if call.target != graph.ANYBODY and call.source not in set(graph.JOBS) - there}


@pytest.mark.parametrize("name", LINKED)
def test_pods_may_speak_as_the_call_graph_says_and_not_otherwise(name: str):
    assert allowed(house(name)) == expected(name)


@pytest.mark.parametrize("name", LINKED)
def test_the_gateway_cannot_reach_postgresql(name: str):
    network = Network(house(name).all_of("NetworkPolicy"))
    (gateway, *_) = [pod for pod in pods(house(name)) if pod.name == "gateway"]
    databases = [peer for peer in [*pods(house(name)), *OUTSIDE_STORES] if peer.name == "postgres"]

    assert databases
    assert not any(network.allows(gateway, peer, port) for peer in databases for port in PORTS)


@pytest.mark.parametrize("name", HOUSES)
def test_everybody_may_look_up_names_and_nothing_else_there(name: str):
    network = Network(house(name).all_of("NetworkPolicy"))

    for pod in pods(house(name)):
        assert network.allows(pod, NAMES, 53, "UDP")
        assert network.allows(pod, NAMES, 53, "TCP")
        assert not network.allows(pod, NAMES, 9153)


def test_in_the_base_nobody_speaks_to_anybody_until_policies_say_who():
    open_doors = [document for document in house("base").documents if document["metadata"]["name"] != "default-deny"]

    assert allowed(house("base")) == set()
    assert Call("stranger", "gateway", 22) in allowed(Manifests(open_doors))


def without(name: str) -> Callable[[list[Document]], list[Document]]:
    return lambda policies: [policy for policy in policies if policy["metadata"]["name"] != name]


def changed(name: str, change: Callable[[Document], object]) -> Callable[[list[Document]], list[Document]]:
    def change_one(policies: list[Document]) -> list[Document]:
        (policy,) = [policy for policy in policies if policy["metadata"]["name"] == name]
        change(policy["spec"])
        return policies

    return change_one


POSTGRES = {"to": [{"podSelector": {"matchLabels": {"abdre/store": "postgres"}}}]}


@pytest.mark.parametrize(
    ("planted", "seen"),
    [
        (without("auth"), Call("gateway", "auth", 8001)),
        (without("redis"), Call("chat", "redis", 6379)),
        (without("monitoring"), Call("monitoring", "worker", 9100)),
        # Each end alone changes nothing; both together open the way.
        (changed("postgres", lambda spec: spec["ingress"][0]["from"].append({"podSelector": {}})), None),
        (changed("gateway", lambda spec: spec["egress"].append(POSTGRES)), None),
        (changed("auth", lambda spec: spec["ingress"][0].pop("from")), Call("edge", "auth", 8001)),
        (changed("worker", lambda spec: spec["egress"][-1]["ports"].pop()), Call("worker", "internet", 587)),
        (
            changed("oauth", lambda spec: spec["egress"][-1]["to"][0]["ipBlock"].pop("except")),
            Call("oauth", "cloud-metadata", 443),
        ),
    ],
)
def test_a_policy_that_is_not_as_the_graph_is_noticed(planted: Callable[..., list[Document]], seen: Call | None):
    others = [document for document in house("dev").documents if document["kind"] != "NetworkPolicy"]
    policies = planted(copy.deepcopy(house("dev").all_of("NetworkPolicy")))

    difference = allowed(Manifests([*others, *policies])) ^ expected("dev")

    assert (seen in difference) if seen else not {call for call in difference if call.source == "gateway"}


def test_the_gateway_is_noticed_where_both_ends_let_it_to_postgresql():
    documents = copy.deepcopy(house("dev").documents)
    policies = [document for document in documents if document["kind"] == "NetworkPolicy"]
    changed("gateway", lambda spec: spec["egress"].append(POSTGRES))(policies)
    changed("postgres", lambda spec: spec["ingress"][0]["from"].append({"podSelector": {}}))(policies)

    assert Call("gateway", "postgres", 5432) in allowed(Manifests(documents))


def test_linkerd_lets_in_whom_the_graph_names():
    mesh = house("mesh")
    accounts = {
        who["metadata"]["name"]: {f"{ref['name'].removeprefix('abdre-')}" for ref in who["spec"]["identityRefs"]}
        for who in mesh.all_of("MeshTLSAuthentication")
    }
    # Whoever has no proxy: network policies say who may come.
    accounts |= {who["metadata"]["name"]: {"edge"} for who in mesh.all_of("NetworkAuthentication")}

    let_in = {
        (source, policy["spec"]["targetRef"]["name"])
        for policy in mesh.all_of("AuthorizationPolicy")
        for reference in policy["spec"]["requiredAuthenticationRefs"]
        for source in accounts[reference["name"]]
    }

    between = {
        (call.source, call.target) for call in graph.graph() if call.target in ROLES and call.port != graph.METRICS
    }
    assert let_in == between | {("edge", "metrics")}
    assert {server["metadata"]["name"] for server in mesh.all_of("Server")} == {target for _, target in let_in}


def test_linkerd_has_a_proxy_beside_every_role_and_beside_nothing_that_ends():
    mesh = house("mesh")

    injected = {
        template["metadata"]["labels"]["app.kubernetes.io/name"]
        for _, template in mesh.templates()
        if template["metadata"].get("annotations", {}).get("linkerd.io/inject") == "enabled"
    }

    assert injected == set(PODS)


def test_compose_has_a_network_for_each_call_and_none_between_gateway_and_postgresql():
    """Networks of compose know no direction and no port: this is as far as they can say it."""
    compose = yaml.safe_load((ROOT / "deploy/compose/compose.yaml").read_text())
    networks = {name: set(service.get("networks", [])) for name, service in compose["services"].items()}
    open_ones = {name for name, network in compose["networks"].items() if not (network or {}).get("internal")}
    calls = [call for call in graph.graph() if {call.source, call.target} <= networks.keys()]

    assert len(calls) > 15
    assert [call for call in calls if not networks[call.source] & networks[call.target]] == []
    assert not networks["gateway"] & networks["postgres"]
    going_out = {call.source for call in graph.graph() if call.target == graph.INTERNET}
    assert {name for name, own in networks.items() if own & open_ones} == going_out | {graph.EDGE}
