"""A plot is bars within its picture, whatever the figures; and says in words what it shows."""

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from lxml import html

from abdre.tally import HOUR_S, MINUTE_S, Series
from auth_svc.admin.plot import HEIGHT, LEAST, STEP, Plot, plot


def of(*sums: int, counted: list[bool] | None = None, step_s: int = MINUTE_S) -> Plot:
    series = Series(step_s, {"tea": list(sums)}, counted or [True] * len(sums))
    return plot("tea", "Tea", series, {"tea": ""})


def test_of_nothing_there_is_no_bar_and_no_row():
    drawn = of(*[0] * 60)

    assert (drawn.bars, drawn.rows, drawn.total, drawn.warning) == ([], [], "0", "")


def test_one_is_a_small_bar_and_one_row():
    drawn = of(*[0] * 58, 1, 0)

    (bar,) = drawn.bars
    assert (bar.x, bar.y + bar.height) == (58 * STEP, HEIGHT)
    assert LEAST < bar.height <= HEIGHT / 4
    assert [(row.when, row.sums) for row in drawn.rows] == [("1 minute ago", ["1"])]


@pytest.mark.parametrize("sums", [[5], [1, 10**9], [10**9, 10**9], [7] * 60])
def test_bars_stay_within_the_picture_and_what_happened_is_seen(sums: list[int]):
    drawn = of(*sums)

    assert len(drawn.bars) == len(sums)
    for bar in drawn.bars:
        assert 0 <= bar.x < bar.x + bar.width <= drawn.width
        assert 0 <= bar.y < bar.y + bar.height == HEIGHT
        assert bar.height >= LEAST


def test_two_sums_stand_on_each_other():
    series = Series(HOUR_S, {"tea": [3, 10**6], "coffee": [1, 1]}, [True, True])
    drawn = plot("drinks", "Drinks", series, {"tea": "Tea", "coffee": "Coffee"})

    lower, upper = [bar for bar in drawn.bars if bar.x == STEP]
    assert (lower.kind, upper.kind) == ("1", "2")
    assert upper.y >= 0
    assert upper.y + upper.height == lower.y
    assert [(part.name, part.total) for part in drawn.parts] == [("Tea", "1,000,003"), ("Coffee", "2")]
    assert drawn.rows[0].sums == ["1,000,000", "1"]
    assert drawn.rows[1].when == "1 hour ago"


def test_a_time_in_which_nobody_counted_is_no_time_in_which_nothing_happened():
    drawn = of(0, 0, 2, 0, counted=[False, False, True, False])

    gaps = [bar.x for bar in drawn.bars if bar.kind == "gap"]
    assert gaps == [0, STEP]  # of the running step nothing need have come yet
    assert drawn.warning == "Nobody counted in 2 minutes of it."


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_it_is_an_image_with_a_name_a_description_and_its_figures_in_a_table(language: str):
    with translation.override(language):
        drawn = of(*[0] * 57, 1234, 0, 2)
        page = html.fromstring(render_to_string("admin/_plot.html", {"plot": drawn}))

    (picture,) = page.xpath("//svg[@role='img']")
    names = picture.get("aria-labelledby").split()
    assert [one.get("id") for one in picture if one.tag in ("title", "desc")] == names
    assert drawn.summary in picture.findtext("desc")
    assert [row.findtext("td") for row in page.xpath("//tbody/tr")] == [row.sums[0] for row in drawn.rows]
    assert all(rect.get(side).isdigit() for rect in page.xpath("//rect") for side in ("x", "y", "width", "height"))
    assert not page.xpath("//@style | //script | //style")
