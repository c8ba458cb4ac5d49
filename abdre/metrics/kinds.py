"""Counters, gauges and histograms that cost next to nothing until they are switched on.

prometheus_client decides by the environment, when it is imported, whether several processes are added up; so it is
imported by `switch_on` alone, which the server's start calls.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

Labels = tuple[str, ...]
# How the values of several processes become one; those of processes that have ended leave ("live…"), or stay ("max").
Across = Literal["livesum", "livemax", "livemin", "max"]

ALL: list["Metric"] = []


class Metric:
    """`known`: values of the labels that are there from the start, as 0, so that their first step is seen as one."""

    kind = ""

    def __init__(self, name: str, text: str, *, labels: Labels = (), known: Sequence[Labels] = ()) -> None:
        self.name = name
        self.text = text
        self.labels = labels
        self._known = known if labels else [()]
        self._real: Any = None
        self._children: dict[Labels, Any] = {}
        ALL.append(self)

    def switch_on(self, registry: Any) -> None:
        self._real = self._made(registry)
        for labels in self._known:
            self._child(labels)

    def switch_off(self) -> None:
        self._real = None
        self._children = {}

    def _made(self, registry: Any) -> Any:
        raise NotImplementedError

    def _child(self, labels: Labels) -> Any:
        if len(labels) != len(self.labels):
            raise TypeError(f"{self.name} has the labels {self.labels}, not {labels}")
        child = self._children[labels] = self._real.labels(*labels) if labels else self._real
        return child


class Counter(Metric):
    kind = "counter"

    def _made(self, registry: Any) -> Any:
        import prometheus_client

        return prometheus_client.Counter(self.name, self.text, self.labels, registry=registry)

    def add(self, times: float = 1, *labels: str) -> None:
        """From any thread."""
        if self._real is not None:
            (self._children.get(labels) or self._child(labels)).inc(times)


class Gauge(Metric):
    """`across`: what several processes' values are together."""

    kind = "gauge"

    def __init__(
        self, name: str, text: str, *, across: Across, labels: Labels = (), known: Sequence[Labels] = ()
    ) -> None:
        super().__init__(name, text, labels=labels, known=known)
        self.across = across
        self._read: Callable[[], Mapping[Labels, float]] | None = None

    def _made(self, registry: Any) -> Any:
        import prometheus_client

        options: dict[str, Any] = {"registry": registry, "multiprocess_mode": self.across}
        return prometheus_client.Gauge(self.name, self.text, self.labels, **options)

    def add(self, change: float, *labels: str) -> None:
        if self._real is not None:
            (self._children.get(labels) or self._child(labels)).inc(change)

    def set(self, value: float, *labels: str) -> None:
        if self._real is not None:
            (self._children.get(labels) or self._child(labels)).set(value)

    def read_from(self, read: Callable[[], Mapping[Labels, float]]) -> None:
        """Look there every few seconds. What is not there any more is 0."""
        self._read = read

    def look(self) -> None:
        if self._read is not None and self._real is not None:
            now = self._read()
            for labels in {*self._children, *now}:
                self.set(now.get(labels, 0.0), *labels)


class Histogram(Metric):
    kind = "histogram"

    def __init__(
        self, name: str, text: str, *, buckets: Sequence[float], labels: Labels = (), known: Sequence[Labels] = ()
    ) -> None:
        super().__init__(name, text, labels=labels, known=known)
        self.buckets = buckets

    def _made(self, registry: Any) -> Any:
        import prometheus_client

        return prometheus_client.Histogram(self.name, self.text, self.labels, registry=registry, buckets=self.buckets)

    def observe(self, value: float, *labels: str) -> None:
        """From any thread."""
        if self._real is not None:
            (self._children.get(labels) or self._child(labels)).observe(value)


_is_on = False


def is_on() -> bool:
    """For what would have to be found out first."""
    return _is_on


def switch_on(registry: Any) -> None:
    """From now on everything is counted into `registry`, or, with several processes, into their common folder."""
    global _is_on
    from prometheus_client import disable_created_metrics

    disable_created_metrics()  # a second series for each, of when it was first counted: nobody asks for that
    for metric in ALL:
        metric.switch_on(registry)
    _is_on = True


def switch_off() -> None:
    global _is_on
    _is_on = False
    for metric in ALL:
        metric.switch_off()
