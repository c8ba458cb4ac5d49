"""Who is called in a message is set off in it, and nothing but that becomes markup."""

import pytest
from django.utils.safestring import SafeString

from gateway_svc.selectors.mentions import marked
from gateway_svc.selectors.text import linked

BOB = {"user": "b", "text": "@bob"}
ANN = {"user": "a", "text": "@ann"}
ANN_LEE = {"user": "al", "text": "@ann_lee"}
ALL = {"user": None, "text": "@all"}


def span(user: str, text: str, *, mine: bool = False) -> str:
    return f'<span class="mention{" mention--mine" if mine else ""}" data-user="{user}">{text}</span>'


@pytest.mark.parametrize(
    ("body", "mentions", "shown"),
    [
        ("hi @bob!", [BOB], f"hi {span('b', '@bob')}!"),
        ("hi @bob!", [], "hi @bob!"),
        ("@bobby", [BOB], "@bobby"),
        ("@ann @ann_lee", [ANN, ANN_LEE], f"{span('a', '@ann')} {span('al', '@ann_lee')}"),
        ("@all", [ALL], span("", "@all", mine=True)),
        ("<b>@bob</b>", [BOB], f"&lt;b&gt;{span('b', '@bob')}&lt;/b&gt;"),
        ("@<i>", [{"user": "x", "text": "@<i>"}], span("x", "@&lt;i&gt;")),
    ],
)
def test_names_are_set_off(body: str, mentions: list, shown: str):
    assert marked(linked(body), mentions, "me") == shown


def test_ones_own_name_stands_out():
    assert marked(linked("@bob"), [BOB], "b") == span("b", "@bob", mine=True)


def test_neither_addresses_nor_code_are_touched():
    link = linked("https://house.org/@bob")

    assert marked(link, [BOB], "me") == link
    assert marked(SafeString("<code>@bob</code> @bob"), [BOB], "me") == f"<code>@bob</code> {span('b', '@bob')}"
