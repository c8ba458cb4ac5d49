"""What is logged of a refusal never holds what opens a chat."""

import logging

import pytest
import structlog
from django.test import Client

from abdre.logging import _scrub, without_tokens


@pytest.mark.parametrize("text", ["/join/abc-DEF_123", "GET /join/abc?x=1", "http://h/join/abc said"])
def test_a_join_token_is_in_no_line(text: str):
    assert "abc" not in without_tokens(text)


def test_the_request_of_a_refusal_is_logged_without_its_path_and_query(caplog: pytest.LogCaptureFixture):
    with caplog.at_level("WARNING", logger="django.request"):
        Client().get("/join/SECRET-token/nothing?code=SECRET-code")

    (record,) = [record for record in caplog.records if record.name == "django.request"]
    event = {"event": record.getMessage()}
    logged = _scrub(None, "", structlog.stdlib.ExtraAdder()(logging.getLogger(), "", {**event, "_record": record}))
    logged.pop("_record", None)
    assert "SECRET" not in str(logged)
    assert logged["status_code"] == 404
