"""Who has a second factor is asked for it also after a login elsewhere."""

import json
import time
from base64 import urlsafe_b64decode
from typing import Any

import pytest

from abdre.tests.totp import code_at
from deploy.tests.people import Person, Town
from deploy.tests.provider import Provider, Visitor

pytestmark = pytest.mark.http

SECOND_STEP = "/login/second-factor?next=%2Fchats"


async def turn_on_an_app(person: Person) -> str:
    """A recovery code."""
    begun = (await person.post("/api/auth/totp/options")).body
    proof = {"state": begun["state"], "code": code_at(begun["secret"], time.time())}
    return str((await person.post("/api/auth/totp", proof)).body["recovery_codes"][0])


def challenge_of(visitor: Visitor) -> dict[str, Any]:
    kept: dict[str, Any] = json.loads(urlsafe_b64decode(visitor.cookie("abdre_challenge")))
    return kept


async def test_the_login_elsewhere_opens_nothing_before_the_second_step(town: Town, provider: Provider):
    ada, phone, laptop = town.nobody(), Visitor(town.base), Visitor(town.base)
    subject = provider.knows_somebody()
    await phone.come_in("google", subject)
    ada.token = phone.cookie("abdre_access")
    recovery_code = await turn_on_an_app(ada)

    end = await laptop.come_in("google", subject)

    assert end == SECOND_STEP
    assert not any(cookie.key in ("abdre_access", "abdre_refresh") and cookie.value for cookie in laptop.jar)
    kept = challenge_of(laptop)
    shown = {"challenge": kept["challenge"], "code": recovery_code}
    opened = await town.nobody().post("/api/auth/login/second-factor", shown)
    assert opened.status == 200
    assert opened.body["user"]["id"] == (await ada.get("/api/users/me")).body["id"]
