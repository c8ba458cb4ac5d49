"""The figures as tables; scale.md holds them exactly as these write them (a test)."""

from collections.abc import Sequence

from deploy.bench.capacity.model import Cost, Prediction
from deploy.ci.jobs import ROOT

FILE = ROOT / "deploy" / "bench" / "capacity.json"


def table(costs: Sequence[Cost]) -> str:
    head = [
        "| role: what | processes | a second | role, µs | PostgreSQL, µs | Redis, µs | p50, ms | p99, ms |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    rows = [
        f"| {cost.what} | {cost.processes} | {cost.per_s:,.0f} | {cost.role_us:,.0f} | {cost.postgres_us:,.0f} "
        f"| {cost.redis_us:,.0f} | {cost.p50_ms:,.1f} | {cost.p99_ms:,.1f} |"
        for cost in costs
    ]
    return "\n".join([*head, *rows])


def predictions_table(predictions: Sequence[Prediction]) -> str:
    head = ["| what | foretold | measured | off by |", "|---|---:|---:|---:|"]
    rows = [
        f"| {one.what} | {one.foretold:,.0f} {one.unit} | {one.measured:,.0f} {one.unit} | {one.error:+.0%} |"
        for one in predictions
    ]
    return "\n".join([*head, *rows])
