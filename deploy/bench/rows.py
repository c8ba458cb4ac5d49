"""From runs to the table: medians and spread, ratios, and whether they reach their targets."""

import statistics
from collections.abc import Mapping, Sequence
from typing import NamedTuple, NotRequired, TypedDict

from deploy.bench.run import Outcome
from deploy.bench.scenarios import FIGURES, Figure, Scenario, Target


class Row(TypedDict):
    """One line of results.json. `target` and `met` are None where the peer stands for comparison only."""

    name: str
    ours: float | None
    peer: str
    peer_value: float | None
    ratio: float | None
    target: str | None
    met: bool | None
    spread: NotRequired[str]  # for readers only


class Spread(NamedTuple):
    median: float
    lowest: float
    highest: float

    @property
    def share(self) -> float:
        """How far the runs lie apart, as a share of their median."""
        return (self.highest - self.lowest) / self.median if self.median else 0.0


Runs = Mapping[str, Sequence[Outcome]]


def spread(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


def spread_of(runs: Sequence[Outcome], figure: Figure) -> Spread | None:
    values = [run.values[figure] for run in runs if figure in run.values]
    return spread(values) if values else None


def row(
    name: str,
    ours: float | None,
    peer: str,
    peer_value: float | None,
    *,
    bound: float | None = None,
    at_least: bool = False,
) -> Row:
    """A target whose figures could not be had is not met."""
    ratio = ours / peer_value if ours is not None and peer_value else None
    if bound is None:
        met = None
    elif ratio is None:
        met = False
    else:
        met = ratio >= bound if at_least else ratio <= bound
    target = None if bound is None else f"{'≥' if at_least else '≤'} {bound:.4g}"
    return Row(name=name, ours=ours, peer=peer, peer_value=peer_value, ratio=ratio, target=target, met=met)


def rows_of(scenario: Scenario, runs: Runs) -> list[Row]:
    return [_compared(scenario, target, runs) for target in scenario.targets if target.peer in runs]


def _compared(scenario: Scenario, target: Target, runs: Runs) -> Row:
    """The ratio of medians; runs of one scenario took turns."""
    ours = spread_of(runs.get(scenario.peers[0], []), target.figure)
    theirs = spread_of(runs[target.peer], target.figure)
    compared = row(
        f"{scenario.title}: {FIGURES[target.figure]}",
        ours and ours.median,
        target.peer,
        theirs and theirs.median,
        bound=target.bound,
        at_least=target.at_least,
    )
    if ours and theirs:
        compared["spread"] = f"{ours.share:.0%}, {theirs.share:.0%}"
    return compared


def as_promised(rows: Sequence[Row]) -> list[Row]:
    """With the keys that machines were promised and no other."""
    return [Row(**{key: row.get(key) for key in Row.__required_keys__}) for row in rows]  # type: ignore[typeddict-item]


def missed(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["met"] is False]
