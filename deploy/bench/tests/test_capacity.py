"""What capacity figures foretell, by arithmetic."""

import pytest

from deploy.bench.capacity.model import Cost, Line, Prediction, median_of
from deploy.bench.capacity.report import predictions_table, table


def cost(role_us: float, what: str = "chat: a page") -> Cost:
    return Cost(what, 1, 100.0, role_us, 20.0, 3.0, 1.5, 9.0)


def test_a_line_goes_through_both_points():
    line = Line.through((3, 106), (300, 700))

    assert line == Line(fixed=100, each=2)
    assert line.at(30) == pytest.approx(160)


@pytest.mark.parametrize(("measured", "holds"), [(120, True), (80, True), (121, False), (79, False)])
def test_a_prediction_holds_within_a_fifth(measured: float, holds: bool):
    assert Prediction("disk", 100, measured, "bytes").holds is holds


def test_the_middle_run_stands_for_all():
    assert median_of([cost(9), cost(1), cost(5)]).role_us == 5


def test_the_tables_say_each_figure_with_its_unit():
    assert table([cost(1234)]).splitlines()[-1] == "| chat: a page | 1 | 100 | 1,234 | 20 | 3 | 1.5 | 9.0 |"
    assert predictions_table([Prediction("disk", 100, 90, "bytes")]).splitlines()[-1] == (
        "| disk | 100 bytes | 90 bytes | -10% |"
    )
