"""Pages against services that a test plays itself: what they answer, and what they were asked."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from django.test import AsyncClient

from abdre.cache import own_card
from abdre.service_client import ServiceAway, calls
from abdre.service_client.transports import Call, Received
from abdre.store import store
from abdre.tests.signing import access_token
from abdre.tokens import ACCESS_COOKIE

ADA = "0a000000-0000-4000-8000-00000000000a"
BOB = "0b000000-0000-4000-8000-00000000000b"
GUEST = "0c000000-0000-4000-8000-00000000000c"
CHAT = "11111111-1111-4111-8111-111111111111"
INVITATION = "22222222-2222-4222-8222-222222222222"
TOKEN = "a" * 32


@dataclass
class Asked:
    service: str
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    json: Any  # or a file's bytes
    known: list[str]  # what had been answered by then


@dataclass
class Services:
    """The transport of `abdre.service_client`. What no test has spoken for is not there (404)."""

    asked: list[Asked] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    _answers: dict[tuple[str, str, str], tuple[int, Any, dict[str, str]]] = field(default_factory=dict)
    _away: set[str] = field(default_factory=set)

    def answer(
        self, service: str, method: str, path: str, body: Any = None, *, status: int = 200, **headers: str
    ) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._answers[service, method, path] = (status, body, named)

    def refuse(self, service: str, method: str, path: str, status: int, code: str = "", **more: Any) -> None:
        headers = {name: more.pop(name) for name in ("retry_after",) if name in more}
        error = {"error": {"code": code, "message": f"The service said {code}.", **more}}
        self.answer(service, method, path, error, status=status, **headers)

    def away(self, *services: str) -> None:
        self._away.update(services)

    def was_asked_after(self, later: str, first: str) -> bool:
        """Whether `first` had been answered when `later` was asked for."""
        [asked] = [asked for asked in self.asked if asked.path == later]
        return first in asked.known

    def calls(self, service: str, method: str, path: str) -> list[Asked]:
        return [asked for asked in self.asked if (asked.service, asked.method, asked.path) == (service, method, path)]

    def call(self, service: str, method: str, path: str) -> Asked:
        [only] = self.calls(service, method, path)
        return only

    async def __call__(self, call: Call) -> Received:
        service, method, target, headers, body, *_ = call
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        is_file = headers.get("content-type", "").startswith(("image/", "application/octet-stream"))
        sent = body if is_file else json.loads(body) if body else None
        self.asked.append(Asked(service, method, parts.path, query, headers, sent, [*self.answered]))
        if service in self._away:
            raise ServiceAway("nobody listens there")
        await asyncio.sleep(0)  # as on a network, who asks side by side has asked everything before the first answer
        self.answered.append(parts.path)
        status, answer, named = self._answers.get((service, method, parts.path), (404, {}, {}))
        content = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
        return status, list(named.items()), content


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Services:
    played = Services()
    monkeypatch.setattr(calls, "_transport", lambda: played)
    store.delete_many([own_card(user_id) for user_id in (ADA, BOB, GUEST)])
    played.answer("auth", "POST", "/api/auth/invitations/opened", status=204)
    played.answer("auth", "GET", "/api/auth/knocks", {"items": []})
    played.answer("chat", "GET", f"/api/chats/{CHAT}/pins", {"items": []})
    played.answer("oauth", "GET", "/api/oauth/providers", {"items": []})
    played.answer("oauth", "GET", "/api/oauth/accounts", {"items": []})
    return played


@pytest.fixture
def stranger(services: Services) -> AsyncClient:
    """A browser in which nobody is signed in."""
    return AsyncClient()


@pytest.fixture
def browser_of(services: Services) -> Callable[..., AsyncClient]:
    """A browser in which that person is signed in."""

    def browser(user_id: str, *, name: str = "Ada", is_guest: bool = False) -> AsyncClient:
        client = AsyncClient()
        client.cookies[ACCESS_COOKIE] = access_token(UUID(user_id))
        services.answer("user", "GET", "/api/users/me", person(user_id, name, is_guest=is_guest))
        services.answer("chat", "GET", "/api/chats", {"items": [chat()], "next": None})
        return client

    return browser


@pytest.fixture
def ada(browser_of: Callable[..., AsyncClient]) -> AsyncClient:
    return browser_of(ADA)


@pytest.fixture
def guest(browser_of: Callable[..., AsyncClient]) -> AsyncClient:
    return browser_of(GUEST, name="Gulnara", is_guest=True)


def person(user_id: str = ADA, name: str = "Ada", *, is_guest: bool = False) -> dict[str, Any]:
    return {"id": user_id, "display_name": name, "is_guest": is_guest}


def chat(**facts: Any) -> dict[str, Any]:
    return {
        "id": CHAT,
        "kind": "group",
        "title": "Tea",
        "role": "owner",
        "unread": 0,
        "mentions": 0,
        "read_seq": 0,
        "last_message": None,
        "version": 1,
        "last_seq": 0,
        "member_count": 2,
        "created_at": "2026-11-22T10:00:00.000Z",
        "expires_at": None,
        "closed_at": None,
        "topic": "",
        "slow_mode_s": 0,
        "announcement_only": False,
        "silenced_until": None,
        "guest_links": "allowed",
        "guest_files": "allowed",
        "is_public": False,
        "guests_may_join": False,
        "history_for_newcomers": True,
        "keeps_days": 0,
        "pruned_below": 1,
        "notify": "all",
        "muted_until": None,
        "archived": False,
        "pinned": False,
        "favourite": False,
        **facts,
    }


def message(seq: int, body: str = "hello", **facts: Any) -> dict[str, Any]:
    return {
        "chat": CHAT,
        "seq": seq,
        "version": seq,
        "client_id": f"33333333-3333-4333-8333-{seq:012}",
        "sender": person(),
        "body": body,
        "kind": "text",
        "created_at": f"2026-11-22T10:00:{seq % 60:02}.000Z",
        "edited_at": None,
        "deleted_at": None,
        "reply_to": None,
        "reactions": [],
        "attachments": [],
        **facts,
    }


def invitation(**facts: Any) -> dict[str, Any]:
    path = f"/api/auth/invitations/{INVITATION}"
    return {
        "id": INVITATION,
        "chat": CHAT,
        "label": "",
        "guests": True,
        "approval": False,
        "rotating": False,
        "has_password": False,
        "created_at": "2026-11-22T10:00:00.000Z",
        "expires_at": "2099-11-22T10:15:00.000Z",
        "ttl_s": 900,
        "max_uses": 1,
        "uses": 0,
        "declined": 0,
        "opens": 0,
        "waiting": 0,
        "opened_at": None,
        "status": "created",
        "qr_svg": f"{path}/qr.svg",
        "qr_png": f"{path}/qr.png",
        "people": [],
        "knocks": [],
        "first_joined_at": None,
        "last_joined_at": None,
        **facts,
    }


def security(**facts: Any) -> dict[str, Any]:
    held = {"totp": False, "passkeys": 0, "recovery_codes_left": None}
    shown = {"second_factor_shown": False, "must_show_again": False}
    email = {"email": "ada@example.org", "email_verified": True}
    leaving = {"deletion_due_at": None, "erases_messages": False, "deletion_grace_days": 14}
    return {"is_guest": False, "has_password": True, "sessions": 2, **email, **held, **shown, **leaving, **facts}


def preview(**facts: Any) -> dict[str, Any]:
    return {
        "state": "active",
        "expires_at": "2099-11-22T10:15:00.000Z",
        "guests": True,
        "approval": False,
        "has_password": False,
        "inviter": {"display_name": "Ada", "is_guest": False},
        "chat": {"title": "Tea", "kind": "group", "member_count": 2, "expires_at": None},
        "domain": "chat.example.org",
        **facts,
    }


def tokens(user: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"access_token": "new-access", "refresh_token": "new-refresh", "expires_in": 600, "user": user, **more}


def html(response: Any) -> str:
    return str(response.content.decode())
