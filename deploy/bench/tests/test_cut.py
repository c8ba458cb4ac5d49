"""Statements a second after a cut: the worst stretch counts, and the first seconds do not."""

from deploy.bench.single import Look, worst_average


def looks(*statements: int) -> list[Look]:
    """One a second."""
    return [Look(float(second), 0, count) for second, count in enumerate(statements)]


def test_the_first_seconds_do_not_count():
    assert worst_average(looks(0, 900, 900, 910, 920), over_s=2, after_s=1) == 10


def test_the_worst_stretch_counts():
    assert worst_average(looks(0, 10, 20, 80, 90, 100), over_s=2, after_s=0) == 35


def test_a_time_too_short_for_one_stretch_gives_none():
    assert worst_average(looks(0, 10), over_s=5, after_s=0) == 0
