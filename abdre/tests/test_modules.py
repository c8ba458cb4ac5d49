"""A page names all its modules at once: a waterfall of imports costs a phone a round trip per level."""

import re

import pytest
from django.template import Context, TemplateSyntaxError
from django.templatetags.static import static

from abdre.static_storage import storage
from abdre.templatetags.modules import preload_modules

PAGE = Context({"nonce": "once"})


def preloaded(entry: str) -> list[str]:
    return re.findall(r'href="([^"]+)"', preload_modules(PAGE, entry))


def test_what_modules_import_is_named_once_as_they_name_it():
    """Under another name the browser would fetch it twice."""
    served = {static(name): storage().file(name).content.decode() for name in storage().sources if name[-3:] == ".js"}

    named = preloaded("js/chat.js")

    imported = {f"/static/js/{name}" for path in named for name in re.findall(r' from "\./([^"]+)";', served[path])}
    assert sorted(named) == sorted({static("js/chat.js"), *imported})
    assert len(imported) > 10


def test_a_module_that_is_not_there_is_a_mistake_of_ours():
    with pytest.raises(TemplateSyntaxError):
        preload_modules(PAGE, "js/nowhere.js")


def test_each_carries_the_pages_nonce_without_which_the_browser_would_not_load_it():
    assert preload_modules(PAGE, "js/chat.js").count('nonce="once"') == len(preloaded("js/chat.js"))
