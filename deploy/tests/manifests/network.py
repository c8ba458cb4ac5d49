"""What network policies allow, by the rules that Kubernetes gives for them: both ends have to agree."""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Policy = dict[str, Any]


@dataclass(frozen=True)
class Peer:
    """A pod, or (without a namespace) whoever has an address. `ports`: what its containers call theirs."""

    name: str
    address: str
    namespace: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    of_namespace: Mapping[str, str] = field(default_factory=dict)
    ports: Mapping[str, int] = field(default_factory=dict)


class Network:
    def __init__(self, policies: Iterable[Policy]) -> None:
        self.policies = list(policies)
        self._looked_up: dict[tuple[str, str], list[dict[str, Any]] | None] = {}

    def allows(self, source: Peer, target: Peer, port: int, protocol: str = "TCP") -> bool:
        return self._agrees("Egress", source, target, target, port, protocol) and self._agrees(
            "Ingress", target, source, target, port, protocol
        )

    def _agrees(self, direction: str, one: Peer, other: Peer, target: Peer, port: int, protocol: str) -> bool:
        """A pod that no policy of this direction selects may do all; else what any of them allows."""
        rules = self._rules(direction, one)
        return rules is None or any(
            _allows_port(rule, target, port, protocol) and _allows_peer(rule, direction, other, one.namespace)
            for rule in rules
        )

    def _rules(self, direction: str, one: Peer) -> list[dict[str, Any]] | None:
        """None where no policy has a say."""
        if (key := (direction, one.address)) not in self._looked_up:
            own = [policy for policy in self.policies if _selects(policy, one) and direction in _types(policy["spec"])]
            rules = [rule for policy in own for rule in policy["spec"].get(direction.lower()) or []]
            self._looked_up[key] = rules if own else None
        return self._looked_up[key]


def _selects(policy: Policy, peer: Peer) -> bool:
    return peer.namespace == policy["metadata"]["namespace"] and matches(policy["spec"]["podSelector"], peer.labels)


def _types(spec: dict[str, Any]) -> list[str]:
    if "policyTypes" in spec:
        return list(spec["policyTypes"])
    return ["Ingress", "Egress"] if "egress" in spec else ["Ingress"]


def _allows_port(rule: dict[str, Any], target: Peer, port: int, protocol: str) -> bool:
    return not rule.get("ports") or any(_is_port(entry, target, port, protocol) for entry in rule["ports"])


def _is_port(entry: dict[str, Any], target: Peer, port: int, protocol: str) -> bool:
    if entry.get("protocol", "TCP") != protocol:
        return False
    if "port" not in entry:
        return True
    first = target.ports.get(entry["port"]) if isinstance(entry["port"], str) else entry["port"]
    return first is not None and first <= port <= entry.get("endPort", first)


def _allows_peer(rule: dict[str, Any], direction: str, other: Peer, namespace: str) -> bool:
    entries = rule.get("from" if direction == "Ingress" else "to")
    return not entries or any(_is_peer(entry, other, namespace) for entry in entries)


def _is_peer(entry: dict[str, Any], other: Peer, namespace: str) -> bool:
    if "ipBlock" in entry:
        return _is_within(entry["ipBlock"], other.address)
    if not other.namespace:
        return False
    if "namespaceSelector" in entry:
        near = matches(entry["namespaceSelector"], other.of_namespace)
    else:
        near = other.namespace == namespace
    return near and matches(entry.get("podSelector", {}), other.labels)


def _is_within(block: dict[str, Any], address: str) -> bool:
    one = ipaddress.ip_address(address)
    outside = [ipaddress.ip_network(cidr) for cidr in block.get("except", [])]
    return one in ipaddress.ip_network(block["cidr"]) and not any(one in network for network in outside)


def matches(selector: dict[str, Any], labels: Mapping[str, str]) -> bool:
    """An empty selector selects everything."""
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        _holds(expression, labels) for expression in selector.get("matchExpressions", [])
    )


def _holds(expression: dict[str, Any], labels: Mapping[str, str]) -> bool:
    value, values = labels.get(expression["key"]), expression.get("values", [])
    return {
        "In": value in values,
        "NotIn": value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }[str(expression["operator"])]
