"""The dashboards, as Grafana reads them: `python -m deploy.observability.grafana.dashboards` writes them anew.

Each panel answers a question that somebody has who looks after the house; its title is short for it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

FOLDER = Path(__file__).parent / "dashboards"
SOURCE = {"type": "prometheus", "uid": "prometheus"}
COLUMNS, WIDTH, HEIGHT = 24, 8, 8
STEP = "$__rate_interval"

Unit = Literal["short", "reqps", "ops", "s", "percentunit", "bytes", "none"]


@dataclass(frozen=True)
class Panel:
    title: str
    question: str
    queries: Mapping[str, str]  # legend: what is asked
    unit: Unit = "short"


def quantiles(metric: str, *, where: str = "", by: str = "") -> dict[str, str]:
    """Half of them are faster than the first, 1 in 100 is slower than the last."""
    labels = ", ".join(["le", *([by] if by else [])])
    legend = f" {{{{{by}}}}}" if by else ""
    buckets = f"sum by ({labels}) (rate({metric}_bucket{where}[{STEP}]))"
    shares = ("0.95",) if by else ("0.5", "0.95", "0.99")
    return {f"{share}{legend}": f"histogram_quantile({share}, {buckets})" for share in shares}


def rate(metric: str, *, where: str = "", by: str = "") -> dict[str, str]:
    legend = " ".join(f"{{{{{label.strip()}}}}}" for label in by.split(",")) if by else "all"
    return {legend: f"sum{f' by ({by})' if by else ''} (rate({metric}{where}[{STEP}]))"}


EDGE = '{role=~"gateway|all-in-one"}'
SOCKETS = '{role=~"realtime|all-in-one"}'  # every process says how many it has, and nearly all have none
NO_SOCKETS = '{method!="WS"}'

DASHBOARDS: dict[str, list[Panel]] = {
    "Overview": [
        Panel("Processes that answer", "Is everybody there?", {"{{role}}": 'sum by (role) (up{job="abdre"})'}, "none"),
        Panel(
            "Needs that are met",
            "Does each role have its database, Redis, migrations? 0: somebody lacks it.",
            {"{{role}} {{check}}": "min by (role, check) (abdre_ready)"},
            "none",
        ),
        Panel(
            "Releases",
            "Which releases run, in how many processes?",
            {"{{role}} {{version}}": "count by (role, version) (abdre_build_info)"},
            "none",
        ),
        Panel(
            "Requests", "How much is asked?", rate("abdre_http_requests_total", where=NO_SOCKETS, by="role"), "reqps"
        ),
        Panel(
            "What fails",
            "Which routes fail by our fault, and how?",
            rate("abdre_http_requests_total", where='{status=~"5.."}', by="role, route, status"),
            "reqps",
        ),
        Panel(
            "Share of answers that fail",
            "How much of a month's budget (0.001) does this take?",
            {
                "5 minutes": "abdre:errors:ratio_rate5m",
                "30 minutes": "abdre:errors:ratio_rate30m",
                "an hour": "abdre:errors:ratio_rate1h",
                "6 hours": "abdre:errors:ratio_rate6h",
            },
            "percentunit",
        ),
        Panel(
            "How long answers take",
            "What do people wait for?",
            quantiles("abdre_http_request_duration_seconds", where=EDGE),
            "s",
        ),
        Panel(
            "Pages that take longer than a second",
            "How many wait too long?",
            {"of the last 10 minutes": "abdre:slow_pages:ratio_rate10m"},
            "percentunit",
        ),
        Panel(
            "Slowest routes",
            "Where is the time?",
            {
                "{{role}} {{route}}": "topk(10, histogram_quantile(0.95, sum by (le, role, route) "
                f"(rate(abdre_http_request_duration_seconds_bucket[{STEP}]))))"
            },
            "s",
        ),
        Panel(
            "Requests under way", "Does work heap up?", {"{{role}}": "sum by (role) (abdre_http_requests_in_progress)"}
        ),
        Panel("Messages", "How much is said?", rate("abdre_messages_total"), "ops"),
        Panel("Sockets", "How many are here?", {"open": "sum(abdre_realtime_connections)"}),
        Panel(
            "Invitations in an hour",
            "Of the codes made, how many are opened, bring somebody in, and bring somebody who speaks?",
            {"{{step}}": "sum by (step) (increase(abdre_invitations_total[1h]))"},
        ),
        Panel(
            "What staff sees counted",
            "What else happens?",
            {"{{name}}": f"topk(12, sum by (name) (rate(abdre_events_total[{STEP}])))"},
            "ops",
        ),
        Panel("Processors", "Who is busy? 1 is one processor.", rate("process_cpu_seconds_total", by="role, instance")),
        Panel("Memory", "Who grows?", {"{{role}} {{instance}}": 'process_resident_memory_bytes{job="abdre"}'}, "bytes"),
        Panel(
            "Open files and sockets",
            "How near is their limit?",
            {"{{role}} {{instance}}": 'process_open_fds{job="abdre"} / process_max_fds{job="abdre"}'},
            "percentunit",
        ),
        Panel(
            "Age of processes",
            "Who was restarted, and when?",
            {"{{role}} {{instance}}": 'time() - process_start_time_seconds{job="abdre"}'},
            "s",
        ),
    ],
    "Realtime": [
        Panel(
            "Sockets",
            "How are they spread?",
            {"{{instance}}": f"sum by (instance) (abdre_realtime_connections{SOCKETS})"},
        ),
        Panel("Sockets come", "Do they come in a herd?", rate("abdre_realtime_opened_total"), "ops"),
        Panel("Sockets go", "By which code, so why?", rate("abdre_realtime_closed_total", by="code"), "ops"),
        Panel(
            "From asking to the commit",
            "How long does a sender wait?",
            quantiles("abdre_writer_commit_seconds"),
            "s",
        ),
        Panel(
            "From the commit to the sockets",
            "How long does a reader wait?",
            quantiles("abdre_realtime_delivery_seconds"),
            "s",
        ),
        Panel(
            "From the commit to the sockets, by process",
            "Is one of them slow?",
            quantiles("abdre_realtime_delivery_seconds", by="instance"),
            "s",
        ),
        Panel("Batches", "How many messages share a commit?", quantiles("abdre_writer_batch_messages")),
        Panel(
            "Messages that wait",
            "Does the writer keep up?",
            {"{{role}} {{instance}}": "sum by (role, instance) (abdre_writer_queue_messages)"},
        ),
        Panel("Fan-out", "How many sockets does one flush reach?", quantiles("abdre_realtime_fanout_sockets")),
        Panel(
            "Holes mended",
            "Is news lost on its way?",
            rate("abdre_realtime_repairs_total", where=SOCKETS, by="instance"),
            "ops",
        ),
        Panel("Resumes", "How many came back and were told?", rate("abdre_realtime_resumes_total"), "ops"),
        Panel(
            "Readers who do not keep up",
            "What were they not told?",
            rate("abdre_realtime_outbox_drops_total", by="kind"),
            "ops",
        ),
        Panel(
            "Channel layer away",
            "Which process does not hear itself?",
            {"{{instance}}": f"max by (instance) (abdre_layer_away{SOCKETS})"},
            "none",
        ),
    ],
    "Stores": [
        Panel(
            "Connections to PostgreSQL",
            "Are all in use, does somebody wait?",
            {"{{role}} {{state}}": "sum by (role, state) (abdre_database_pool_connections)"},
        ),
        Panel(
            "Waiting for a connection",
            "How much time goes by in waiting, each second?",
            rate("abdre_database_pool_wait_seconds_total", by="role"),
            "s",
        ),
        Panel(
            "No connection in time", "Who is turned away?", rate("abdre_database_pool_errors_total", by="role"), "ops"
        ),
        Panel(
            "Commits of messages",
            "Is PostgreSQL slow?",
            quantiles("abdre_writer_commit_seconds", by="role"),
            "s",
        ),
        Panel("Questions to Redis", "How much is asked?", rate("abdre_store_requests_total", by="role"), "ops"),
        Panel(
            "Redis away",
            "Who is not answered?",
            rate("abdre_store_requests_total", where='{outcome="away"}', by="role"),
            "ops",
        ),
    ],
    "Gateway": [
        Panel(
            "Questions to services",
            "Who is asked, with what outcome?",
            rate("abdre_upstream_requests_total", by="upstream, outcome"),
            "reqps",
        ),
        Panel(
            "How long services take",
            "Who is slow?",
            quantiles("abdre_upstream_request_duration_seconds", by="upstream"),
            "s",
        ),
        Panel(
            "Breakers",
            "Who is left alone? 0 nobody, 1 is tried, 2 left alone.",
            {"{{upstream}} {{address}}": "max by (upstream, address) (abdre_upstream_breaker_state)"},
            "none",
        ),
        Panel(
            "What services fail",
            "Which share of the questions brings nothing?",
            {
                "{{upstream}}": f'sum by (upstream) (rate(abdre_upstream_requests_total{{outcome!="ok"}}[{STEP}])) '
                f"/ sum by (upstream) (rate(abdre_upstream_requests_total[{STEP}]))"
            },
            "percentunit",
        ),
        Panel(
            "Answers by status",
            "What are people told?",
            rate("abdre_http_requests_total", where=EDGE, by="status"),
            "reqps",
        ),
        Panel(
            "Routes",
            "What is asked most?",
            {
                "{{method}} {{route}}": "topk(10, sum by (method, route) "
                f"(rate(abdre_http_requests_total{EDGE}[{STEP}])))"
            },
            "reqps",
        ),
    ],
    "Jobs": [
        Panel("Jobs that wait", "Do the workers keep up?", {"due": "max(abdre_jobs_waiting)"}),
        Panel("The oldest of them", "How late is it?", {"due for": "max(abdre_jobs_oldest_seconds)"}, "s"),
        Panel("Jobs done", "What is done, what fails?", rate("abdre_jobs_total", by="task, outcome"), "ops"),
        Panel("How long jobs take", "Which is slow?", quantiles("abdre_job_duration_seconds", by="task"), "s"),
        Panel(
            "Since a periodic deed was done",
            "Which is late, measured by its own interval?",
            {
                "{{role}} {{deed}}": "topk(10, "
                "(time() - max by (role, deed) (abdre_periodic_success_timestamp_seconds)) "
                "/ max by (role, deed) (abdre_periodic_interval_seconds))"
            },
        ),
        Panel(
            "Periodic deeds that fail", "Which, and how often?", rate("abdre_periodic_failures_total", by="deed"), "ops"
        ),
    ],
}


def dashboard(name: str) -> dict[str, Any]:
    return {
        "uid": f"abdre-{name.lower()}",
        "title": f"ABDRE {name}",
        "tags": ["abdre"],
        "timezone": "browser",
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "links": [{"type": "dashboards", "tags": ["abdre"], "title": "ABDRE", "asDropdown": False}],
        "panels": list(_panels(DASHBOARDS[name])),
    }


def _panels(panels: list[Panel]) -> Iterator[dict[str, Any]]:
    in_a_row = COLUMNS // WIDTH
    for place, panel in enumerate(panels):
        yield {
            "id": place + 1,
            "type": "timeseries",
            "title": panel.title,
            "description": panel.question,
            "datasource": SOURCE,
            "gridPos": {"x": place % in_a_row * WIDTH, "y": place // in_a_row * HEIGHT, "w": WIDTH, "h": HEIGHT},
            "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
            "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
            "targets": [
                {"refId": chr(ord("A") + place), "datasource": SOURCE, "legendFormat": legend, "expr": query}
                for place, (legend, query) in enumerate(panel.queries.items())
            ],
        }


def text_of(name: str) -> str:
    return json.dumps(dashboard(name), indent=2) + "\n"


def main() -> None:
    for name in DASHBOARDS:
        (FOLDER / f"{name.lower()}.json").write_text(text_of(name))


if __name__ == "__main__":
    main()
