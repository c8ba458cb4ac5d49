"""The cast of user_svc's tests."""

import json
from typing import Any

import pytest

from abdre import events
from user_svc.models import User
from user_svc.services import create_guest, create_member

PASSWORD = "tall-Steppe-77"


@pytest.fixture
def ada(transactional_db: None) -> User:
    return create_member(username="ada", password=None, display_name="Ada", email="ada@example.org")


@pytest.fixture
def bob(transactional_db: None) -> User:
    return create_member(username="bob", password=None, display_name="Bob")


@pytest.fixture
def guest(transactional_db: None) -> User:
    return create_guest(display_name="Gulnara")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What was told, to which group."""
    heard: list[tuple[str, dict[str, Any]]] = []

    def note(messages: Any) -> None:
        heard.extend((group, json.loads(item)) for group, message in messages for item in message["items"])

    monkeypatch.setattr(events, "hand_over_all", note)
    return heard
