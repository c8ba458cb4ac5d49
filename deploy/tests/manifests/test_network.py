"""The evaluator of network policies reads them as Kubernetes does."""

from typing import Any

import pytest

from deploy.tests.manifests.network import Network, Peer, matches

ADA = Peer("ada", "10.0.0.1", "home", {"app": "ada"}, {"team": "us"})
BOB = Peer("bob", "10.0.0.2", "home", {"app": "bob"}, {"team": "us"}, {"web": 8080})
EVE = Peer("eve", "10.0.0.3", "away", {"app": "ada"}, {"team": "them"})
FAR = Peer("far", "198.51.100.7")


def policy(selected: str = "bob", **spec: Any) -> dict[str, Any]:
    return {"metadata": {"namespace": "home"}, "spec": {"podSelector": {"matchLabels": {"app": selected}}, **spec}}


def test_whom_no_policy_selects_may_do_all():
    assert Network([policy("ada", policyTypes=["Ingress"])]).allows(EVE, BOB, 80)


def test_a_policy_that_allows_nothing_forbids_its_direction_alone():
    closed = Network([policy(policyTypes=["Ingress"])])

    assert not closed.allows(ADA, BOB, 80)
    assert closed.allows(BOB, ADA, 80)


def test_without_types_it_is_about_what_comes_and_what_goes_only_if_it_says_so():
    assert Network([policy()]).allows(BOB, ADA, 80)
    assert not Network([policy(egress=[])]).allows(BOB, ADA, 80)


def test_policies_add_up_and_both_ends_have_to_agree():
    from_ada = policy(ingress=[{"from": [{"podSelector": {"matchLabels": {"app": "ada"}}}]}])
    closed_ada = policy("ada", policyTypes=["Egress"])
    ada_to_80 = policy("ada", policyTypes=["Egress"], egress=[{"ports": [{"port": 80}]}])

    assert not Network([from_ada, closed_ada]).allows(ADA, BOB, 80)
    assert Network([from_ada, closed_ada, ada_to_80]).allows(ADA, BOB, 80)
    assert not Network([from_ada, closed_ada, ada_to_80]).allows(ADA, BOB, 81)


@pytest.mark.parametrize(
    ("peer", "let_in"),
    [
        ({"podSelector": {"matchLabels": {"app": "ada"}}}, {"ada"}),  # of the own namespace
        ({"namespaceSelector": {"matchLabels": {"team": "them"}}}, {"eve"}),
        ({"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "ada"}}}, {"ada", "eve"}),
        ({"namespaceSelector": {"matchLabels": {"team": "us"}}, "podSelector": {"matchLabels": {"app": "eve"}}}, set()),
        ({"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/30"]}}, {"far"}),
        ({"ipBlock": {"cidr": "10.0.0.0/30"}}, {"ada", "eve"}),
        ({"ipBlock": {"cidr": "::/0"}}, set()),
    ],
)
def test_who_is_meant(peer: dict[str, Any], let_in: set[str]):
    network = Network([policy(ingress=[{"from": [peer]}])])

    assert {one.name for one in (ADA, EVE, FAR) if network.allows(one, BOB, 80)} == let_in


@pytest.mark.parametrize(
    ("port", "open_ones"),
    [
        ({"port": 80}, {80}),
        ({"port": 80, "endPort": 443}, {80, 443}),
        ({"port": "web"}, {8080}),
        ({"port": "none"}, set()),
        ({"protocol": "TCP"}, {80, 443, 8080}),
        ({"port": 80, "protocol": "UDP"}, set()),
    ],
)
def test_which_ports_are_meant(port: dict[str, Any], open_ones: set[int]):
    network = Network([policy(ingress=[{"ports": [port]}])])

    assert {number for number in (80, 443, 8080) if network.allows(ADA, BOB, number)} == open_ones


@pytest.mark.parametrize(
    ("operator", "values", "holds"),
    [("In", ["ada"], True), ("NotIn", ["ada"], False), ("Exists", [], True), ("DoesNotExist", [], False)],
)
def test_expressions(operator: str, values: list[str], holds: bool):
    assert matches({"matchExpressions": [{"key": "app", "operator": operator, "values": values}]}, ADA.labels) is holds
