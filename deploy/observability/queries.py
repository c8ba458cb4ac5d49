"""What rules and dashboards ask Prometheus, and whether anything of ours answers it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from abdre.metrics.kinds import ALL

FOLDER = Path(__file__).parent
RULES = FOLDER / "prometheus/rules/abdre.yml"
DASHBOARDS = FOLDER / "grafana/dashboards"

# What a target has before it says anything itself.
OF_TARGETS = {"job", "instance", "role"}
OF_HISTOGRAMS = {"_bucket": {"le"}, "_count": set[str](), "_sum": set[str]()}
SERIES = re.compile(r"\b(abdre[_:][\w:]+|process_\w+|python_\w+|up)\b(?:\{([^}]*)\})?")
MATCHED = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
GROUPED = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")
QUOTED = re.compile(r'"[^"]*"')
# As the rules promise: at the end of its line, against a number.
MISSED = re.compile(r"absent\((.*)\)")
COMPARED = re.compile(r"\s+[<>]=?\s+[\d.]+\s*$", re.MULTILINE)


class Query(NamedTuple):
    where: str
    text: str


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def alerts() -> dict[str, dict[str, Any]]:
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def recorded() -> list[Query]:
    return [Query(f"recorded {rule['record']}", rule["expr"]) for rule in rules() if "record" in rule]


def watched() -> list[Query]:
    """What alerts look at, whether or not it is ill: their queries without the comparisons."""
    return [
        Query(f"alert {name}", MISSED.sub(r"\1", COMPARED.sub("", rule["expr"]))) for name, rule in alerts().items()
    ]


def panels() -> Iterator[Query]:
    for path in sorted(DASHBOARDS.glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel["targets"]:
                yield Query(f"{path.stem} · {panel['title']} · {target['legendFormat']}", target["expr"])


def known() -> dict[str, set[str]]:
    """Every series that can be asked for, with its labels."""
    series: dict[str, set[str]] = {"up": set()} | {rule["record"]: set() for rule in rules() if "record" in rule}
    for metric in ALL:
        ends = OF_HISTOGRAMS if metric.kind == "histogram" else {"": set[str]()}
        series |= {metric.name + end: {*metric.labels, *more} for end, more in ends.items()}
    return series


def unknown_in(text: str) -> list[str]:
    """Names that nobody counts, and labels that what is asked for does not have."""
    series, plain = known(), QUOTED.sub('""', text)
    asked = {name: set(MATCHED.findall(labels)) for name, labels in SERIES.findall(plain)}
    problems = sorted(asked.keys() - series.keys())
    for name, labels in asked.items():
        problems += [f"{name}{{{label}}}" for label in sorted(labels - series.get(name, labels) - OF_TARGETS)]
    has = OF_TARGETS.union(*(series.get(name, set()) for name in asked))
    grouped = {label.strip() for labels in GROUPED.findall(plain) for label in labels.split(",")}
    return problems + [f"by ({label})" for label in sorted(grouped - has)]
