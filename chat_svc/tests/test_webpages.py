"""Which link of a message is looked up, and what pages of all kinds say of themselves."""

from __future__ import annotations

import time
from typing import Any

import pytest

from chat_svc.markdown import rendered
from chat_svc.webpages import DESCRIPTION_LENGTH, TITLE_LENGTH, described, first_link

URL = "https://tea.example/leaf?a=1"


def link_of(body: str) -> str:
    rich = rendered(body)
    return first_link(body, rich.html if rich else "")


def page(head: str, *, charset: str = "utf-8", content_type: str = "text/html") -> Any:
    return described(head.encode(charset), content_type, URL)


@pytest.mark.parametrize(
    ("body", "link"),
    [
        ("hello", ""),
        ("see https://tea.example/a?b=1&c=2, and https://other.example", "https://tea.example/a?b=1&c=2"),
        ("**bold** https://tea.example/a?b=1&c=2", "https://tea.example/a?b=1&c=2"),
        ("a [label](http://tea.example/x) here", "http://tea.example/x"),
        ("`https://code.example` then https://tea.example", "https://tea.example"),
        ("```\nhttps://code.example\n```", ""),
        ("ftp://tea.example mailto:a@tea.example a://b", ""),
        ("https://user:word@tea.example/", ""),
        ("[ftp](ftp://tea.example) and [mail](mailto:a@tea.example)", ""),
        ('**x** <a href="https://typed.example">', "https://typed.example"),  # as the reader sees it
    ],
)
def test_the_first_link_that_readers_see_counts(body: str, link: str):
    assert link_of(body) == link


@pytest.mark.parametrize(
    "own", ["https://chat.example/join/abc", "http://CHAT.example:8000/", "https://deep.ours.example/x"]
)
def test_our_own_pages_are_passed_over(settings: Any, own: str):
    settings.PUBLIC_ORIGIN = "https://chat.example"
    settings.ALLOWED_HOSTS = ["*", ".ours.example"]

    assert link_of(own) == ""
    assert link_of(f"{own} https://tea.example/") == "https://tea.example/"


def test_open_graph_comes_first_then_twitter_then_the_page_itself():
    og = '<meta property="og:title" content="A &amp; B"><meta property="og:description" content="Of leaves">'
    og += '<meta property="og:site_name" content="Tea House"><meta property="og:image" content="/leaf.png">'
    twitter = '<meta name="twitter:title" content="T"><meta name="twitter:description" content="TD">'
    twitter += '<meta name="twitter:image" content="https://cdn.example/t.png">'
    own = '<title>Own</title><meta name="Description" content="OD">'

    assert page(own + twitter + og) == ("A & B", "Of leaves", "Tea House", "https://tea.example/leaf.png")
    assert page(own + twitter) == ("T", "TD", "tea.example", "https://cdn.example/t.png")
    assert page(own) == ("Own", "OD", "tea.example", "")


def test_what_says_nothing_does_not_hide_what_says_something():
    assert page('<meta property="og:title" content=" "><meta name="twitter:title"><title>Own</title>').title == "Own"
    assert page('<meta property="og:title" content="&#8238;"><title>Own</title>').title == "Own"


@pytest.mark.parametrize(
    "head", ["", " ", "<!-- nothing -->", "<p>words</p>", "<title> </title>", '<meta name="description" content="x">']
)
def test_a_page_without_a_title_has_no_card(head: str):
    assert page(head) is None


@pytest.mark.parametrize(
    ("head", "charset", "content_type"),
    [
        ("<title>Чай қара</title>", "utf-8", "text/html"),
        ("<title>Чай қара</title>", "utf-8", "text/html; charset=utf-8"),
        ("<meta charset=utf-8><title>Чай қара</title>", "utf-8", "text/html; charset=nonsense"),
        ("<title>Чай</title>", "cp1251", "text/html; charset=windows-1251"),
        ("<meta charset=utf-8><title>Чай</title>", "cp1251", "text/html;charset='windows-1251'"),
        ("<meta charset=windows-1251><title>Чай</title>", "cp1251", "text/html"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=koi8-r"><title>Чай</title>', "koi8-r", ""),
        ("<title>Чай</title><meta charset=windows-1251>", "cp1251", "text/html"),
        ('<?xml version="1.0" encoding="windows-1251"?><html><head><title>Чай</title></head></html>', "cp1251", ""),
        ("<meta charset=shift_jis><title>お茶</title>", "shift_jis", "text/html"),
        ("<meta charset=gb2312><title>茶</title>", "gbk", "text/html"),
    ],
)
def test_a_page_is_read_in_its_own_charset(head: str, charset: str, content_type: str):
    found = described(head.encode(charset), content_type, URL)

    assert found is not None
    assert found.title == head.partition("<title>")[2].partition("</title>")[0]


def test_broken_pages_say_what_can_be_read():
    assert page("<html><head><title>Tea<body><p>words").title.startswith("Tea")
    assert described(b"\xff<title>a\xd0b</title>", "text/html; charset=utf-8", URL) is not None
    assert page("<script>'<meta property=og:title content=evil>'</script><title>Tea</title>").title == "Tea"
    assert page("<meta property=og:title content=Tea><meta property='og:image' content='http://[::1/x'>")[3] == ""


def test_texts_are_plain_whole_and_short():
    found = page(f'<title>\n a\t b\u202e\u2066 c\x07 <b>d </title><meta name=description content="{"word " * 500}">')

    assert found.title == "a b c <b>d"
    assert len(found.description) <= DESCRIPTION_LENGTH
    assert found.description.endswith("word…")
    assert len(page(f"<title>{'ж' * 5000}</title>").title) == TITLE_LENGTH


@pytest.mark.parametrize(
    "evil",
    ["<!--", "<", "<meta a=b>", "<div>", "<b><i><p>", "<table><b>", "<title>", "&a;", "<a b='", "<script><!--"],
)
def test_no_page_takes_long(evil: str):
    content = (evil * 2**20)[: 2**20].encode()
    began = time.monotonic()

    described(content, "text/html", URL)

    assert time.monotonic() - began < 2
