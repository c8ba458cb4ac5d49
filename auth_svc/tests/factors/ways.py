"""What people do with second factors, by the API."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from abdre.tests.authenticator import Authenticator
from abdre.tests.totp import STEP_S, code_at
from abdre.tokens import read
from auth_svc.models import Session
from auth_svc.tests.people import Visitor

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

LOGIN = "/api/auth/login"
SECOND = "/api/auth/login/second-factor"
PASSKEYS = "/api/auth/passkeys"
WRONG = "000000"


@dataclass
class Clock:
    now: float = field(default_factory=time.time)

    def forward(self, steps: int = 1) -> None:
        self.now += steps * STEP_S


@dataclass
class App:
    """An authenticator app with one account in it."""

    secret: str
    clock: Clock

    def code(self, steps: int = 0) -> str:
        """What it shows; so many steps of 30 seconds from now."""
        return code_at(self.secret, self.clock.now + steps * STEP_S)


def turn_on_app(person: Visitor, clock: Clock) -> tuple[App, list[str]]:
    begun = person.post("/api/auth/totp/options").json()
    app = App(begun["secret"], clock)
    answer = person.post("/api/auth/totp", {"state": begun["state"], "code": app.code()})
    assert answer.status_code == 201, answer.content
    return app, answer.json()["recovery_codes"]


def add_passkey(person: Visitor, passkey: Authenticator, name: str = "Phone") -> Response:
    asked = person.post(f"{PASSKEYS}/options").json()
    return person.post(
        PASSKEYS, {"name": name, "credential": passkey.create(asked["options"]), "state": asked["state"]}
    )


def ask_for_passkey(person: Visitor) -> dict[str, Any]:
    asked: dict[str, Any] = person.post("/api/auth/login/passkey/options").json()
    return asked


def answer_of(person: Visitor, passkey: Authenticator) -> dict[str, Any]:
    """What shows the passkey, fresh."""
    asked = ask_for_passkey(person)
    return {"credential": passkey.show(asked["options"]), "state": asked["state"]}


def challenge_for(person: Visitor, login: str = "ada") -> str:
    refused = person.login(login)
    assert refused.status_code == 401, refused.content
    return str(refused.json()["challenge"])


def pass_by(person: Visitor, challenge: str, code: str) -> Response:
    return person.post(SECOND, {"challenge": challenge, "code": code})


def grow_old(person: Visitor) -> None:
    """Signed in an hour ago."""
    an_hour_ago = timezone.now() - timedelta(hours=1)
    Session.objects.filter(id=read(person.token).session_id).update(authenticated_at=an_hour_ago)


def has_shown_factor(person: Visitor) -> bool:
    return bool(person.get("/api/auth/security").json()["second_factor_shown"])
