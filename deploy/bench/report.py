"""What was found, in words and figures: the table, every run behind it, the settings, and what is missed and why."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.bench.rows import Row, Runs, Spread, as_promised, missed, spread, spread_of
from deploy.bench.run import Outcome
from deploy.bench.scenarios import Scenario

# A generator that uses more of its core than this may be what was measured.
GENERATOR_LIMIT = 0.85
Hot = tuple[str, float, float]


@dataclass
class Findings:
    """Grows with each scenario that is done."""

    command: str
    date: str = ""
    machine: dict[str, str] = field(default_factory=dict)
    versions: dict[str, dict[str, str]] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    placing: str = ""
    rows: list[Row] = field(default_factory=list)
    runs: list[tuple[Scenario, Runs]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    profiles: dict[str, Sequence[Hot]] = field(default_factory=dict)
    more: dict[str, str] = field(default_factory=dict)  # title → text: what a section has to show besides
    faults: list[str] = field(default_factory=list)  # peers that could not be had, runs that broke


def number(value: float | None) -> str:
    """Three digits that matter."""
    if value is None:
        return "–"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def table(rows: Sequence[Row]) -> str:
    words = {None: "", True: "yes", False: "**missed**"}
    lines = [
        f"| {row['name']} | {number(row['ours'])} | {row['peer']} | {number(row['peer_value'])} "
        f"| {number(row['ratio'])} | {row.get('spread', '')} | {row['target'] or ''} | {words[row['met']]} |"
        for row in rows
    ]
    head = [
        "| scenario | ours | beside | its figure | ours ÷ its | spread | target | met |",
        "|---|---:|---|---:|---:|---|---|---|",
    ]
    return "\n".join(head + lines)


def runs_table(runs: Iterable[tuple[Scenario, Runs]]) -> str:
    head = [
        "| scenario | server | CPU µs per delivery (spread) | deliveries/s | messages/s (spread) | p50 ms | p99 ms "
        "| generator | server's core | other cores | lost, closed |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    return "\n".join(head + [run_line(scenario, name, o) for scenario, by in runs for name, o in by.items() if o])


def run_line(scenario: Scenario, name: str, outcomes: Sequence[Outcome]) -> str:
    counted = [outcome.figures for outcome in outcomes if outcome.figures]
    deliveries = spread([one.deliveries / one.seconds for one in counted]).median if counted else None
    gone = f"{sum(one.lost for one in counted)}, {sum(one.closed for one in counted)}" if counted else ""
    p50, p99 = spread_of(outcomes, "p50_ms"), spread_of(outcomes, "p99_ms")
    cells = [
        scenario.title,
        name,
        with_spread(spread_of(outcomes, "cpu_us")),
        number(deliveries),
        with_spread(spread_of(outcomes, "messages_per_s")),
        number(p50 and p50.median),
        number(p99 and p99.median),
        marked(spread([one.generator_share for one in outcomes]).highest),
        f"{spread([one.server_core_busy for one in outcomes]).median:.0%}",
        f"{spread([one.other_cores_busy for one in outcomes]).median:.0%}",
        gone,
    ]
    return f"| {' | '.join(cells)} |"


def with_spread(found: Spread | None) -> str:
    if found is None:
        return "–"
    return f"{number(found.median)} ({number(found.lowest)} to {number(found.highest)})"


def marked(share: float) -> str:
    """The generator's share of a core, pointed at where it may have been the bottleneck."""
    return f"{share:.0%}" + (" **!**" if share > GENERATOR_LIMIT else "")


def is_generator_light(outcomes: Iterable[Outcome]) -> bool:
    return all(outcome.generator_share <= GENERATOR_LIMIT for outcome in outcomes)


def listed(facts: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in facts.items())


def document(found: Findings) -> str:
    not_met = missed(found.rows)
    parts = [
        "# Results",
        f"{found.date}, by `{found.command}`. {listed(found.machine)}. {found.placing}",
        table(found.rows),
        "*Spread* is how far the runs lie apart, as a share of their median: ours, its.",
        *_section("Not to be had", [f"- {fault}" for fault in found.faults]),
        "## Missed",
        "\n".join(
            f"- {row['name']} beside {row['peer']}: {number(row['ratio'])}, wanted {row['target']}" for row in not_met
        )
        or "Nothing.",
        *[_profile(title, lines) for title, lines in found.profiles.items()],
        "![CPU per delivery, and growth](results.svg)",
        "## Every run",
        RUNS_ARE,
        runs_table(found.runs),
        *[f"## {title}\n\n{text}" for title, text in found.more.items()],
        *_section("Notes", [f"- {note}" for note in found.notes]),
        "## The servers, each at its best honest setting",
        "\n".join(
            f"- **{name}**: {text}. {listed(found.versions.get(name, {}))}." for name, text in found.settings.items()
        ),
    ]
    return "\n\n".join(parts) + "\n"


RUNS_ARE = (
    "Medians of runs that took turns, with the lowest and the highest. CPU is the measured server's, its threads and "
    "children with it, by the scheduler's count; PostgreSQL and Redis are not in it. *Generator* is the load "
    f"generator's greatest share of one core: above {GENERATOR_LIMIT:.0%} it is marked, for then it may be what was "
    "measured. *Lost* was not seen delivered within 10 s, *closed* are connections that the server ended."
)


def _section(title: str, lines: list[str]) -> list[str]:
    return [f"## {title}", "\n".join(lines)] if lines else []


def _profile(title: str, lines: Sequence[Hot]) -> str:
    head = [f"### Where the time goes: {title}", "", "| function | alone | with what it calls |", "|---|---:|---:|"]
    return "\n".join(head + [f"| `{name}` | {alone:.0%} | {within:.0%} |" for name, alone, within in lines])


def write(found: Findings, folder: Path, drawing: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(as_promised(found.rows), indent=2, ensure_ascii=False) + "\n")
    (folder / "RESULTS.md").write_text(document(found))
    (folder / "results.svg").write_text(drawing)
