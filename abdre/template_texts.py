"""Django's `{% load i18n %}` with a `{% translate "…" %}` that looks a text up once in each language.

The page of a chat has more than a thousand of them; looked up each time they were nearly half of what it costs.
"""

from django.template import Context, Library, Node, Variable
from django.template.base import Parser, Token
from django.templatetags import i18n
from django.utils.translation import get_language

register = Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


class Remembered(Node):
    def __init__(self, node: i18n.TranslateNode) -> None:
        self._node = node
        self._texts: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        language = get_language()
        if language not in self._texts:
            self._texts[language] = self._node.render(context)
        return self._texts[language]


@register.tag("trans")
@register.tag
def translate(parser: Parser, token: Token) -> Node:
    node = i18n.do_translate(parser, token)
    text = node.filter_expression
    is_fixed = isinstance(text.var, Variable) and text.var.literal is not None and not text.filters
    return Remembered(node) if is_fixed and not node.asvar and not node.message_context else node
