"""Markdown becomes safe HTML where it makes a difference, and costs nothing where it does not."""

from __future__ import annotations

import time
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from chat_svc import markdown, selectors, services
from chat_svc.markdown import may_be_markdown, rendered
from chat_svc.models import Chat, Message
from chat_svc.tests.conftest import Api, batch, post, say

if TYPE_CHECKING:
    from user_svc.models import User

LINK = '<a href="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>'
PATH, HOUSE = (LINK.format(address, address) for address in ("https://example.org/*a*_b_", "https://example.org"))


def html(body: str) -> str:
    rich = rendered(body)
    assert rich is not None, f"plain: {body}"
    return rich.html


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("**b** _i_ ~~s~~ `c < d`", "<p><strong>b</strong> <em>i</em> <s>s</s> <code>c &lt; d</code></p>"),
        ("one\ntwo **b**", "<p>one<br>\ntwo <strong>b</strong></p>"),
        ("# Head\ntext", "<p><strong>Head</strong></p><p>text</p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>"),
        ("```py\nx < 1 & **y**\n```", '<pre data-language="py"><code tabindex="0">x &lt; 1 &amp; **y**\n</code></pre>'),
        ("```\nnever closed", '<pre><code tabindex="0">never closed</code></pre>'),
        ('```"onclick=x\ny\n```', '<pre><code tabindex="0">y\n</code></pre>'),
        ("[there](https://example.org/a?b=1&c)", f"<p>{LINK.format('https://example.org/a?b=1&amp;c', 'there')}</p>"),
        ("<mailto:ada@example.org>", f"<p>{LINK.format('mailto:ada@example.org', 'mailto:ada@example.org')}</p>"),
        ("https://example.org/*a*_b_ **b**", f"<p>{PATH} <strong>b</strong></p>"),
        (r"\*not\* **b**", "<p>*not* <strong>b</strong></p>"),
        ("&lt; **b**", "<p>&amp;lt; <strong>b</strong></p>"),
        ("[ref]: https://example.org\n**b**", f"<p>[ref]: {HOUSE}<br>\n<strong>b</strong></p>"),
        ("**қазақша** مرحبا", "<p><strong>қазақша</strong> مرحبا</p>"),
    ],
)  # fmt: skip
def test_markdown_is_rendered(body: str, expected: str):
    assert html(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "hello", "see https://example.org/a_b_c", "snake_case and 2 * 3", ">:(", "¯\\_(ツ)_/¯", "a < b > c", "#tag",
        "+1", "2*3*4", "-5 degrees", "1.5", "<b>bold</b>", "*", "x [y] z", "[x](/chats)", "[x](javascript:alert(1))",
        "[x](https://user:pass@example.org)", "    indented", "text\n---", "a | b\n--|--",
    ],
)  # fmt: skip
def test_what_is_not_markdown_stays_as_it_is(body: str):
    assert rendered(body) is None


@pytest.mark.parametrize("label", ["https://bank.example", "www.bank.example", "bank.example/login", "**https://b.c**"])
def test_a_label_that_looks_like_an_address_is_the_one_to_which_the_link_leads(label: str):
    shown = rendered(f"[{label}](https://evil.example)")

    assert shown is not None
    assert shown.preview == "https://evil.example"
    assert "bank" not in shown.html


@pytest.mark.parametrize(
    ("body", "preview"),
    [
        ("**b** and\n\n- one\n- `two`", "b and one two"),
        ("```py\nx = 1\ny = 2\n```\nso", "x = 1 y = 2 so"),
        ("[there](https://example.org)", "there"),
        ("**" + "x" * 500 + "**", "x" * 200),
    ],
)
def test_a_preview_is_one_line_without_the_marks(body: str, preview: str):
    shown = rendered(body)

    assert shown is not None
    assert shown.preview == preview


