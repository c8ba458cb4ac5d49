"""Bodies as they come from outside: what cannot be read is malformed, never a fault of ours."""

import io

import pytest
from django.db import OperationalError
from rest_framework.exceptions import ParseError

from abdre.api import StrictJSONParser
from abdre.errors import as_app_error


@pytest.mark.parametrize("body", [b"[" * 100_000, b"{", b"\xff", b"NaN"])
def test_a_body_that_is_no_json_is_malformed(body: bytes):
    with pytest.raises(ParseError):
        StrictJSONParser().parse(io.BytesIO(body), "application/json", {})


def test_a_database_that_is_away_is_said_to_be_away():
    refusal = as_app_error(OperationalError("the server closed the connection"))

    assert refusal is not None
    assert (refusal.status, refusal.retry_after_s) == (503, 1)


def test_a_fault_of_ours_stays_one():
    assert as_app_error(ValueError("x")) is None
