"""What the login page is told to offer."""

import pytest
from django.test import Client

from oauth_svc.tests.provider import Provider


@pytest.mark.django_db
def test_without_settings_nothing_is_offered():
    response = Client().get("/api/oauth/providers")

    assert (response.status_code, response.json()) == (200, {"items": []})


@pytest.mark.django_db
def test_what_is_configured_is_offered_by_name_and_its_secret_is_not(provider: Provider):
    response = Client().get("/api/oauth/providers")

    assert response.json()["items"] == [
        {"id": "google", "name": "Google", "url": "/oauth/google/login/"},
        {"id": "example", "name": "Example", "url": "/oauth/example/login/"},
    ]
    assert "only-for-tests" not in response.content.decode()
