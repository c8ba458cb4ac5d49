"""Holds what is asked and answered to the API's schema: no status, field or parameter that it does not promise."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from deploy.ci.jobs import ROOT

# A tool brings it along; with it jsonschema builds grammars of addresses for seconds, which nothing here asks for.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None: it is not there
from jsonschema import Draft202012Validator  # noqa: E402  # only now

SCHEMA = json.loads((ROOT / "abdre/docs/openapi.json").read_text())
JSON = "application/json"
# What the schema says in words, and not for each operation.
ANYWHERE = {405: "method_not_allowed", 500: "error"}
# What stands for a parameter in an address, by its format or else its type.
PARTS = {"uuid": "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "string": "[^/]+", "integer": "[0-9]+"}

Json = dict[str, Any]


def pattern_of(path: str, operations: Json) -> re.Pattern[str]:
    told = [own for one in operations.values() for own in one.get("parameters", []) if own["in"] == "path"]
    shapes = {own["name"]: own["schema"] for own in told}
    parts = {name: PARTS.get(shape.get("format")) or PARTS[shape["type"]] for name, shape in shapes.items()}
    return re.compile(re.sub(r"\{(\w+)\}", lambda name: parts[name[1]], path.replace(".", r"\.")))


PATTERNS = {path: pattern_of(path, operations) for path, operations in SCHEMA["paths"].items()}


@cache
def path_of(path: str) -> str | None:
    return next((known for known, pattern in PATTERNS.items() if pattern.fullmatch(path)), None)


def problems(
    method: str, target: str, status: int, headers: Mapping[str, str], body: Any, *, sent: Any = None
) -> list[str]:
    """What is wrong with an answer, and with what it accepted; other addresses are not the schema's matter.

    `body` and `sent`: as JSON, or None.
    """
    parts, method = urlsplit(target), method.lower()
    path = path_of(parts.path)
    if path is None or method in ("head", "options"):
        return []
    operation = SCHEMA["paths"][path].get(method, {"responses": {}})
    if str(status) not in operation["responses"]:
        code = body.get("error", {}).get("code") if isinstance(body, dict) else None
        return [] if code == ANYWHERE.get(status, "") else [f"{method} {path}: {status} is not promised: {body}"]
    wrong = [*_of_the_answer(path, method, status, headers, body)]
    if status < 300:
        wrong += _of_the_question(path, method, parse_qs(parts.query), sent)
    return [f"{method} {path}: {status}: {problem}" for problem in wrong]


def _of_the_answer(path: str, method: str, status: int, headers: Mapping[str, str], body: Any) -> Iterator[str]:
    promised = _response(path, method, status)
    there = {name.lower() for name in headers}
    yield from (f"no {name}" for name in promised.get("headers", {}) if name.lower() not in there)
    content = promised.get("content", {})
    if JSON in content:
        yield from _differences(_answer_validator(path, method, status), body)
    elif body is not None:
        yield f"a body that nobody promised: {body}"


def _of_the_question(path: str, method: str, query: Mapping[str, Any], sent: Any) -> Iterator[str]:
    operation = SCHEMA["paths"][path][method]
    named = {own["name"] for own in operation.get("parameters", []) if own["in"] == "query"}
    yield from (f"accepts a parameter that is not told: {name}" for name in query.keys() - named)
    if sent and "requestBody" in operation:
        yield from _differences(_body_validator(path, method), sent)
    elif sent:
        yield f"accepts a body that is not told: {sent}"


def _response(path: str, method: str, status: int) -> Json:
    response: Json = SCHEMA["paths"][path][method]["responses"][str(status)]
    shared = response.get("$ref", "").rpartition("/")[2]
    return SCHEMA["components"]["responses"][shared] if shared else response


@cache
def _answer_validator(path: str, method: str, status: int) -> Draft202012Validator:
    """Clients must bear fields that they do not know; these tests must not."""
    content = _response(path, method, status)["content"]
    return _validator(_closed({**content[JSON]["schema"], "components": SCHEMA["components"]}))


@cache
def _body_validator(path: str, method: str) -> Draft202012Validator:
    content = SCHEMA["paths"][path][method]["requestBody"]["content"]
    return _validator({**content[JSON]["schema"], "components": SCHEMA["components"]})


def _validator(schema: Json) -> Draft202012Validator:
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _differences(validator: Draft202012Validator, value: Any) -> list[str]:
    return [f"{problem.json_path}: {problem.message}" for problem in validator.iter_errors(value)]


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {name: _closed(part) for name, part in schema.items()}
    is_open = parts.get("type") == "object" and "properties" in parts
    return {"additionalProperties": False, **parts} if is_open else parts
