"""A real OpenID Connect provider in a process of its own, and a person at a browser between it and us."""

from __future__ import annotations

import json
import sys
import urllib.request
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import requests
from django.apps import apps
from django.test import Client
from django.utils import timezone

from abdre.tokens import ACCESS_COOKIE, REFRESH_COOKIE, Person, verify
from auth_svc.selectors import session_is_alive
from auth_svc.services import open_session
from deploy.ci.servers import Server

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

CLIENT_ID = "abdre"


class Provider(Server):
    name = "provider"

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def start(self) -> None:
        program = str(Path(sys.executable).parent / "oidc-provider-mock")
        # It refuses a request without a nonce, and so shows that ours has one.
        self.launch([program, "--port", str(self.port), "--require-nonce", "true"])

    def knows(self, subject: str, **claims: object) -> str:
        """Somebody has an account over there; answers the subject."""
        request = urllib.request.Request(
            f"{self.url}/users/{subject}",
            data=json.dumps(claims).encode(),
            headers={"Content-Type": "application/json"},
            method="PUT",
        )
        urllib.request.urlopen(request, timeout=5).close()
        return subject


@dataclass
class Browser:
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))
    at: str = "example"

    def start(self, next_path: str = "/chats", **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in {"Sec_Fetch_Site": "same-origin", **headers}.items()}
        return self.client.get(f"/oauth/{self.at}/login/", {"next": next_path}, headers=named)

    def begin(self, process: str, next_path: str = "/security") -> Response:
        """What only somebody signed in may begin; the answer of the API, or that of the address it names."""
        sent = {"provider": self.at, "process": process, "next": next_path}
        answer = self.ask("POST", "/api/oauth/flows", sent)
        if answer.status_code != 201:
            return answer
        return self.client.get(answer.json()["url"], headers={"Sec-Fetch-Site": "same-origin"})

    def ask(self, method: str, path: str, body: object = None) -> Response:
        """As the gateway does for its pages."""
        headers = {"Authorization": f"Bearer {self.client.cookies[ACCESS_COOKIE].value}"}
        return self.client.generic(method, path, json.dumps(body or {}), "application/json", headers=headers)

    def sit_down(self, user_id: UUID, *, ago: timedelta = timedelta(0)) -> None:
        """The person signs in at this browser, as by password; so long `ago`."""
        tokens = open_session(user_id=user_id)
        sessions = apps.get_model("auth_svc", "Session").objects  # another service's rows: here to turn back the clock
        sessions.filter(id=tokens.session_id).update(authenticated_at=timezone.now() - ago)
        self.client.cookies[ACCESS_COOKIE] = tokens.access
        self.client.cookies[REFRESH_COOKIE] = tokens.refresh

    def consent(self, asked: Response, **form: str) -> str:
        """Press the button over there; the address with which the provider sends the browser back."""
        assert asked.status_code == 302, asked.content
        answer = requests.post(asked["Location"], data=form, allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def come_back(self, address: str) -> Response:
        parts = urlsplit(address)
        return self.client.get(f"{parts.path}?{parts.query}", headers={"Sec-Fetch-Site": "cross-site"})

    def link(self, subject: str) -> Response:
        return self.come_back(self.consent(self.begin("connect"), sub=subject))

    @property
    def linked(self) -> list[dict[str, str]]:
        items: list[dict[str, str]] = self.ask("GET", "/api/oauth/accounts").json()["items"]
        return items

    def come_in(self, subject: str, next_path: str = "/chats") -> Response:
        return self.come_back(self.consent(self.start(next_path), sub=subject))

    @property
    def person(self) -> Person:
        """Who the cookies say this is; their session lives."""
        person = verify(self.client.cookies[ACCESS_COOKIE].value)
        assert session_is_alive(person.session_id)
        return person

    def is_nobody(self) -> bool:
        return not any(
            self.client.cookies[name].value for name in (ACCESS_COOKIE, REFRESH_COOKIE) if name in self.client.cookies
        )


def asked_of(response: Response) -> dict[str, str]:
    """The parameters in the address that the browser is sent to."""
    return {name: values[0] for name, values in parse_qs(urlsplit(response["Location"]).query).items()}
