"""What readers see of the figures."""

from deploy.bench.plot import drawing
from deploy.bench.report import Findings, document, marked, number, table
from deploy.bench.rows import row


def test_a_table_says_what_is_met_and_what_is_missed():
    text = table([row("cost", 5, "ws", 10, bound=0.5), row("cost", 6, "ws", 10, bound=0.5), row("cost", 6, "ws", 10)])

    *_, met, missed, compared = text.splitlines()

    assert met == "| cost | 5 | ws | 10 | 0.5 |  | ≤ 0.5 | yes |"
    assert missed.endswith("| ≤ 0.5 | **missed** |")
    assert compared.endswith("| 0.6 |  |  |  |")


def test_numbers_have_three_digits_that_matter():
    assert [number(value) for value in (0.0123456, 1.2345, 250.4, 98765.4, None)] == [
        "0.0123", "1.23", "250", "98,765", "–",
    ]  # fmt: skip


def test_a_busy_generator_is_marked():
    assert marked(0.86) == "86% **!**"
    assert marked(0.5) == "50%"


def test_what_is_missed_or_could_not_be_had_is_said():
    found = Findings("make bench", rows=[row("cost", 6, "ws", 10, bound=0.5)], faults=["nchan could not be installed"])

    text = document(found)

    assert "- cost beside ws: 0.6, wanted ≤ 0.5" in text
    assert "- nchan could not be installed" in text


def test_the_drawing_has_a_bar_for_each_server_and_a_point_for_each_size():
    text = drawing({"ours": 0.6, "ws": 5.7}, {"growth": {100: 1.0, 1000: 0.9}})

    assert text.count("<rect") == 3  # the background too
    assert text.count("<circle") == 2
