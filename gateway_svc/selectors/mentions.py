"""The names of those a message calls, set off in its body as the page's script does (static/js/mention_marks.js)."""

import re
from collections.abc import Sequence

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from gateway_svc.selectors.api import Json

TAG = re.compile(r"(<[^>]*>)")


def marked(html: SafeString, mentions: Sequence[Json], viewer_id: str) -> SafeString:
    """`html` is text made safe: what stands between its tags is escaped, so nothing there opens a tag."""
    if not mentions:
        return html
    by_text = {str(escape(mention["text"])): mention for mention in mentions}
    # The longest first: "@ann" stands in "@ann_lee" too.
    texts = "|".join(re.escape(text) for text in sorted(by_text, key=len, reverse=True))
    name = re.compile(rf"(?<![\w@/])({texts})(?!\w)")

    def spanned(found: re.Match[str]) -> str:
        return _span(by_text[found[0]]["user"], found[0], viewer_id)

    pieces: list[str] = []
    code = 0
    for piece in TAG.split(html):
        code += piece.startswith("<code") - piece.startswith("</code")
        pieces.append(piece if code or piece.startswith("<") else name.sub(spanned, piece))
    return mark_safe("".join(pieces))  # noqa: S308  # pieces of safe text, and spans around such


def _span(user: str | None, text: str, viewer_id: str) -> str:
    style = "mention mention--mine" if user in (None, viewer_id) else "mention"
    said = mark_safe(text)  # noqa: S308  # escaped already
    return format_html('<span class="{}" data-user="{}">{}</span>', style, user or "", said)
