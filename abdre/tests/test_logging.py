"""A line is an event as it was told, and never holds what opens a chat."""

import asyncio
import json
import logging
import sys
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import structlog
from django.conf import settings
from django.test import Client

from abdre import tokens
from abdre.door import Door
from abdre.logging import Line
from abdre.redaction import without_secrets, without_tokens
from abdre.tests.signing import access_token


@pytest.mark.parametrize("page", ["join", "device", "recover", "verify", "reset"])
@pytest.mark.parametrize(
    "form", ["/{}/abc-DEF_123", "GET /{}/abc?x=1", "http://h/{}/abc said", "/login?next=%2F{}%2Fabc&x=1"]
)
def test_a_token_in_a_path_is_in_no_line(page: str, form: str):
    text = form.format(page)

    assert "abc" not in without_tokens(text)


def test_the_api_has_no_keys_in_its_paths_and_keeps_them():
    assert without_tokens("/api/auth/password/reset/confirm") == "/api/auth/password/reset/confirm"


def record(message: str = "request", **extra: object) -> logging.LogRecord:
    return logging.getLogger("abdre.door").makeRecord("abdre.door", 30, "f", 1, message, (), None, extra=extra)


def test_a_line_for_machines_holds_the_event_its_facts_and_the_request_it_belongs_to():
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        line = json.loads(Line("json").format(record(path="/join/SECRET", status=200)))

    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "level": "warning",
        "logger": "abdre.door",
        "event": "request",
        "role": settings.ROLE,
        "request_id": "r1",
        "path": "/join/***",
        "status": 200,
    }


def test_a_line_for_people_begins_with_when_how_grave_who_and_what():
    line = Line("console").format(record(status=200))

    assert [pair.partition("=")[0] for pair in line.split(" ")] == ["timestamp", "level", "logger", "event", "status"]


def test_an_exception_stays_on_its_line():
    try:
        raise ValueError("oh")
    except ValueError as problem:
        failed = logging.LogRecord("abdre", 40, "f", 1, "broke", (), (ValueError, problem, problem.__traceback__))

    line = Line("json").format(failed)

    assert "\n" not in line
    assert "ValueError: oh" in json.loads(line)["exception"]


def test_the_request_of_a_refusal_is_logged_without_its_path_and_query(caplog: pytest.LogCaptureFixture):
    with caplog.at_level("WARNING", logger="django.request"):
        Client().get("/join/SECRET-token/nothing?code=SECRET-code")

    (refused,) = [record for record in caplog.records if record.name == "django.request"]
    logged = json.loads(Line("json").format(refused))
    assert "SECRET" not in str(logged)
    assert logged["status_code"] == 404


SECRET = "zanZibar-7"
TOKEN = "Q29mZmVlSXNHb29kRm9yWW91MTIzNDU2Nzg5MDEyMzQ"
JWT = f"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.{TOKEN}"


@dataclass
class Login:
    login: str
    password: str


QUOTING = {
    "a token in a query": f"GET /somewhere?a=1&reset={SECRET}#x",
    "a form": f"login=ada&password={SECRET}&x=1",
    "a repr": repr(Login("ada", SECRET)),
    "a dict": repr({"new_password": SECRET, "x": 1}),
    "JSON": json.dumps({"refresh_token": SECRET}),
    "a header": f"Authorization: Bearer {TOKEN}",
    "a subprotocol": f"abdre.v1, bearer.{JWT}",
    "a JSON Web Token": f"Token is invalid ({JWT})",
    "a cookie": f"Cookie: abdre_access={SECRET}; abdre_refresh={SECRET}",
    "headers as ASGI has them": repr([(b"cookie", f"abdre_refresh={SECRET}".encode())]),
    "a Set-Cookie": f"set-cookie: csrftoken={SECRET}; Path=/",
    "an address": f"cannot reach redis://user:{SECRET}@10.0.0.1:6379/0",
    "a code shown": f"no invitation {TOKEN}",
    "a webhook": f"POST /api/chats/hooks/{SECRET} failed",
    "a recovery link": f"https://chat.example.org/recover/{SECRET} is over",
    "a row": f'null value\nDETAIL:  Failing row contains (7, ada, argon2${SECRET}, "a body").',
    "a row's key": f"duplicate key\nDETAIL:  Key (token_hash)=({SECRET}) already exists.",
    "a body": f'invalid input syntax for type json\nCONTEXT:  JSON data, line 1: {{"body":"{SECRET}',
}


@pytest.mark.parametrize("text", QUOTING.values(), ids=QUOTING)
@pytest.mark.parametrize("form", ["json", "console"])
def test_what_opens_something_is_in_no_line_whatever_quotes_it(form: str, text: str):
    try:
        raise ValueError(text)
    except ValueError:
        told = logging.LogRecord("abdre", 40, "f", 1, "it broke: %s", (text,), sys.exc_info())
    told.__dict__ |= {"problem": text, "problems": [text], "scope": {"headers": text}, "thing": SimpleNamespace(t=text)}

    line = Line(form).format(told)

    assert SECRET not in line
    assert TOKEN not in line
    assert "it broke" in line


@pytest.mark.parametrize(
    "text",
    [
        "Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)",
        "/api/chats/7b0a8a52-5f7c-4c50-9b39-b36b2b8c4d11/messages",
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "channel layer: away; changes are read from the database meanwhile",
        "deadlock detected\nDETAIL:  Process 1 waits for ShareLock on transaction 2; blocked by process 3.",
    ],
)
def test_what_opens_nothing_is_kept(text: str):
    assert without_secrets(text) == text


async def test_lines_say_the_role_and_whose_token_came_with_the_request():
    person_id = uuid4()
    token = access_token(person_id)

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.to_thread(tokens.read, token)  # as in a view: another thread, with a copy of the context
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def nothing(*_: Any) -> Any:
        return {"type": "http.request"}

    lines: list[str] = []
    handler = logging.Handler()
    handler.setFormatter(Line("json"))
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    door = logging.getLogger("abdre.door")
    door.addHandler(handler)
    door.setLevel("INFO")
    try:
        scope: Any = {"type": "http", "method": "GET", "path": "/x", "scheme": "http", "client": None, "headers": []}
        await Door(inside)(scope, nothing, nothing)
    finally:
        door.removeHandler(handler)
        door.setLevel("NOTSET")

    (line,) = map(json.loads, lines)
    assert (line["event"], line["role"], line["person"]) == ("request", settings.ROLE, str(person_id))
    assert line["request_id"]
    assert line["trace_id"]
    assert token not in str(line)
