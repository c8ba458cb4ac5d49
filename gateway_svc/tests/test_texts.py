"""Somebody's text as HTML; moments as words."""

import datetime as dt

import pytest
from django.utils import timezone
from django.utils.translation import override

from gateway_svc.selectors import times
from gateway_svc.selectors.text import initial, linked, preview


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://example.org/a.", "https://example.org/a"),
        ("(https://example.org/a_(b))", "https://example.org/a_(b)"),
        ("https://example.org/?q=1&r=2, please", "https://example.org/?q=1&r=2"),
        ("HTTP://EXAMPLE.ORG/X!", "HTTP://EXAMPLE.ORG/X"),
        ("сайт https://пример.рф/путь", "https://пример.рф/путь"),
    ],
)
def test_an_address_is_a_link_without_the_sentences_punctuation(text: str, address: str) -> None:
    escaped = address.replace("&", "&amp;")

    assert f'<a href="{escaped}" ' in linked(text)
    assert f">{escaped}</a>" in linked(text)


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "example.org",
        "https://user:pass@example.org/",
        "https://",
        "data:text/html,x",
        "http://[::bad/",
        "xhttps://example.org"[:1],
    ],
)
def test_what_is_no_plain_web_address_stays_text(text: str) -> None:
    assert "<a " not in linked(text)


def test_everything_around_a_link_is_escaped() -> None:
    shown = linked('<b> https://example.org/"><script> & <i>')

    assert "<script>" not in shown
    assert shown.startswith("&lt;b&gt; <a ")
    assert shown.endswith("&amp; &lt;i&gt;")


@pytest.mark.parametrize("tail", [")", "]", ")]", ".", ").", "](."])
def test_thousands_of_brackets_and_full_stops_cost_no_more_than_their_length(tail: str) -> None:
    text = "http://a" + tail * 100_000

    assert linked(text).endswith(tail)


def test_what_is_opened_within_an_address_may_be_closed_there_and_no_more_than_that() -> None:
    assert 'href="https://a.org/((x))"' in linked("https://a.org/((x))))).")
    assert 'href="https://a.org/([x])"' in linked("https://a.org/([x]))]!]")


def test_a_reversing_mark_ends_an_address() -> None:
    assert 'href="https://example.org/a"' in linked("https://example.org/a\u202egpj.exe")


def test_a_preview_is_one_short_line() -> None:
    assert preview("one\n  two\tthree") == "one two three"
    assert len(preview("x" * 8_000)) == 120


@pytest.mark.parametrize(("name", "shown"), [("ada", "a"), ("«Қайрат»", "Қ"), ("🎉", "🎉"), ("", "")])
def test_an_initial_is_the_first_letter_else_the_first_character(name: str, shown: str) -> None:
    assert initial(name) == shown


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(7, "0:07"), (899, "14:59"), (3723, "1:02:03"), (86_400 * 7, "7 days"), (-5, "0:00")],
)
def test_what_is_left_is_written_as_the_countdown_writes_it(seconds: int, text: str) -> None:
    # Half a second more: the text is taken a moment after the end was reckoned.
    end = timezone.now() + dt.timedelta(seconds=seconds + 0.5)

    assert times.left(end.isoformat()) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(86_400 * 7 - 60, "7 days"), (86_400 * 2, "2 days"), (5_400, "2 hours"), (59, "1 minute")],
)
def test_a_span_is_rounded_as_people_round(seconds: int, text: str) -> None:
    assert times.about(seconds) == text


def test_what_never_ends_has_nothing_left_to_say() -> None:
    assert times.left(None) == ""


def test_days_are_named_as_people_name_them() -> None:
    today = dt.date(2026, 11, 22)

    assert times.day_name(today, today) == "Today"
    assert times.day_name(dt.date(2026, 11, 21), today) == "Yesterday"
    assert times.day_name(dt.date(2026, 11, 20), today) == "Friday, 20 November"
    assert times.day_name(dt.date(2025, 12, 31), today) == "31 December 2025"


@pytest.mark.parametrize(
    ("language", "near", "far"),
    [("ru", "Пятница, 20 ноября", "31 декабря 2025"), ("kk", "20 қараша, жұма", "2025 ж. 31 желтоқсан")],
)
def test_a_day_is_said_as_the_reader_s_language_does(language: str, near: str, far: str):
    today = dt.date(2026, 11, 22)

    with override(language):
        assert times.day_name(dt.date(2026, 11, 20), today) == near
        assert times.day_name(dt.date(2025, 12, 31), today) == far
