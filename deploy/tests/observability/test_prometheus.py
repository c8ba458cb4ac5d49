"""Compose's Prometheus asks everybody, under the names that rules and dashboards go by."""

import yaml

from deploy.ci.stack import INNER_ROLES, WORKER
from deploy.observability.queries import FOLDER

CONFIG = yaml.safe_load((FOLDER / "prometheus/prometheus.yml").read_text())
[JOB] = CONFIG["scrape_configs"]


def test_every_role_is_asked_and_named():
    asked = {target: one["labels"] for one in JOB["static_configs"] for target in one["targets"]}

    assert asked == {f"{role}:9100": {"role": role} for role in ["gateway", *INNER_ROLES, WORKER]}


def test_what_a_role_calls_itself_stays():
    assert JOB["job_name"] == "abdre"
    assert JOB["honor_labels"] is True


def test_the_rules_are_where_compose_mounts_them():
    assert CONFIG["rule_files"] == ["/etc/prometheus/rules/*.yml"]
    assert list((FOLDER / "prometheus/rules").glob("*.yml"))
