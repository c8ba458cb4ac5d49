"""People as these tests know them: at a program with a token, or at a browser with cookies."""

from __future__ import annotations

import email
import itertools
import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from email.policy import default
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core import mail
from django.db.models import F, Model
from django.test import Client

from abdre import jobs
from abdre.tokens import ACCESS_COOKIE, REFRESH_COOKIE

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

NOBODY = UUID(int=0)
PASSWORD = "long enough, and not common"
CSRF = "c" * 32
# Each visitor comes from a network of their own, so that limits count only where a test means them to.
networks = itertools.count(1)

Commits = Callable[[], AbstractContextManager[Any]]


def a_network() -> str:
    number = next(networks)
    return f"10.{number // 250}.{number % 250}"


@dataclass
class Visitor:
    """Somebody at a program: an API client with a Bearer token, if it has one."""

    commits: Commits
    token: str = ""
    refresh_token: str = ""
    id: UUID = NOBODY
    address: str = field(default_factory=lambda: f"{a_network()}.7")
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in {**self.own_headers(), **headers}.items()}
        with self.commits():
            return self.client.generic(
                method,
                path,
                b"" if body is None else json.dumps(body).encode(),
                content_type="application/json",
                headers=named,
                REMOTE_ADDR=self.address,
            )

    def own_headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def get(self, path: str, **headers: str) -> Response:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Response:
        return self.ask("POST", path, {} if body is None else body, **headers)

    def delete(self, path: str, **headers: str) -> Response:
        return self.ask("DELETE", path, **headers)

    def signed_in_by(self, response: Response) -> Visitor:
        assert response.status_code < 300, response.content
        answer = response.json()
        self.token, self.refresh_token = answer["access_token"], answer["refresh_token"]
        self.id = UUID(answer["user"]["id"])
        return self

    def register(self, name: str, **account: str) -> Response:
        return self.post("/api/auth/register", {"username": name, "password": PASSWORD, **account})

    def login(self, login: str, password: str = PASSWORD) -> Response:
        return self.post("/api/auth/login", {"login": login, "password": password})

    def refresh(self, secret: str | None = None) -> Response:
        return self.post("/api/auth/refresh", {"refresh_token": secret or self.refresh_token}, Authorization="")

    def is_signed_in(self) -> bool:
        return self.get("/api/auth/sessions").status_code == 200


@dataclass
class Browser(Visitor):
    """Somebody at a browser: cookies, and what `fetch` and forms say of themselves."""

    def own_headers(self) -> dict[str, str]:
        self.client.cookies["csrftoken"] = CSRF
        return {"Sec-Fetch-Site": "same-origin", "X-CSRFToken": CSRF, "User-Agent": FIREFOX}

    def cookie(self, name: str) -> str:
        morsel = self.client.cookies.get(name)
        return morsel.value if morsel else ""

    @property
    def access(self) -> str:
        return self.cookie(ACCESS_COOKIE)

    @property
    def secret(self) -> str:
        return self.cookie(REFRESH_COOKIE)


LINK = re.compile(r"(https?://\S+)/(verify|reset)/(\S+)")


def last_letter(to: str) -> mail.EmailMessage:
    """The last one to this address, after everything that was asked for has been written."""
    jobs.do_all()
    return [letter for letter in mail.outbox if letter.to == [to]][-1]


def texts_of(letter: mail.EmailMessage) -> list[str]:
    """What it says, plain and as HTML."""
    return [
        str(part.get_content())
        for part in email.message_from_bytes(bytes(letter.message()), policy=default).iter_parts()
    ]


def key_of(letter: mail.EmailMessage) -> str:
    """That of the link in it."""
    found = LINK.search(str(letter.body))
    assert found, letter.body
    return found[3]


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"


def code_of(response: Response) -> str:
    return str(response.json()["error"]["code"])


def assert_refused(response: Response, status: int, code: str) -> None:
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (status, code), response.content
    assert error["message"]


def set_back(rows: type[Model], *moments: str, **span: float) -> None:
    """As if all that these columns tell had been so much earlier."""
    rows._default_manager.update(**{moment: F(moment) - timedelta(**span) for moment in moments})
