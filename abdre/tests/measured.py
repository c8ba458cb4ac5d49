"""What a test's deeds move of the metrics."""

from types import TracebackType
from typing import Self

from prometheus_client import CollectorRegistry

from abdre.metrics.kinds import switch_off, switch_on


class Measured:
    """Everything is measured, from nothing, until the end of the block."""

    def __enter__(self) -> Self:
        self._registry = CollectorRegistry()
        switch_on(self._registry)
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None):
        switch_off()

    def __call__(self, name: str, /, **labels: str) -> float | None:
        """The sample's value; None where there is none."""
        return self._registry.get_sample_value(name, labels)

    def by(self, name: str, *labels: str) -> dict[tuple[str, ...], float]:
        """All samples of this name that are not 0, by the values of these labels."""
        samples = (sample for metric in self._registry.collect() for sample in metric.samples)
        found = [one for one in samples if one.name == name and one.value]
        return {tuple(one.labels[label] for label in labels): one.value for one in found}
