"""No address without a line in the table of who may ask it (`abdre/docs/routes.md`), and no line without an address."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from abdre.views import ApiView

TABLE = settings.BASE_DIR / "abdre/docs/routes.md"
PLACE = re.compile(r"<(?:\w+:)?(\w+)>")
# Django's own, one view a table; two stand for them.
ADMIN = "/admin/"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def addresses(patterns: Any, prefix: str = "/") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        path = prefix + PLACE.sub(r"{\1}", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, path)
        else:
            yield path, pattern


def routes() -> dict[str, list[str]]:
    """By path the methods that an API's view takes; none for a page's, which decides inside."""
    found: dict[str, list[str]] = {}
    for path, pattern in addresses(get_resolver("abdre.urls").url_patterns):
        view = getattr(pattern.callback, "view_class", None)
        is_api = view is not None and issubclass(view, ApiView)
        found[path] = [method for method in METHODS if is_api and hasattr(view, method.lower())]
    return {path: taken for path, taken in found.items() if not path.startswith(ADMIN)}


@pytest.fixture(scope="module")
def lines() -> set[str]:
    return set(re.findall(r"^\| `(\w+ [^`]+)` \|", TABLE.read_text(), re.MULTILINE))


def test_every_address_stands_in_the_table(lines: set[str]):
    listed = {line.partition(" ")[2] for line in lines}

    assert [path for path in routes() if path not in listed] == []


def test_every_method_of_the_api_stands_in_the_table(lines: set[str]):
    api = {f"{method} {path}" for path, taken in routes().items() for method in taken}

    assert api - lines == set()


def test_the_table_tells_of_nothing_that_is_not_there(lines: set[str]):
    known = {*routes(), "/nowhere", "/admin"}

    assert [line for line in lines if line.partition(" ")[2] not in known and f" {ADMIN}" not in line] == []
