"""What each operation of auth_svc asks of the database, however many sessions, codes and tokens somebody has.

One walk over all of them, in this order: what takes something away comes after what needs it. That a session lives is
believed throughout; elsewhere its row is asked for once in two seconds, whatever its person does.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from abdre.tests.authenticator import Authenticator
from auth_svc import services
from auth_svc.services import digests
from auth_svc.tests.conftest import MakeVisitor, member
from auth_svc.tests.factors.ways import Clock
from auth_svc.tests.full import ORIGIN, House
from auth_svc.tests.people import PASSWORD, Visitor, key_of, last_letter
from deploy.tests.budgets import FEW_AND_MANY, Asked, Learn, Places, assert_budgets, operations
from user_svc.services import ask_for_deletion

AUTH = "/api/auth"
CODES = f"{AUTH}/invitations"
CODE = f"{CODES}/{{invitation_id}}"
TOKEN = {"token": "{token}"}
OTHER = "another one, long"

WALK = [
    Asked(f"GET {AUTH}/.well-known/jwks.json", 0, who="nobody"),
    # Coming in, and the sessions
    Asked(f"POST {AUTH}/guest", 4, {"display_name": "Tom"}, who="nobody"),
    Asked(
        f"POST {AUTH}/register",
        6,
        {"username": "dora", "password": PASSWORD, "email": "dora@example.org"},
        who="nobody",
    ),
    Asked(f"POST {AUTH}/login", 5, {"login": "ada", "password": PASSWORD}, who="nobody"),
    Asked(f"POST {AUTH}/login", 1, {"login": "ada@example.org", "password": "wrong"}, who="nobody", status=401),
    Asked(f"POST {AUTH}/login", 1, {"login": "nobody@example.org", "password": "wrong"}, who="nobody", status=401),
    Asked(f"POST {AUTH}/refresh", 6, {"refresh_token": "{refresh}"}, who="nobody"),
    Asked(f"POST {AUTH}/client-errors", 3, {"message": "oh"}, who="nobody"),
    Asked(f"POST {AUTH}/digest/off", 3, {"token": "{digest}"}, who="nobody"),
    Asked(f"GET {AUTH}/sessions", 1),
    Asked(f"GET {AUTH}/security", 5, who="carol"),
    Asked(f"POST {AUTH}/reauthenticate", 4, {"password": PASSWORD}),
    Asked(f"POST {AUTH}/reauthenticate", 4, {"code": "{app_code}"}, who="carol"),
    # Codes into chats, by their host and by who holds them
    Asked(f"GET {CODES}", 1),
    Asked(f"GET {CODE}", 4),
    Asked(f"GET {CODE}/link", 1),
    Asked(f"GET {CODE}/qr.svg", 1),
    Asked(f"GET {CODE}/qr.png", 1),
    Asked(f"POST {CODES}/preview", 4, TOKEN, who="nobody"),
    Asked(f"POST {CODES}/preview", 5, TOKEN, who="eve"),
    Asked(f"POST {CODES}/opened", 5, TOKEN, who="eve"),
    Asked(f"POST {CODES}/decline", 4, TOKEN, who="eve"),
    Asked(f"POST {CODES}/report", 8, {**TOKEN, "reason": "spam"}, who="eve"),
    Asked(f"POST {CODES}/accept", 27, {**TOKEN, "display_name": "Tom"}, who="nobody"),
    Asked(f"POST {CODES}/accept", 24, TOKEN, who="eve"),
    Asked(f"DELETE {CODE}", 15, query="?evict=true"),
    Asked(f"POST {CODE}/renew", 7, {}),
    Asked(f"DELETE {CODE}", 4),
    Asked(f"POST {CODES}", 2, {"chat": "{chat}", "max_uses": None}),
    Asked(f"GET {AUTH}/knocks", 2),
    Asked(f"GET {CODE}/knock", 5, who="guest"),
    Asked(f"DELETE {CODE}/knock", 4, who="guest"),
    Asked(f"POST {CODE}/refuse", 8, {"user": "{second}"}),
    Asked(f"POST {CODE}/approve", 30, {"user": "{third}"}),
    # Other devices
    Asked(f"POST {AUTH}/device-codes", 1, {}, who="nobody"),
    Asked(f"POST {AUTH}/device-codes/preview", 2, TOKEN),
    Asked(f"POST {AUTH}/device-codes/decline", 3, TOKEN),
    Asked(f"POST {AUTH}/device-codes", 1, {}, who="nobody"),
    Asked(f"POST {AUTH}/device-codes/confirm", 3, TOKEN),
    Asked(f"POST {AUTH}/device-codes/collect", 10, {"id": "{id}", "secret": "{secret}"}, who="nobody"),
    Asked(f"POST {AUTH}/recovery-links", 4, {}, who="guest"),
    Asked(f"POST {AUTH}/recovery-links/preview", 1, TOKEN, who="nobody"),
    Asked(f"POST {AUTH}/recovery-links/claim", 12, TOKEN, who="nobody"),
    # Second factors, and passkeys
    Asked(f"POST {AUTH}/login", 2, {"login": "carol", "password": PASSWORD}, who="nobody", status=401),
    Asked(f"POST {AUTH}/login/second-factor", 7, {"challenge": "{challenge}", "code": "{app_code}"}, who="nobody"),
    Asked(f"POST {AUTH}/login/passkey/options", 0, {}, who="nobody"),
    Asked(f"POST {AUTH}/login/passkey", 7, "{passkey}", who="nobody"),
    Asked(f"POST {AUTH}/register/passkey/options", 1, {"username": "fred"}, who="nobody"),
    Asked(f"POST {AUTH}/register/passkey", 8, "{new_passkey}", who="nobody"),
    Asked(f"POST {AUTH}/totp/options", 4, {}),
    Asked(f"POST {AUTH}/totp", 9, {"state": "{state}", "code": "{first_code}"}),
    Asked(f"POST {AUTH}/recovery-codes", 7, {}),
    Asked(f"DELETE {AUTH}/totp", 8),
    Asked(f"POST {AUTH}/passkeys/options", 3, {}, who="carol"),
    Asked(f"POST {AUTH}/passkeys", 8, "{new_passkey}", who="carol"),
    Asked(f"GET {AUTH}/passkeys", 1, who="carol"),
    Asked(f"PATCH {AUTH}/passkeys/{{passkey_id}}", 2, {"name": "Key"}, who="carol"),
    Asked(f"DELETE {AUTH}/passkeys/{{passkey_id}}", 7, who="carol"),
    # Programs
    Asked(f"GET {AUTH}/tokens", 1),
    Asked(f"POST {AUTH}/tokens", 7, {"name": "CI"}),
    Asked(f"POST {AUTH}/tokens/exchange", 6, TOKEN, who="nobody"),
    Asked(f"DELETE {AUTH}/tokens/{{token_id}}", 7),
    Asked(f"GET {AUTH}/bots", 2),
    Asked(f"POST {AUTH}/bots", 11, {"username": "helper"}),
    Asked(f"POST {AUTH}/bots/{{bot_id}}/token", 11, {}),
    Asked(f"DELETE {AUTH}/bots/{{bot_id}}", 10),
    # The account
    Asked(f"GET {AUTH}/email", 1),
    Asked(f"POST {AUTH}/email", 8, {"email": "new@example.org"}),
    Asked(f"POST {AUTH}/email/resend", 2, {}),
    Asked(f"DELETE {AUTH}/email", 3),
    Asked(f"POST {AUTH}/email/verify/preview", 4, {"key": "{email_key}"}, who="nobody"),
    Asked(f"POST {AUTH}/email/verify", 6, {"key": "{email_key}"}, who="nobody"),
    Asked(f"GET {AUTH}/exports", 1),
    Asked(f"POST {AUTH}/exports", 7, {}),
    Asked(f"GET {AUTH}/exports/{{export_id}}/archive", 4),
    Asked(f"POST {AUTH}/password/reset", 1, {"email": "eve@example.org"}, who="nobody"),
    Asked(f"POST {AUTH}/password/reset/confirm", 10, {"key": "{reset_key}", "password": OTHER}, who="nobody"),
    Asked(f"DELETE {AUTH}/account/delete", 2, who="bob"),
    Asked(f"POST {AUTH}/account/deactivate", 12, {}, who="bob"),
    Asked(f"DELETE {AUTH}/sessions/{{session_id}}", 3),
    Asked(f"POST {AUTH}/password", 9, {"password": OTHER}),
    Asked(f"DELETE {AUTH}/sessions", 2, query="?others=true"),
    Asked(f"POST {AUTH}/account/delete", 14, {}),
    Asked(f"POST {AUTH}/logout", 3, {}, who="carol"),
]


@pytest.fixture
def people(visitor: MakeVisitor, guest: Visitor, monkeypatch: pytest.MonkeyPatch) -> dict[str, Visitor]:
    monkeypatch.setattr("abdre.tokens.BELIEVED_S", 600)
    cast = {name: member(visitor(), name) for name in ("ada", "bob", "carol", "eve")}
    cast |= {"guest": guest, "nobody": visitor()}
    for person in cast.values():
        person.is_signed_in()  # so that it is believed
    return cast


def learner(house: House) -> Learn:
    def learn(asked: Asked, answer: Any) -> dict[str, Any]:
        told = answer.json() if "json" in answer.headers.get("Content-Type", "") and answer.content else {}
        found = {name: told[name] for name in ("id", "secret", "token", "state", "challenge") if name in told}
        return found | LEARNT.get(asked.operation, nothing)(house, told)

    return learn


def nothing(house: House, told: Any) -> dict[str, Any]:
    return {}


def knocks(house: House, told: Any) -> dict[str, Any]:
    at_door = [one["user"]["id"] for one in told["items"] if one["invitation"] == house.door["id"]]
    return {"invitation_id": house.door["id"], "second": at_door[1], "third": at_door[2]}


def new_passkey(house: House, told: Any) -> dict[str, Any]:
    credential = Authenticator(ORIGIN).create(told["options"])
    return {"new_passkey": {"name": "Key", "credential": credential, "state": told["state"]}}


def shown_link(house: House, told: Any) -> dict[str, Any]:
    return {"token": told["url"].rpartition("/")[2]}


# What an answer tells that a later operation names, or sends, beside what is called as it is there.
LEARNT: dict[str, Callable[[House, Any], dict[str, Any]]] = {
    f"GET {AUTH}/sessions": lambda house, told: {"session_id": told["items"][0]["id"]},
    f"POST {CODE}/renew": lambda house, told: {"invitation_id": told["id"]},
    f"GET {AUTH}/knocks": knocks,
    f"POST {AUTH}/device-codes": shown_link,
    f"POST {AUTH}/recovery-links": shown_link,
    f"POST {AUTH}/register/passkey/options": new_passkey,
    f"POST {AUTH}/passkeys/options": new_passkey,
    f"POST {AUTH}/totp/options": lambda house, told: {"first_code": house.first_code(told["secret"])},
    f"GET {AUTH}/passkeys": lambda house, told: {"passkey_id": told["items"][0]["id"]},
    f"POST {AUTH}/tokens": lambda house, told: {"token_id": told["id"]},
    f"POST {AUTH}/bots": lambda house, told: {"bot_id": told["bot"]["id"]},
    f"GET {AUTH}/exports": lambda house, told: {"export_id": told["items"][0]["id"]},
}


def test_every_operation_stands_here():
    assert {asked.operation for asked in WALK} == operations("auth_svc")


@pytest.mark.parametrize("many", FEW_AND_MANY)
def test_every_operation_keeps_to_its_budget(people: dict[str, Visitor], visitor: MakeVisitor, clock: Clock, many: int):
    house = House(people, many, clock, visitor)
    ask_for_deletion(user_id=people["bob"].id, due_at=timezone.now() + timedelta(days=14), erases_messages=False)
    places = Places(invitation_id=house.code["id"], token=house.code["token"], chat=house.code["chat"])
    places["refresh"] = services.open_session(user_id=people["ada"].id).refresh
    places["digest"] = digests._off(people["ada"].id)
    places |= {"app_code": house.app_code, "passkey": house.passkey_answer}
    places["email_key"] = lambda: key_of(last_letter("dora@example.org"))
    places["reset_key"] = lambda: key_of(last_letter("eve@example.org"))

    def send(asked: Asked, method: str, target: str, body: Any) -> Any:
        return people[asked.who].ask(method, target, body)

    assert_budgets(WALK, places, send, learner(house))
