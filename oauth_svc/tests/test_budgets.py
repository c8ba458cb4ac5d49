"""What each operation of oauth_svc, and each step of a login elsewhere, asks of the database, however much is linked.

One walk over all of them, in this order: what takes something away comes after what needs it. That a session lives is
believed throughout; elsewhere its row is asked for once in two seconds, whatever its person does.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from deploy.tests.budgets import FEW_AND_MANY, Asked, Places, assert_budgets, operations
from oauth_svc import services
from oauth_svc.services import Claims
from oauth_svc.tests.provider import Browser, Provider, asked_of
from user_svc.selectors import UserJson

OAUTH = "/api/oauth"
# allauth looks three times for somebody of its own behind a login, before we are told of it.
OUT = "/oauth/{provider_id}/login/"
BACK = "/oauth/{provider_id}/callback/"
FLOW = {"provider": "example", "next": "/security"}

WALK = [
    Asked(f"GET {OAUTH}/providers", 0),
    Asked(f"GET {OUT}", 0, query="?next=/chats", who="newcomer"),
    Asked(f"GET {BACK}", 11, query="?{back}", who="newcomer"),
    Asked(f"GET {OUT}", 0, query="?next=/chats", who="phone"),  # of the same person, who is known now
    Asked(f"GET {BACK}", 10, query="?{back}", who="phone"),
    Asked(f"POST {OAUTH}/flows", 3, {**FLOW, "process": "connect"}),
    Asked(f"GET {OUT}", 0, query="?ticket={ticket}"),
    Asked(f"GET {BACK}", 7, query="?{back}"),
    Asked(f"POST {OAUTH}/flows", 1, {**FLOW, "process": "reauthenticate"}),
    Asked(f"GET {OUT}", 0, query="?ticket={ticket}"),
    Asked(f"GET {BACK}", 7, query="?{back}"),
    Asked(f"POST {OAUTH}/pending", 1, {"pending": "{pending}"}),
    Asked(f"POST {OAUTH}/accounts", 7, {"pending": "{pending}"}),
    Asked(f"GET {OAUTH}/accounts", 1),
    Asked(f"DELETE {OAUTH}/accounts/{{account_id}}", 7),
]


def test_every_operation_stands_here():
    assert {asked.operation for asked in WALK} == operations("oauth_svc")


@pytest.mark.parametrize("many", FEW_AND_MANY)
def test_every_operation_keeps_to_its_budget(
    provider: Provider, ada: UserJson, monkeypatch: pytest.MonkeyPatch, many: int
):
    monkeypatch.setattr("abdre.tokens.BELIEVED_S", 600)
    browsers = {who: Browser() for who in ("ada", "newcomer", "phone")}
    subjects = {"ada": provider.knows("b-ada"), "newcomer": provider.knows("b-newcomer", preferred_username="zoe")}
    subjects["phone"] = subjects["newcomer"]
    browsers["ada"].sit_down(UUID(ada["id"]))
    for number in range(many):
        services.link(user_id=UUID(ada["id"]), claims=Claims("example", "https://login.example", f"s-{number}"))
    waits = Claims("example", "https://login.example", "waits", email="ada@example.org")
    places = Places(provider_id="example", pending=waits.sealed())
    assert len(browsers["ada"].linked) == many  # and her session is believed

    def send(asked: Asked, method: str, target: str, body: Any) -> Any:
        browser = browsers[asked.who]
        if target.startswith("/api/"):
            return browser.ask(method, target, body)
        return browser.client.get(target, headers={"Sec-Fetch-Site": "same-origin"})

    def learn(asked: Asked, answer: Any) -> dict[str, Any]:
        if asked.operation == f"GET {OUT}":
            return {"back": urlsplit(browsers[asked.who].consent(answer, sub=subjects[asked.who])).query}
        if asked.operation == f"GET {BACK}":
            assert "problem" not in asked_of(answer), answer["Location"]
        if asked.operation == f"POST {OAUTH}/flows":
            return {"ticket": answer.json()["url"].partition("?ticket=")[2]}
        return {"account_id": answer.json()["items"][0]["id"]} if asked.operation == f"GET {OAUTH}/accounts" else {}

    assert_budgets(WALK, places, send, learn)
