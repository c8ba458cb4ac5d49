"""Invented people: guests who come in by the public API, as anybody does, and wait where the house says so."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp

WITHIN = aiohttp.ClientTimeout(total=30)
LIVES_S = 3600  # of a chat: what an interrupted run leaves behind goes by itself
PAGE = 200
# A token lives for ten minutes, and a socket as long as the token that opened it: a load talks for eight of them.
FRESH_S = 30.0
# A limit (429) ends by itself; a house that is away (503) may stay so.
AWAY_S = 60.0


class LoadProblem(Exception):
    """Why the load cannot go on, in words."""


@dataclass
class Person:
    """A guest, whose token is renewed as often as needed."""

    http: aiohttp.ClientSession
    origin: str
    tell: Callable[[str], None]
    token: str = ""
    id: str = ""
    refresh_token: str = ""
    token_at: float = 0.0

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Waits as long as a limit of the house asks for. Raises LoadProblem."""
        if self.token:
            await self.renew()
            headers["Authorization"] = f"Bearer {self.token}"
        return await self._answer(method, path, body, headers)

    async def renew(self) -> None:
        """Where the token is not fresh. Raises LoadProblem."""
        if time.monotonic() - self.token_at > FRESH_S:
            secret = {"refresh_token": self.refresh_token}
            self._take(await self._answer("POST", "/api/auth/refresh", secret, {}))

    def _take(self, answer: dict[str, Any]) -> None:
        self.token, self.refresh_token = answer["access_token"], answer["refresh_token"]
        self.token_at = time.monotonic()

    async def _answer(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        away_until = time.monotonic() + AWAY_S
        while True:
            try:
                async with self.http.request(
                    method, self.origin + path, json=body, headers=headers, timeout=WITHIN
                ) as answer:
                    if answer.status < 300:
                        return await answer.json() if answer.status != 204 else None
                    is_away = answer.status == 503 and time.monotonic() > away_until
                    if answer.status not in (429, 503) or is_away:
                        raise LoadProblem(f"{method} {path}: {answer.status} {(await answer.text())[:200]}")
                    asked_s = answer.headers.get("Retry-After", "")
                    # What stands before the house may say a date.
                    wait_s = float(asked_s) if asked_s.isdecimal() else 1.0
            except (aiohttp.ClientError, TimeoutError) as problem:
                raise LoadProblem(f"{method} {path}: {problem or 'no answer'}") from problem
            self.tell(f"the house asks to wait for {wait_s:.0f} s (its limits for one network)")
            await asyncio.sleep(wait_s)

    async def come_in(self, name: str) -> None:
        answer = await self.ask("POST", "/api/auth/guest", {"display_name": name})
        self._take(answer)
        self.id = answer["user"]["id"]

    async def open_chat(self, title: str) -> tuple[str, str]:
        """A chat and a code for any number of people."""
        chat = await self.ask("POST", "/api/chats", {"kind": "temporary", "title": title, "ttl_s": LIVES_S})
        code = await self.ask("POST", "/api/auth/invitations", {"chat": chat["id"], "max_uses": None})
        return chat["id"], code["token"]

    async def join(self, code: str) -> None:
        key = {"Idempotency-Key": str(uuid4())}
        await self.ask("POST", "/api/auth/invitations/accept", {"token": code}, **key)

    async def listed(self, chat: str) -> list[dict[str, Any]]:
        """All that people wrote there."""
        found: list[dict[str, Any]] = []
        after, has_more = 0, True
        while has_more:
            page = await self.ask("GET", f"/api/chats/{chat}/messages?after={after}&limit={PAGE}")
            found += page["items"]
            has_more = page["has_more"]
            after = page["items"][-1]["seq"] if page["items"] else after
        return [message for message in found if message["kind"] == "text"]

    async def leave_nothing(self, chats: list[str]) -> None:
        for chat in chats:
            await self.ask("DELETE", f"/api/chats/{chat}")
        await self.ask("POST", "/api/auth/logout")
