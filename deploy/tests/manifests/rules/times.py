"""Times and networks as they are written: cron, CIDR."""

import ipaddress
from collections.abc import Iterator

from deploy.tests.manifests.house import Document, Manifests
from deploy.tests.manifests.rules.names import name
from deploy.tests.manifests.rules.rule import rule

FIELDS = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]
SECONDS = (0, 59)


@rule
def schedules_are_times(house: Manifests) -> Iterator[str]:
    for document in house.all_of("CronJob", "ScheduledBackup"):
        # CloudNativePG's begin with the second.
        fields = FIELDS if document["kind"] == "CronJob" else [SECONDS, *FIELDS]
        words = document["spec"]["schedule"].split()
        if len(words) != len(fields) or not all(map(_is_field, words, fields)):
            yield f"{name(document)}: {document['spec']['schedule']} is no time"


def _is_field(word: str, bounds: tuple[int, int]) -> bool:
    return all(_is_part(part, bounds) for part in word.split(","))


def _is_part(part: str, bounds: tuple[int, int]) -> bool:
    span, _, step = part.partition("/")
    ends = span.split("-")
    if step and not (step.isdecimal() and int(step) > 0):
        return False
    if span == "*":
        return True
    return len(ends) <= 2 and all(end.isdecimal() and bounds[0] <= int(end) <= bounds[1] for end in ends)


@rule
def networks_are_networks(house: Manifests) -> Iterator[str]:
    for document, block in _blocks(house):
        try:
            network = ipaddress.ip_network(block["cidr"])
            inner = [ipaddress.ip_network(cidr) for cidr in block.get("except", [])]
        except ValueError as problem:
            yield f"{name(document)}: {problem}"
            continue
        if not all(one.version == network.version and one.subnet_of(network) for one in inner):  # type: ignore[arg-type]
            yield f"{name(document)}: what is taken out of {network} is not in it"


def _blocks(house: Manifests) -> Iterator[tuple[Document, Document]]:
    for policy in house.all_of("NetworkPolicy"):
        for rule_ in [*policy["spec"].get("ingress", []), *policy["spec"].get("egress", [])]:
            for peer in [*rule_.get("from", []), *rule_.get("to", [])]:
                if "ipBlock" in peer:
                    yield policy, peer["ipBlock"]
    for document in house.all_of("NetworkAuthentication"):
        yield from ((document, network) for network in document["spec"]["networks"])
