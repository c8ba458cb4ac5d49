"""What all processes of the split write: each line says whose it is and for which request, and none opens anything."""

import asyncio
import json
import time
from typing import Any
from uuid import uuid4

import pytest

from deploy.tests.conftest import House
from deploy.tests.people import Person, Town

pytestmark = pytest.mark.split


def written_by(house: House) -> str:
    """By all processes, also what is no line of ours (an interpreter's last words)."""
    assert house.stack is not None
    return "\n".join(role.log.read_text(errors="replace") for role in house.stack.roles)


async def lines_of(request_id: str, house: House, count: int) -> list[dict[str, Any]]:
    """A process writes its line after it has answered: those that come within 5 s."""
    found: list[str] = []
    ends_at = time.monotonic() + 5
    while len(found) < count and time.monotonic() < ends_at:
        found = [line for line in written_by(house).splitlines() if request_id in line]
        await asyncio.sleep(0.05)
    return [json.loads(line) for line in found]


async def write_by_hook(ada: Person, stranger: Person) -> list[str]:
    group = await ada.must("POST", "/api/chats", {"kind": "group", "title": "Tea"})
    hook = await ada.must("POST", f"/api/chats/{group['id']}/incoming-hooks", {"name": "CI"})
    await stranger.must("POST", f"/api/chats/hooks/{hook['secret']}", {"text": "unheard-of words"})
    return [hook["secret"], "unheard-of"]


async def come_by_code(ada: Person, town: Town) -> list[str]:
    token = (await ada.invite(await ada.start_chat()))["token"]
    await town.nobody().get(f"/join/{token}?again={token}", Cookie=f"join_attempt={token}")
    guest = await town.guest_by_code("Tom", token)
    return [token, guest.token, guest.refresh_token]


async def move_by_link(guest: Person, stranger: Person) -> list[str]:
    link = (await guest.must("POST", "/api/auth/recovery-links", {}))["url"]
    await stranger.get(f"/recover/{link.rpartition('/')[2]}")
    return [link.rpartition("/")[2]]


async def sign_in_wrongly(town: Town) -> list[str]:
    wrong, cookie = uuid4().hex, uuid4().hex
    await town.nobody().post("/api/auth/login", {"login": "ada", "password": wrong})
    await town.nobody().post("/api/auth/login", wrong.encode(), content_type="application/json")  # not even JSON
    await town.nobody().get(f"/api/users/me?token={wrong}", Cookie=f"abdre_access={cookie}; abdre_refresh={cookie}")
    await town.nobody().get("/api/users/me", Authorization=f"Bearer {wrong}")
    return [wrong, cookie]


async def test_nothing_that_opens_anything_is_in_any_log(town: Town, house: House):
    ada = await town.member("ada")
    await town.socket(ada)
    secrets = [ada.password, ada.token, ada.refresh_token, ada.token.rpartition(".")[2]]
    secrets += await write_by_hook(ada, town.nobody())
    secrets += await come_by_code(ada, town)
    secrets += await move_by_link(await town.guest("Kim"), town.nobody())
    secrets += await sign_in_wrongly(town)

    written = written_by(house)

    assert "/join/***" in written
    assert "/recover/***" in written
    assert "/api/chats/hooks/***" in written
    assert [secret for secret in secrets if secret in written] == []


async def test_one_request_is_found_by_its_id_in_each_process_that_worked_on_it(town: Town, house: House):
    ada = await town.guest("Ada")
    chat = await ada.start_chat()

    answer = await ada.get(f"/api/chats/{chat}")

    own = await lines_of(answer.headers["X-Request-ID"], house, 2)
    assert {(line["role"], line["event"]) for line in own} == {("gateway", "request"), ("chat", "request")}
    assert len({line["trace_id"] for line in own}) == 1
    (at_chat,) = (line for line in own if line["role"] == "chat")
    assert at_chat.pop("ms") > 0
    assert at_chat.pop("timestamp").endswith("Z")
    facts = {"level": "info", "logger": "abdre.door", "method": "GET", "path": f"/api/chats/{chat}", "status": 200}
    assert at_chat == {**facts, "event": "request", "role": "chat", "person": ada.id} | {
        name: at_chat[name] for name in ("request_id", "trace_id")
    }
