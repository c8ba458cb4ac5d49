"""The API's schema is whole and readable, and what it does not promise is noticed."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from deploy.tests import openapi

CHAT = "/api/chats/0a000000-0000-4000-8000-00000000000a"


def addresses(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        whole = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, whole)
        elif isinstance(pattern, URLPattern) and whole.startswith("api/"):
            yield "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", whole), pattern.callback


def views() -> dict[tuple[str, str], Any]:
    """By (address, method), the functions behind the services' addresses."""
    found = [
        (address, callback.cls) for address, callback in addresses(get_resolver().url_patterns) if is_rest(callback)
    ]
    methods = ("get", "post", "put", "patch", "delete")
    return {
        (address, method): getattr(view, method)
        for address, view in found
        for method in methods
        if hasattr(view, method)
    }


def is_rest(callback: Any) -> bool:
    return issubclass(getattr(callback, "cls", object), APIView)


def test_every_method_of_every_address_stands_in_the_schema_and_nothing_else() -> None:
    told = {(address, method) for address, methods in openapi.SCHEMA["paths"].items() for method in methods}

    assert told == set(views())
    assert told


def test_the_only_addresses_beside_the_services_are_the_documents_themselves() -> None:
    beside = {address for address, callback in addresses(get_resolver().url_patterns) if not is_rest(callback)}

    assert beside == {"/api/docs", "/api/docs/", "/api/schema/", "/api/schema/socket/"}


def test_a_body_told_is_the_one_that_is_parsed() -> None:
    for address, function in views().items():
        parsed = set(re.findall(r"\bparse\((\w+),", inspect.getsource(function)))
        body = function.operation.body

        assert parsed == ({body.__name__} if isinstance(body, type) else set()), address


def test_operations_have_names_that_programs_can_use() -> None:
    names = [told["operationId"] for methods in openapi.SCHEMA["paths"].values() for told in methods.values()]

    assert [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z]+)*", name)] == []
    assert len(set(names)) == len(names)


MESSAGES = f"{CHAT}/messages"
PAGE = {"items": [], "has_more": False, "membership_log": []}
AWAY = {"error": {"code": "unavailable", "message": "…"}}


@pytest.mark.parametrize(
    ("target", "status", "headers", "body", "is_right"),
    [
        (MESSAGES, 200, {}, PAGE, True),
        (MESSAGES, 200, {}, {"items": [], "has_more": False}, False),
        (MESSAGES, 200, {}, {**PAGE, "more": 1}, False),
        (MESSAGES, 201, {}, PAGE, False),
        (f"{MESSAGES}?limit=5", 200, {}, PAGE, True),
        (f"{MESSAGES}?colour=5", 200, {}, PAGE, False),
        (MESSAGES, 404, {}, {"error": {"code": "chat_not_found", "message": "…"}}, True),
        (MESSAGES, 404, {}, {"error": {"code": "lost", "message": "…"}}, False),
        (MESSAGES, 503, {"retry-after": "1"}, AWAY, True),
        (MESSAGES, 503, {}, AWAY, False),
        ("/api/elsewhere", 404, {}, {}, True),
    ],
)
def test_what_the_schema_does_not_promise_is_noticed(
    target: str, status: int, headers: dict[str, str], body: Any, is_right: bool
) -> None:
    wrong = openapi.problems("GET", target, status, headers, body)

    assert (not wrong) is is_right, wrong
