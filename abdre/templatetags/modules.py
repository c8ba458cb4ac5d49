"""`{% preload_modules %}`: all that ES modules import, told to the browser at once instead of level by level."""

import re
from functools import cache
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()

# Style: one import a line, relative, in double quotes, with a semicolon.
STATIC_IMPORT = re.compile(r'^(?:import|export)\b[^"]*?(?:from )?"(\./[\w./-]+\.js)";', re.MULTILINE)


@register.simple_tag(takes_context=True)
def preload_modules(context: template.Context, *entries: str) -> SafeString:
    """A `modulepreload` for each of `entries` (paths below static/) and everything that they import."""
    wanted: dict[str, None] = {}
    for entry in entries:
        wanted |= dict.fromkeys(_with_imports(entry))
    link = '<link rel="modulepreload" nonce="{}" href="{}">'
    return format_html_join("\n    ", link, ((context["nonce"], static(path)) for path in wanted))


@cache
def _with_imports(entry: str) -> tuple[str, ...]:
    found, waiting = {entry: None}, [entry]
    while waiting:
        path = waiting.pop()
        for name in STATIC_IMPORT.findall(_source(path)):
            imported = str(Path(path).parent / name)
            if imported not in found:
                found[imported] = None
                waiting.append(imported)
    return tuple(found)


def _source(path: str) -> str:
    where = finders.find(path)
    if where is None:
        raise template.TemplateSyntaxError(f"no such module: {path}")
    return Path(where).read_text(encoding="utf-8")
