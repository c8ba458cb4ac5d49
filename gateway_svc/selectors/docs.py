"""The API's schema as a page: operations by service, and the shapes that they speak of."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from django.conf import settings

from gateway_svc.selectors.api import Json
from gateway_svc.selectors.shapes import Field, Prose, Type, field, fields_of, prose, type_of

Document = Literal["openapi.json", "protocol.schema.json"]


JSON = "application/json"


@dataclass(frozen=True)
class Answer:
    status: int
    phrase: str
    type: Type | None
    fields: list[Field]


@dataclass(frozen=True)
class Refusal:
    status: int
    code: str
    text: str
    headers: str


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    summary: str
    note: Prose
    may_be_nobody: bool
    may_be_somebody: bool
    parameters: list[Field]
    body: list[Field]
    file_type: str  # where the body is a file
    body_is_required: bool
    answers: list[Answer]
    refusals: list[Refusal]


@dataclass(frozen=True)
class Service:
    name: str
    text: str
    operations: list[Operation]


@dataclass(frozen=True)
class Shape:
    name: str
    note: Prose
    fields: list[Field]


@dataclass(frozen=True)
class Docs:
    paragraphs: list[Prose]
    services: list[Service]
    shapes: list[Shape]


@cache
def document(name: Document) -> bytes:
    """As it was committed with the code."""
    return Path(settings.BASE_DIR, "abdre", "docs", name).read_bytes()


@cache
def docs() -> Docs:
    schema = json.loads(document("openapi.json"))
    shapes = schema["components"]["schemas"]
    return Docs(
        paragraphs=[prose(text) for text in schema["info"]["description"].split("\n\n")],
        services=[_service(schema, tag) for tag in schema["tags"]],
        shapes=[Shape(name, prose(shape.get("description", "")), fields_of(shape)) for name, shape in shapes.items()],
    )


def _service(schema: Json, tag: Json) -> Service:
    operations = [
        _operation(schema, path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if tag["name"] in operation["tags"]
    ]
    return Service(tag["name"], tag["description"], operations)


def _operation(schema: Json, path: str, method: str, operation: Json) -> Operation:
    body = operation.get("requestBody", {})
    told = {int(status): _response(schema, response) for status, response in operation["responses"].items()}
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        note=prose(operation.get("description", "")),
        may_be_nobody={} in operation["security"],
        may_be_somebody=any(operation["security"]),
        parameters=[_parameter(parameter) for parameter in operation.get("parameters", [])],
        body=fields_of(_shape(schema, body)) if JSON in body.get("content", {}) else [],
        file_type=next((kind for kind in body.get("content", {}) if kind != JSON), ""),
        body_is_required=body.get("required", False),
        answers=[_answer(status, response) for status, response in told.items() if status < 400],
        refusals=[
            refusal for status, response in told.items() if status >= 400 for refusal in _codes(status, response)
        ],
    )


def _response(schema: Json, response: Json) -> Json:
    shared = response.get("$ref", "").rpartition("/")[2]
    found: Json = schema["components"]["responses"][shared] if shared else response
    return found


def _shape(schema: Json, body: Json) -> Json:
    name = body["content"][JSON]["schema"]["$ref"].rpartition("/")[2]
    shape: Json = schema["components"]["schemas"][name]
    return shape


def _parameter(parameter: Json) -> Field:
    shape = {**parameter["schema"], "description": parameter.get("description", "")}
    return field(parameter["name"], shape, is_required=parameter["required"], place=parameter["in"])


def _answer(status: int, response: Json) -> Answer:
    [(media_type, content)] = response.get("content", {"": {}}).items()
    shape = content.get("schema")
    if shape is None:
        return Answer(status, response["description"], Type(media_type) if media_type else None, [])
    return Answer(status, response["description"], type_of(shape), fields_of(shape))


def _codes(status: int, response: Json) -> list[Refusal]:
    """A refusal is described by a line for each code: the code in backticks, a colon, what it says."""
    lines = [line.partition(": ") for line in response["description"].splitlines()]
    headers = ", ".join(response.get("headers", {}))
    return [Refusal(status, code.strip("`"), text, headers) for code, _colon, text in lines]
