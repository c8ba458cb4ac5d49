"""What the figures foretell, and how far off that was: arithmetic alone."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

WITHIN = 0.2


@dataclass(frozen=True)
class Cost:
    """Of one unit (a request, a message): µs of CPU in the role, in PostgreSQL and in Redis; and units a second."""

    what: str
    processes: int
    per_s: float
    role_us: float
    postgres_us: float
    redis_us: float
    p50_ms: float
    p99_ms: float

    def as_json(self) -> dict[str, Any]:
        return {name: round(value, 2) if isinstance(value, float) else value for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Prediction:
    what: str
    foretold: float
    measured: float
    unit: str

    @property
    def error(self) -> float:
        return self.measured / self.foretold - 1

    @property
    def holds(self) -> bool:
        return abs(self.error) <= WITHIN


@dataclass(frozen=True)
class Line:
    """`fixed + each × members`: what a message costs the role that tells it to the members of its chat."""

    fixed: float
    each: float

    @classmethod
    def through(cls, first: tuple[float, float], second: tuple[float, float]) -> "Line":
        (x, y), (far_x, far_y) = first, second
        each = (far_y - y) / (far_x - x)
        return cls(y - each * x, each)

    def at(self, members: float) -> float:
        return self.fixed + self.each * members


def median_of(costs: Sequence[Cost]) -> Cost:
    """The run whose role cost is in the middle: its figures belong together."""
    return sorted(costs, key=lambda cost: cost.role_us)[len(costs) // 2]