# Each is tried alone and after something that is rendered for sure. What a browser would do with it is what counts, so
# the result is read by a parser and every element and attribute of it is looked at.
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<body onload=alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    "<details open ontoggle=alert(1)>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<form><button formaction=javascript:alert(1)>x</button></form>",
    "<style>@import 'https://evil.example/a.css';</style>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<object data=javascript:alert(1)>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:image/svg+xml,<svg onload=alert(1)>)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "[x](\\\\evil.example)",
    "[x](https://example.org 'a\" onmouseover=\"alert(1)')",
    '[x](https://example.org/"onmouseover="alert(1))',
    "[x](https://example.org/%22onmouseover=%22alert(1))",
    "[<img src=x onerror=alert(1)>](https://example.org)",
    "[x](https://example.org/<a>b 'c')",
    "[x](https://example.org 'a > b <i>')",
    "[x](<https://example.org/a>b>)",
    "[x](<mailto:a@b.c?subject=\">c>)",
    "![x](https://evil.example/track.png)",
    "![x](javascript:alert(1))",
    "![x\"onerror=\"alert(1)](https://evil.example/a.png)",
    "<javascript:alert(1)>",
    "<https://example.org/\"onclick=\"alert(1)>",
    "https://example.org/\"onclick=\"alert(1)",
    "https://example.org/<script>alert(1)</script>",
    "```\" onmouseover=\"alert(1)\nx\n```",
    "```<script>\nx\n```",
    "`<script>alert(1)</script>`",
    "```\n</code></pre><script>alert(1)</script>\n```",
    "[x]: javascript:alert(1)\n[x]",
    "> <script>alert(1)</script>",
    "- <img src=x onerror=alert(1)>",
    "# <script>alert(1)</script>",
    "**<script>alert(1)</script>**",
    "<<script>alert(1)//<</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202e<script>alert(1)</script>",
    "<mailto:x@y.z?subject=\"><script>alert(1)</script>>",
    "<a@b.c\"onclick=alert(1)>",
]  # fmt: skip
ALLOWED = {
    **{tag: set[str]() for tag in ("p", "br", "strong", "em", "s", "ul", "li", "blockquote")},
    "pre": {"data-language"},
    "ol": {"start"},
    "a": {"href", "target", "rel"},
    "code": {"tabindex"},
}


class Looking(HTMLParser):
    """What of a piece of HTML could do anything."""

    def __init__(self, shown: str) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.feed(shown)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = ALLOWED.get(tag)
        if known is None:
            self.faults.append(f"<{tag}>")
            return
        self.faults += [f"<{tag} {name}>" for name, _ in attrs if name not in known]
        self.faults += [f"{name}={value}" for name, value in attrs if set(value or "") & set("<>")]
        href = dict(attrs).get("href")
        if tag == "a" and not (href or "").lower().startswith(("https://", "http://", "mailto:")):
            self.faults.append(f"href={href}")

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"<!--{data}")


def test_a_script_would_be_noticed():
    assert Looking("<p onclick=x><script></script><a href='javascript:x'>").faults == [
        "<p onclick>", "<script>", "href=javascript:x",
    ]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_hostile_comes_through(hostile: str):
    for body in (hostile, f"**b**\n\n{hostile}", f"{hostile} **b**", f"> {hostile}\n\n- {hostile}"):
        shown = rendered(body)
        assert Looking(shown.html if shown else "").faults == [], body


@pytest.mark.django_db(transaction=True)
def test_nothing_hostile_comes_through_the_api_and_all_of_it_is_kept_as_typed(chat: Chat, bob: User):
    api, path = Api(bob), f"/api/chats/{chat.id}/messages"
    bodies = [f"**b** {hostile}" for hostile in HOSTILE]

    for outcome, body in zip(batch([post(chat, bob, body) for body in bodies]), bodies, strict=True):
        assert outcome.message["body"] == body

    read = [item for page in (0, 40) for item in api("GET", f"{path}?after={page}&limit=40").json()["items"]]
    assert [item["body"] for item in read] == bodies
    assert [fault for item in read for fault in Looking(item["html"]).faults] == []


