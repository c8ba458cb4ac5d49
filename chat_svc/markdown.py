"""Markdown as safe HTML, once, when it is written.

Only where it makes a difference: a body without any marks costs one look, and has no HTML.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.blockquote import blockquote
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from abdre.links import REL, address_at, is_plain_web_address

log = logging.getLogger(__name__)

# What might be Markdown: marks within lines, and at the beginning of the first one or of a later one.
INLINE_MARKS = re.compile(r"[*_`~\[<]")
BLOCK_MARK = r" {0,3}(?:> |[-+] |#{1,6} |\d{1,9}[.)] )"
FIRST_LINE_MARK, LINE_MARKS = re.compile(BLOCK_MARK), re.compile(f"\n{BLOCK_MARK}")
CODE = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1|\Z)", re.MULTILINE | re.DOTALL)
# Deeper lists and quotes, and more marks outside of code than anybody writes: shown as typed. 8,000 characters of
# nothing but marks would take a tenth of a second, and everybody's messages wait behind them.
NESTING_LIMIT = 12
MARKS_LIMIT, LINES_LIMIT = 600, 800
HTML_LIMIT = 48_000
PREVIEW_LENGTH = 200
LANGUAGE = re.compile(r"[A-Za-z0-9+#.-]{1,20}")
SCHEME = re.compile(r"(?<!\w)https?$", re.IGNORECASE)
LIKE_ADDRESS = re.compile(r"://|\bwww\.|^\S+\.\w{2,}(/|$)", re.IGNORECASE)
# What looks no other way than as plain text with its addresses as links.
PLAIN = {"paragraph_open", "paragraph_close", "inline", "text", "softbreak", "hardbreak", "text_special"}
TAGS = {"p", "br", "strong", "em", "s", "code", "pre", "ul", "ol", "li", "blockquote", "a"}
# No attribute that people write themselves: whoever splits the HTML at its tags may rely on none holding a "<" or ">".
ATTRIBUTES = {"*": set[str](), "a": {"href"}, "ol": {"start"}, "pre": {"data-language"}, "code": {"tabindex"}}
SCHEMES = {"http", "https", "mailto"}


class Rich(NamedTuple):
    html: str
    preview: str  # in one line without the marks, for lists and quotes


def rendered(body: str) -> Rich | None:
    """None where the body looks no other than it is typed."""
    if not may_be_markdown(body):
        return None
    try:
        return _rendered(body)
    except Exception:  # one body that the parser chokes on must not take the others' batch with it
        log.exception("Markdown not rendered", extra={"characters": len(body)})
        return None


def may_be_markdown(body: str) -> bool:
    return bool(INLINE_MARKS.search(body) or FIRST_LINE_MARK.match(body) or ("\n" in body and LINE_MARKS.search(body)))


def _rendered(body: str) -> Rich | None:
    if _is_too_much(body):
        return None
    tokens = PARSER.parse(body)
    if not _differs(tokens):
        return None
    html, preview = _sanitised(PARSER.renderer.render(tokens, PARSER.options, {})), _preview(tokens)
    return Rich(html, preview) if preview and len(html) <= HTML_LIMIT else None


def _sanitised(html: str) -> str:
    """The renderer writes nothing else; this is the second lock on the door."""
    return nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel=REL,
        set_tag_attribute_values={"a": {"target": "_blank"}},
    ).strip()


def _is_too_much(body: str) -> bool:
    return body.count("\n") > LINES_LIMIT or (_marks(body) > MARKS_LIMIT and _marks(CODE.sub("", body)) > MARKS_LIMIT)


def _marks(text: str) -> int:
    return len(INLINE_MARKS.findall(text)) + len(LINE_MARKS.findall(text))


def _differs(tokens: list[Token]) -> bool:
    """What is nested too deeply was cut, so such a body is shown as it is."""
    if any(token.level >= NESTING_LIMIT for token in tokens):
        return False
    return any(token.type not in PLAIN and token.info != "address" for token in _flat(tokens))


def _flat(tokens: Iterable[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from token.children or ()


def _preview(tokens: Iterable[Token]) -> str:
    said = (_said(token) for token in _flat(tokens))
    return " ".join("".join(said).split())[:PREVIEW_LENGTH]


def _said(token: Token) -> str:
    if token.type == "fence":
        return f"{token.content} "
    return " " if token.block or token.type.endswith("break") else token.content


def _parser() -> MarkdownIt:
    """CommonMark without what a chat has no use for: raw HTML, pictures, rules, headings underlined, references that
    vanish from the text, code by indentation; and with line breaks kept."""
    parser = MarkdownIt("zero", {"html": False, "breaks": True, "maxNesting": NESTING_LIMIT + 2})
    parser.enable(["blockquote", "fence", "heading", "list"])
    parser.enable(["autolink", "backticks", "emphasis", "escape", "link", "newline", "strikethrough"])
    parser.enable(["balance_pairs", "fragments_join"])
    parser.block.ruler.at("blockquote", _quote, {"alt": ["paragraph", "reference", "blockquote", "list"]})
    parser.inline.ruler.before("emphasis", "product", _product)
    parser.inline.ruler.push("address", _address)
    parser.core.ruler.push("honest_labels", _honest_labels)
    parser.validateLink = _may_lead_to  # type: ignore[method-assign]
    for name, html in {"heading_open": "<p><strong>", "heading_close": "</strong></p>"}.items():
        parser.add_render_rule(name, _constant(html))
    parser.add_render_rule("fence", _fence)
    # It puts its rules together at the first body; two threads with their first at once would see half of them.
    parser.parse("x")
    return parser


def _quote(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """`> ` begins one; `>:(` is a face."""
    at = state.bMarks[startLine] + state.tShift[startLine]
    return state.src[at : at + 2] in ("> ", ">\n", ">>", ">") and blockquote(state, startLine, endLine, silent)


def _product(state: StateInline, silent: bool) -> bool:
    """`2*3*4` is a product, and nothing in it is meant to stand out."""
    before, sign, after = (
        state.src[state.pos - 1 : state.pos],
        state.src[state.pos],
        state.src[state.pos + 1 : state.pos + 2],
    )
    if sign != "*" or not (before.isdigit() and after.isdigit()):
        return False
    state.pending += "" if silent else sign
    state.pos += 1
    return True


def _address(state: StateInline, silent: bool) -> bool:
    """A web address in the text, marks and all. The parser stops at its colon; what is before it is pending."""
    scheme = SCHEME.search(state.pending[-6:]) if state.src[state.pos] == ":" else None
    if silent or scheme is None or state.linkLevel > 0:
        return False
    address = address_at(state.src, state.pos - len(scheme[0]))
    if not address:
        return False
    state.pending = state.pending[: -len(scheme[0])]
    opening = state.push("link_open", "a", 1)
    opening.attrs, opening.info = {"href": address}, "address"
    state.push("text", "", 0).content = address
    state.push("link_close", "a", -1).info = "address"
    state.pos += len(address) - len(scheme[0])
    return True


def _honest_labels(state: StateCore) -> None:
    """A label that looks like an address is the address to which its link leads, and no other."""
    for inline in state.tokens:
        href, label = "", list[Token]()
        for token in inline.children or []:
            if token.type == "link_open":
                href, label = str(token.attrs["href"]), []
            elif token.type == "link_close":
                _be_honest(label, href)
            elif token.content:
                label.append(token)


def _be_honest(label: list[Token], href: str) -> None:
    if LIKE_ADDRESS.search("".join(token.content for token in label)):
        label[0].content = href
        for token in label[1:]:
            token.content = ""


def _may_lead_to(url: str) -> bool:
    return url.startswith("mailto:") or is_plain_web_address(url)


def _constant(html: str) -> Any:
    return lambda *_: html


# A long line scrolls, which has to be reached by the keyboard as well.
def _fence(renderer: Any, tokens: list[Token], index: int, options: Any, env: Any) -> str:
    language = LANGUAGE.match(tokens[index].info.strip())
    label = f' data-language="{language[0]}"' if language else ""
    return f'<pre{label}><code tabindex="0">{nh3.clean_text(tokens[index].content)}</code></pre>\n'


PARSER = _parser()
