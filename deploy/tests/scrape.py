"""What the processes of a house say of themselves on their metrics ports, as Prometheus would read it."""

import urllib.request
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from deploy.ci.stack import Role

WITHIN_S = 10


class Sample(NamedTuple):
    port: int
    role: str
    name: str
    labels: dict[str, str]
    value: float


def scraped(roles: Iterable[Role]) -> list[Sample]:
    return [sample for role in roles for sample in scraped_at(role.metrics_port, role.name)]


def scraped_at(port: int, role: str = "") -> list[Sample]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=WITHIN_S) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return [Sample(port, role, one.name, one.labels, one.value) for family in families for one in family.samples]


def summed(samples: Iterable[Sample], name: str, *labels: str) -> dict[tuple[str, ...], float]:
    """Over all processes, by the values of these labels."""
    sums: defaultdict[tuple[str, ...], float] = defaultdict(float)
    for sample in samples:
        if sample.name == name:
            sums[tuple(sample.labels[label] for label in labels)] += sample.value
    return dict(sums)
