"""The drawing beside the table, as SVG by hand: bars of CPU per delivery, and lines of growth."""

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH, HEIGHT, GAP = 420, 300, 60
LEFT, TOP = 60, 40


def drawing(bars: Mapping[str, float], lines: Mapping[str, Mapping[int, float]]) -> str:
    """`bars`: server → µs. `lines`: title → size → µs; each becomes a panel of its own."""
    panels = [bar_panel("CPU µs per delivery, 1,000 sockets in one chat", bars)] if bars else []
    panels += [line_panel(title, points) for title, points in lines.items() if points]
    placed = [
        f'<g transform="translate({number * (WIDTH + GAP)},0)">{panel}</g>' for number, panel in enumerate(panels)
    ]
    size = f'width="{len(panels) * (WIDTH + GAP)}" height="{HEIGHT + 60}"'
    style = "<style>text{font:12px sans-serif;fill:#333}.t{font-weight:bold}.o{fill:#2563eb}.p{fill:#9ca3af}</style>"
    background = '<rect width="100%" height="100%" fill="#fff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{style}{background}{"".join(placed)}</svg>\n'


def text(x: float, y: float, words: str, anchor: str = "start", kind: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{kind}">{escape(words)}</text>'


def bar_panel(title: str, bars: Mapping[str, float]) -> str:
    """On a logarithmic scale: the values lie hundreds apart."""
    least = min(bars.values()) / 2
    span = math.log(max(bars.values()) / least)
    step = (HEIGHT - TOP) / len(bars)
    parts = [text(LEFT, 20, title, kind="t")]
    for number, (name, value) in enumerate(sorted(bars.items(), key=lambda bar: bar[1])):
        y = TOP + number * step
        width = (WIDTH - LEFT - 60) * math.log(value / least) / span
        kind = "o" if name == "ours" else "p"
        parts += [
            text(LEFT, y + 12, name),
            f'<rect x="{LEFT}" y="{y + 16:.1f}" width="{width:.1f}" height="{step - 24:.1f}" class="{kind}"/>',
            text(LEFT + width + 6, y + 16 + (step - 24) / 2 + 4, f"{value:.3g}"),
        ]
    return "".join(parts)


def line_panel(title: str, points: Mapping[int, float]) -> str:
    """Sizes on a logarithmic axis, the value from 0, so that flat looks flat."""
    sizes = sorted(points)
    low, high = math.log(sizes[0]), math.log(max(sizes[-1], sizes[0] + 1))
    most = max(points.values()) * 1.2

    def place(size: int) -> tuple[float, float]:
        x = LEFT + (WIDTH - LEFT - 20) * (math.log(size) - low) / (high - low)
        return x, HEIGHT - (HEIGHT - TOP) * points[size] / most

    parts = [text(LEFT, 20, title, kind="t"), _axes()]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(place, sizes))
    parts.append(f'<polyline points="{path}" fill="none" stroke="#2563eb" stroke-width="2"/>')
    for size in sizes:
        x, y = place(size)
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" class="o"/>',
            text(x, y - 10, f"{points[size]:.3g}", "middle"),
            text(x, HEIGHT + 20, f"{size:,}", "middle"),
        ]
    return "".join(parts)


def _axes() -> str:
    return f'<polyline points="{LEFT},{TOP} {LEFT},{HEIGHT} {WIDTH},{HEIGHT}" fill="none" stroke="#333"/>'


def bars_of(names: Sequence[str], values: Sequence[float | None]) -> dict[str, float]:
    return {name: value for name, value in zip(names, values, strict=True) if value}
