"""The API's documents, at the one address that the outside has."""

import pytest

from deploy.tests import openapi
from deploy.tests.conftest import House
from deploy.tests.people import Town

pytestmark = pytest.mark.http


async def test_the_documents_are_for_everybody_with_the_usual_headers(town: Town, house: House):
    for path in ("/api/docs/", "/api/schema/", "/api/schema/socket/"):
        async with town.http.get(house.url + path) as response:
            assert response.status == 200, path
            assert "unsafe" not in response.headers["Content-Security-Policy"]
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert "X-Request-ID" in response.headers


async def test_the_schema_is_the_one_that_the_tests_hold_answers_to(town: Town):
    assert (await town.nobody().get("/api/schema/")).body == openapi.SCHEMA
