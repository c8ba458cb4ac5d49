"""The cast: ada owns, bob is a member, eve is a stranger, guest came by a code; somebody has not said who they are."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.totp.internal import auth
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from abdre import events
from auth_svc.services import guessing, hold_email
from auth_svc.tests.factors.ways import Clock
from auth_svc.tests.people import Browser, Visitor
from user_svc.selectors import login_key

MakeVisitor = Callable[[], Visitor]
MakeBrowser = Callable[[], Browser]
Told = tuple[str, dict[str, Any]]


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """Argon2 is slow on purpose; what it does is not what these tests are about."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def own_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test counts letters for itself: the same people get some in every one of them."""
    test = uuid4()
    monkeypatch.setattr("auth_svc.services.mail.unreadable", lambda subject: f"{test}:{subject}")


@pytest.fixture(autouse=True)
def own_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test counts tries at a login for itself: the same names are typed in every one of them."""
    test = uuid4()
    monkeypatch.setattr(guessing, "login_key", lambda login: f"{test}:{login_key(login)}")


@pytest.fixture
def visitor(db: None, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> MakeVisitor:
    return lambda: Visitor(lambda: django_capture_on_commit_callbacks(execute=True))


@pytest.fixture
def browser(db: None, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> MakeBrowser:
    return lambda: Browser(lambda: django_capture_on_commit_callbacks(execute=True))


@pytest.fixture
def somebody(visitor: MakeVisitor) -> Visitor:
    return visitor()


def member(visitor: Visitor, name: str) -> Visitor:
    """Somebody with an account, who has confirmed an address."""
    visitor.signed_in_by(visitor.register(name))
    hold_email(user_id=visitor.id, email=f"{name}@example.org")
    return visitor


@pytest.fixture
def ada(visitor: MakeVisitor) -> Visitor:
    return member(visitor(), "ada")


@pytest.fixture
def bob(visitor: MakeVisitor) -> Visitor:
    return member(visitor(), "bob")


@pytest.fixture
def eve(visitor: MakeVisitor) -> Visitor:
    return member(visitor(), "eve")


@pytest.fixture
def guest(visitor: MakeVisitor) -> Visitor:
    somebody = visitor()
    return somebody.signed_in_by(somebody.post("/api/auth/guest", {"display_name": "Гость"}))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """What apps and codes go by; the test moves it."""
    clock = Clock()
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=lambda: clock.now))
    return clock


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Told]:
    """What left the house after a commit: each event with the group that hears it."""
    heard: list[Told] = []

    def hear(group: str, message: dict[str, Any]) -> None:
        heard.extend((group, json.loads(item)) for item in message["items"])

    monkeypatch.setattr(events, "hand_over", hear)
    return heard


@pytest.fixture
def count_queries(db: None) -> Callable[[Callable[[], object]], int]:
    def count(deed: Callable[[], object]) -> int:
        with CaptureQueriesContext(connection) as queries:
            deed()
        return len(queries)

    return count
