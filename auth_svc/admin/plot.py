"""A plot of equal steps as bars of an SVG, made here: no script, no style, and its figures as text beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from abdre.tally import MINUTE_S, Series

# In whole units of the picture, which is drawn as wide as there is room: a comma of the reader's language in a
# coordinate would break it.
STEP, BAR, HEIGHT = 10, 8, 100
# What happened once is seen, and is no tower.
LEAST, LEAST_TOP = 4, 4


@dataclass(frozen=True)
class Bar:
    kind: str  # of the CSS class: the part's number, or `gap`
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Part:
    """One of the sums that a plot stacks, as its legend names it."""

    name: Any
    total: str


@dataclass(frozen=True)
class Row:
    when: str
    sums: list[str]


@dataclass(frozen=True)
class Plot:
    """`rows`: the steps in which something happened, newest first. `warning`: what of the time was not counted."""

    key: str
    title: Any
    total: str
    summary: str
    warning: str
    parts: list[Part]
    bars: list[Bar]
    rows: list[Row]
    width: int
    first: str


def plot(key: str, title: Any, series: Series, names: dict[str, Any]) -> Plot:
    """`names`: of the sums that are stacked, from the bottom, by their names in `series`."""
    columns = list(zip(*(series.sums[name] for name in names), strict=True))
    return Plot(
        key=key,
        title=title,
        total=number(sum(map(sum, columns))),
        summary=_summary(series, columns),
        warning=_warning(series),
        parts=[Part(said, number(sum(series.sums[name]))) for name, said in names.items()],
        bars=[*_gaps(series), *_bars(columns)],
        rows=_rows(series, columns),
        width=len(columns) * STEP,
        first=_ago(series, len(columns) - 1),
    )


def number(value: int) -> str:
    return str(number_format(value, force_grouping=True))


Columns = list[tuple[int, ...]]


def _bars(columns: Columns) -> list[Bar]:
    highest = max(LEAST_TOP, *map(sum, columns))
    bars = []
    for place, column in enumerate(columns):
        foot = HEIGHT
        for part, value in enumerate(column):
            if value:
                height = min(foot, max(LEAST, value * (HEIGHT - LEAST) // highest))
                foot -= height
                bars.append(Bar(str(part + 1), place * STEP, foot, BAR, height))
    return bars


def _gaps(series: Series) -> list[Bar]:
    """Where nobody counted. Of the running step nothing need have come yet."""
    gone = enumerate(series.is_counted[:-1])
    return [Bar("gap", place * STEP, 0, STEP, HEIGHT) for place, is_counted in gone if not is_counted]


def _summary(series: Series, columns: Columns) -> str:
    highest = number(max(map(sum, columns)))
    if series.step_s == MINUTE_S:
        return _("in the last hour, at most %(highest)s a minute") % {"highest": highest}
    return _("in the last 24 hours, at most %(highest)s an hour") % {"highest": highest}


def _warning(series: Series) -> str:
    missing = series.is_counted[:-1].count(False)
    if not missing:
        return ""
    if series.step_s == MINUTE_S:
        text = ngettext(
            "Nobody counted in %(count)d minute of it.", "Nobody counted in %(count)d minutes of it.", missing
        )
    else:
        text = ngettext("Nobody counted in %(count)d hour of it.", "Nobody counted in %(count)d hours of it.", missing)
    return text % {"count": missing}


def _rows(series: Series, columns: Columns) -> list[Row]:
    newest_first = enumerate(reversed(columns))
    return [Row(_ago(series, steps), list(map(number, column))) for steps, column in newest_first if any(column)]


def _ago(series: Series, steps: int) -> str:
    if series.step_s == MINUTE_S:
        text = ngettext("%(count)d minute ago", "%(count)d minutes ago", steps) if steps else _("This minute")
    else:
        text = ngettext("%(count)d hour ago", "%(count)d hours ago", steps) if steps else _("This hour")
    return text % {"count": steps}
