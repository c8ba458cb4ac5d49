"""What capacity figures foretell, by arithmetic."""

import json

import pytest

from deploy.bench.capacity.model import Cost, Line, Prediction, median_of
from deploy.bench.capacity.plan import Habits, Need, Plan
from deploy.bench.capacity.plan import table as plan_table
from deploy.bench.capacity.report import FILE, predictions_table, table
from deploy.ci.jobs import ROOT

PAGE = ROOT / "abdre/docs/scale.md"


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


FIGURES = {
    "costs": [
        {"what": what, "processes": 1, "role_us": role_us, "postgres_us": 100.0}
        for what, role_us in [
            ("realtime: message in a chat of 30", 200.0),
            ("realtime: message in a chat of 300", 300.0),
            ("gateway: page of 50 messages, passed on", 500.0),
            ("gateway: page of a chat, rendered", 20_000.0),
            ("chat: page of 50 messages", 1_000.0),
        ]
    ],
    "bytes_a_message": 500,
    "idle_kb_a_socket": 30.0,
}


def test_a_small_house_has_two_of_everything_and_one_primary():
    plan = Plan(FIGURES)

    assert (plan.realtime(1_000), plan.gateway(1_000), plan.primaries(1_000)) == (2, 2, 1)


def test_a_hundred_times_the_people_write_a_hundred_times_as_much():
    plan = Plan(FIGURES)

    assert plan.messages(1_000_000) == pytest.approx(100 * plan.messages(10_000))
    assert plan.bytes_a_year(1_000_000) == 1_000_000 * 40 * 365 * 500


def test_sockets_or_messages_decide_how_many_realtime_processes_are_needed():
    assert Plan(FIGURES).realtime(1_000_000) == 10  # 100,000 sockets
    assert Plan(FIGURES, Habits(messages_a_day=20_000)).realtime(1_000_000) > 10


def test_numbers_are_rounded_to_two_digits():
    assert [line.split(" | ")[1:] for line in plan_table([Need("x", [0.123, 42, 123_456.0])]).splitlines()[2:]] == [
        ["0.12", "42", "120,000 |"]
    ]


def test_the_page_on_scale_says_what_was_measured():
    page, figures = PAGE.read_text(), json.loads(FILE.read_text())

    assert table([Cost(**one) for one in figures["costs"]]) in page
    assert predictions_table([Prediction(**one) for one in figures["predictions"]]) in page
    assert plan_table(Plan(figures).needs()) in page
    assert f"**{figures['idle_kb_a_socket']:.1f} KB**" in page
    assert f"**{figures['bytes_a_message']:,} bytes**" in page
    assert figures["at"] in page


def test_at_least_two_of_what_was_foretold_came_within_a_fifth():
    foretold = [Prediction(**one) for one in json.loads(FILE.read_text())["predictions"]]

    assert sum(one.holds for one in foretold) >= 2
