"""The API's documents: for everybody, whatever else is away, and whole without a script."""

import json
import re

import pytest
from django.test import AsyncClient

from gateway_svc.selectors import shapes
from gateway_svc.selectors.docs import docs, document
from gateway_svc.tests.conftest import Services, html


async def test_the_page_names_every_operation_and_links_to_shapes_that_are_there(stranger: AsyncClient) -> None:
    page = html(await stranger.get("/api/docs/"))

    told = json.loads(document("openapi.json"))
    operations = {operation["operationId"] for methods in told["paths"].values() for operation in methods.values()}
    assert operations <= set(re.findall(r'id="(\w+)"', page))
    assert set(re.findall(r'href="#([\w-]+)"', page)) <= set(re.findall(r'id="([\w-]+)"', page))


async def test_the_page_needs_no_service(stranger: AsyncClient, services: Services) -> None:
    services.away("auth", "user", "chat", "oauth", "realtime")

    response = await stranger.get("/api/docs/")

    assert response.status_code == 200
    assert services.asked == []


async def test_the_page_is_found_without_its_last_slash(stranger: AsyncClient) -> None:
    response = await stranger.get("/api/docs")

    assert (response.status_code, response["Location"]) == (302, "/api/docs/")


@pytest.mark.parametrize(
    ("path", "key"), [("/api/schema/", "openapi"), ("/api/schema/socket/", "$defs")], ids=["services", "socket"]
)
async def test_the_schemas_are_json(stranger: AsyncClient, path: str, key: str) -> None:
    response = await stranger.get(path)

    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    assert key in response.json()


@pytest.mark.parametrize("path", ["/api/docs/", "/api/schema/", "/api/schema/socket/"])
async def test_nothing_is_posted_there(stranger: AsyncClient, path: str) -> None:
    assert (await stranger.post(path)).status_code == 405


def test_who_may_ask_what_goes_in_and_what_comes_out_are_told() -> None:
    [accept] = [one for service in docs().services for one in service.operations if one.id == "join_by_a_code"]

    assert (accept.method, accept.path) == ("POST", "/api/auth/invitations/accept")
    assert (accept.may_be_nobody, accept.may_be_somebody) == (True, True)
    assert [(field.name, field.place) for field in accept.parameters] == [("Idempotency-Key", "header")]
    assert [(field.name, field.is_required) for field in accept.body] == [
        ("token", True),
        ("display_name", False),
        ("password", False),
    ]
    assert [(answer.status, answer.type) for answer in accept.answers] == [
        (200, shapes.Type("", "Entry")),
        (202, shapes.Type("", "AsksToComeIn")),
    ]
    refusals = [(one.status, one.code, one.headers) for one in accept.refusals]
    assert (409, "chat_full", "") in refusals
    assert (429, "too_many", "Retry-After") in refusals


A_USER = {"$ref": "#/components/schemas/User"}


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ({"type": "string"}, ("string", "", "")),
        ({"type": ["string", "null"], "format": "date-time"}, ("string or null, date-time", "", "")),
        (A_USER, ("", "User", "")),
        ({"anyOf": [A_USER, {"type": "null"}]}, ("", "User", "or null")),
        ({"type": "array", "items": A_USER}, ("list of", "User", "")),
        ({"type": "array", "items": {"type": "string", "format": "uuid"}}, ("list of string, uuid", "", "")),
        ({"type": "object", "additionalProperties": A_USER}, ("map of", "User", "")),
        ({}, ("anything", "", "")),
    ],
)
def test_a_type_is_said_in_words(shape: dict[str, object], words: tuple[str, str, str]) -> None:
    assert shapes.type_of(shape) == shapes.Type(*words)


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ({"enum": ["a", "b"]}, "a, b"),
        ({"minimum": 60, "maximum": 604_800, "default": 900}, "60 to 604,800; default 900"),
        ({"minimum": 0, "maximum": 2**63 - 1}, "at least 0"),
        ({"maxLength": 60, "default": ""}, "at most 60 characters"),
        ({"minLength": 1}, "not empty"),
        ({"minLength": 3}, "at least 3 characters"),
        ({"oneOf": [{"maxLength": 254}, {"enum": [""]}]}, "at most 254 characters"),
        ({"type": "boolean", "default": False}, "default false"),
        ({"const": True}, "only true"),
        ({}, ""),
    ],
)
def test_limits_are_said_in_words(shape: dict[str, object], words: str) -> None:
    assert shapes.field("x", shape, is_required=False).limits == words
