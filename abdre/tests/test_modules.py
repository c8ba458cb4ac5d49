"""A page names all its modules at once: a waterfall of imports costs a phone a round trip per level."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, TemplateSyntaxError

from abdre.templatetags.modules import preload_modules

PAGE = Context({"nonce": "once"})
MODULES = Path(settings.BASE_DIR) / "static/js"


def preloaded(entry: str) -> set[str]:
    return set(re.findall(r'href="/static/js/([^"]+)"', preload_modules(PAGE, entry)))


def test_everything_that_a_module_imports_is_named_once_and_is_there():
    named = preloaded("js/chat.js")

    assert all((MODULES / name).exists() for name in named)
    for name in named:
        for imported in re.findall(r'from "\./([^"]+)";', (MODULES / name).read_text()):
            assert imported in named


def test_a_module_that_is_not_there_is_a_mistake_of_ours():
    with pytest.raises(TemplateSyntaxError):
        preload_modules(PAGE, "js/nowhere.js")


def test_each_carries_the_pages_nonce_without_which_the_browser_would_not_load_it():
    assert preload_modules(PAGE, "js/chat.js").count('nonce="once"') == len(preloaded("js/chat.js"))
