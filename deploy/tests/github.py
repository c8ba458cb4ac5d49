"""A login that is no OpenID Connect: what GitHub answers, of so much as allauth asks. One person per code."""

import base64
import hashlib
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

Json = dict[str, Any]


class GitHub:
    """`people`: by login, what `/user` and `/user/emails` say of them. Whom `visitor` names is who says yes."""

    def __init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"github": self}))
        self.people: dict[str, tuple[Json, list[Json]]] = {}
        self.codes: dict[str, tuple[str, str]] = {}  # code → login, the challenge it was asked with
        self.tokens: dict[str, str] = {}
        self.visitor = ""

    def __enter__(self) -> Self:
        Thread(target=self.server.serve_forever, name="github", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def settings(self) -> dict[str, str]:
        entry = {"provider": "github", "name": "GitHub", "client_id": "abdre", "client_secret": "only-for-tests"}
        return {"ABDRE_SOCIAL_PROVIDERS": json.dumps([{**entry, "options": {"GITHUB_URL": self.url}}])}

    def visited_by(self, login: str, number: int, *, email: str, verified: bool = True) -> None:
        person = {"id": number, "login": login, "name": login.title(), "email": None}
        self.people[login] = (person, [{"email": email, "primary": True, "verified": verified}])
        self.visitor = login

    def authorize(self, query: dict[str, str]) -> str:
        """Where the browser goes back to."""
        assert query["code_challenge_method"] == "S256"
        code = uuid4().hex
        self.codes[code] = (self.visitor, query["code_challenge"])
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str]) -> Json:
        login, challenge = self.codes.pop(form["code"])
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != challenge:
            return {"error": "bad_verification_code"}
        token = uuid4().hex
        self.tokens[token] = login
        return {"access_token": token, "token_type": "bearer", "scope": "user:email"}

    def person(self, authorization: str) -> tuple[Json, list[Json]]:
        return self.people[self.tokens[authorization.removeprefix("token ")]]


class Handler(BaseHTTPRequestHandler):
    github: GitHub

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/login/oauth/authorize":
            self.send_response(302)
            self.send_header("Location", self.github.authorize(first(parts.query)))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        person, emails = self.github.person(self.headers["Authorization"])
        self.say(emails if parts.path == "/api/v3/user/emails" else person)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.say(self.github.token(first(body)))

    def say(self, facts: Any) -> None:
        body = json.dumps(facts).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


def first(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
