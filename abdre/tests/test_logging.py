"""A line is an event as it was told, and never holds what opens a chat."""

import json
import logging

import pytest
import structlog
from django.test import Client

from abdre.logging import Line, without_tokens


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
