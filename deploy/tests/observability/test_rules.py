"""An alert that fires can be acted on; one that watches nothing, or that nobody has seen fire, is none."""

import re
import subprocess

import pytest
import yaml

from abdre.metrics.kinds import ALL
from deploy.ci.jobs import ROOT
from deploy.ci.servers import program
from deploy.observability import queries
from deploy.observability.grafana import dashboards

RULE_TESTS = queries.FOLDER / "prometheus/tests/abdre.yml"
RUNBOOKS = ROOT / "deploy/runbooks"
ALERTS = queries.alerts()
FIRES = re.compile(r'alertname=~?"([^"]*)"')


def told_by_promtool(*arguments: str) -> str:
    done = subprocess.run(
        [program("promtool", package="prometheus"), *arguments], capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_the_rules_are_rules():
    assert told_by_promtool("check", "rules", "--lint-fatal", str(queries.RULES)) == ""


def test_each_alert_fires_when_it_should_and_only_then():
    assert told_by_promtool("test", "rules", str(RULE_TESTS)) == ""


@pytest.mark.parametrize("name", ALERTS)
def test_of_each_alert_it_is_tested_that_it_fires_and_that_it_does_not(name: str):
    asked = [one for test in yaml.safe_load(RULE_TESTS.read_text())["tests"] for one in test["promql_expr_test"]]
    own = [one for one in asked if any(re.fullmatch(pattern, name) for pattern in FIRES.findall(one["expr"]))]

    assert {"exp_samples" in one for one in own} == {True, False}


@pytest.mark.parametrize("name", ALERTS)
def test_each_alert_says_how_bad_it_is_what_is_wrong_and_what_to_do(name: str):
    alert = ALERTS[name]

    assert alert["labels"]["severity"] in ("page", "ticket")
    assert alert["annotations"]["summary"]
    assert alert["annotations"]["runbook_url"] == f"deploy/runbooks/alerts/{name}.md"
    page = (ROOT / alert["annotations"]["runbook_url"]).read_text()
    assert page.startswith(f"# {name}: ")
    for part in ("Symptom.", "What it means.", "Look here.", "Do this.", "Whole again."):
        assert f"**{part}**" in page


def test_each_page_is_of_an_alert():
    assert {path.stem for path in (RUNBOOKS / "alerts").iterdir()} == set(ALERTS)


def test_every_comparison_can_be_taken_out_of_an_alert():
    for query in queries.watched():
        assert not re.search(r"(?<![=!])[<>]", queries.QUOTED.sub("", query.text)), query.where
        assert query.text != ALERTS[query.where.removeprefix("alert ")]["expr"], query.where


@pytest.mark.parametrize(
    "query", [*queries.recorded(), *queries.watched(), *queries.panels()], ids=lambda one: one.where
)
def test_what_is_asked_for_is_counted(query: queries.Query):
    assert queries.unknown_in(query.text) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("rate(abdre_http_request_total[5m])", "abdre_http_request_total"),
        ('abdre_ready{chek="database"}', "abdre_ready{chek}"),
        ("sum by (role, chek) (abdre_ready)", "by (chek)"),
        ("abdre_http_request_duration_seconds", "abdre_http_request_duration_seconds"),
    ],
)
def test_what_nobody_counts_is_found(text: str, problem: str):
    assert queries.unknown_in(text) == [problem]


def test_every_metric_is_on_a_dashboard():
    shown = " ".join(query.text for query in queries.panels())

    assert [metric.name for metric in ALL if not re.search(rf"\b{metric.name}(_bucket)?\b", shown)] == []


@pytest.mark.parametrize("name", dashboards.DASHBOARDS)
def test_the_dashboards_are_as_they_are_written_down(name: str):
    assert (queries.DASHBOARDS / f"{name.lower()}.json").read_text() == dashboards.text_of(name)


def test_no_other_dashboard_is_there():
    assert {path.stem for path in queries.DASHBOARDS.iterdir()} == {name.lower() for name in dashboards.DASHBOARDS}