@pytest.mark.parametrize(
    "body",
    [
        "> " * 4_000, ">" * 8_000, "[" * 8_000, "[a](" * 2_000, "*a" * 4_000, "*a" * 299, "_a " * 2_600, "<" * 8_000,
        "[a](https://x.y) " * 450, "- " * 4_000, "1. a\n" * 1_600, "> a\n" * 2_000, "http:" * 1_590 + "**b**",
        "a[" * 299, "[" * 590 + "]" * 6_000, "[](((((" * 1_000, "~~a" * 2_600, "a\n" * 3_990 + "**b**",
        "".join("`" * count + " " for count in range(1, 34)), "\n".join("  " * depth + "- a" for depth in range(80)),
    ],
)  # fmt: skip
def test_a_body_made_to_be_slow_is_not(body: str):
    began = time.process_time()

    rendered(body)

    # It takes up to 15 ms; the machine may be busy.
    assert time.process_time() - began < 0.15


def test_what_is_nested_beyond_reason_is_shown_as_typed_and_nothing_of_it_is_lost():
    assert html("> " * 5 + "deep").count("<blockquote>") == 5
    assert rendered("> " * 30 + "deep") is None


def test_much_code_is_still_code_and_many_marks_are_not():
    code = "a[i] = *p;\n" * 400

    assert html(f"```c\n{code}```").count("a[i]") == 400
    assert rendered("*a* " * 400) is None


def test_a_body_that_the_parser_chokes_on_is_shown_as_typed(monkeypatch: pytest.MonkeyPatch):
    def choke(body: str) -> Any:
        raise IndexError

    monkeypatch.setattr(markdown.PARSER, "parse", choke)

    assert rendered("**b**") is None


def test_a_plain_message_costs_a_look():
    assert not may_be_markdown(
        "Hello there, how are you? See https://example.org/a, it is 5-6 km (or so) from here: A+B."
    )


class TestMessages:
    """How it stands in the chat."""

    def test_markdown_comes_with_its_html_and_a_plain_message_without(self, chat: Chat, bob: User):
        rich, plain = say(chat, bob, "**b**").message, say(chat, bob, "b").message

        assert (rich["html"], rich["preview"]) == ("<p><strong>b</strong></p>", "b")
        assert not {"html", "preview"} & set(plain)
        assert Message.objects.get(chat=chat, seq=2).extras is None
        page = selectors.messages(chat_id=chat.id, user_id=bob.id)
        assert page["items"] == [rich, plain]

    def test_in_a_batch_each_has_its_own(self, chat: Chat, bob: User):
        bodies = ['**"b"** \\ {a,b} NULL', "plain", "`'c'`", "_мәтін_ 👩‍👩‍👧"]

        outcomes = batch([post(chat, bob, body) for body in bodies])

        told = [outcome.message.get("html") for outcome in outcomes]
        assert told == [rich and rich.html for rich in map(rendered, bodies)]
        assert selectors.messages(chat_id=chat.id, user_id=bob.id)["items"] == [one.message for one in outcomes]

    def test_an_edit_renders_anew_and_leaves_the_rest_that_hangs_on_it(self, chat: Chat, bob: User):
        say(chat, bob, "**b**")
        Message.objects.filter(chat=chat, seq=1).update(extras={"html": "old", "preview": "old", "pinned_at": "then"})

        edited = services.edit_message(chat_id=chat.id, actor_id=bob.id, seq=1, body="_i_")
        assert (edited["html"], edited["preview"], dict(edited)["pinned_at"]) == ("<p><em>i</em></p>", "i", "then")

        edited = services.edit_message(chat_id=chat.id, actor_id=bob.id, seq=1, body="plain")
        assert not {"html", "preview"} & set(edited)
        assert Message.objects.get(chat=chat, seq=1).extras == {"pinned_at": "then"}

    def test_a_deleted_message_loses_its_html_with_its_body(self, chat: Chat, bob: User):
        say(chat, bob, "**b**")

        deleted = services.delete_message(chat_id=chat.id, actor_id=bob.id, seq=1)

        assert not {"html", "preview"} & set(deleted)

    def test_who_was_away_gets_it_too(self, chat: Chat, bob: User):
        said = say(chat, bob, "**b**").message

        [resumed] = selectors.resume([selectors.Cursors(bob.id, {chat.id: said["version"] - 1})])

        assert resumed.items[0]["message"] == said
