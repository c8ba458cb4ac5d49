"""Who gets a socket, what it is greeted with, and how a refusal says why."""

import asyncio
import json
from functools import cache
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from abdre.db import in_thread
from abdre.events import publish, user_group
from abdre.tests.signing import access_token
from auth_svc.services import end_session
from realtime_svc import selectors
from realtime_svc.hub import current_hub
from realtime_svc.hub.questions import Questions
from realtime_svc.tests.client import Client
from realtime_svc.tests.conftest import Someone, do, say


@pytest.mark.parametrize("by", ["subprotocol", "header", "cookie"])
async def test_a_token_opens_a_socket_however_it_is_brought(ada: Someone, chat: Any, by: str) -> None:
    socket = await ada.socket(by=by)

    assert socket.hello == {
        "type": "hello",
        "user": {"id": str(ada.id), "display_name": "Ada", "is_guest": False, "picture": None},
        "chats": {str(chat): 3},
        "heartbeat_s": 25,
        "session": str(ada.tokens.session_id),
    }


async def test_devices_that_come_at_the_same_moment_hear_of_a_chat_once(
    ada: Someone, bob: Someone, chat: Any, sockets: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = await in_thread(ada.sign_in)
    may_ask = asyncio.Event()
    ask = Questions.admission

    async def later_for_the_phone(self: Questions, person_id: str, session_id: str) -> Any:
        if session_id == str(phone.session_id):
            await may_ask.wait()
        return await ask(self, person_id, session_id)

    monkeypatch.setattr(Questions, "admission", later_for_the_phone)
    slow = Client(phone.access)
    sockets.append(slow)
    opening = asyncio.create_task(slow.open())
    while not current_hub().people:
        await asyncio.sleep(0)
    quick = await ada.socket()
    first = await say(chat, bob)
    await quick.until(lambda item: item.get("version") == first["version"])

    may_ask.set()
    await opening
    last = await say(chat, bob)

    await slow.until(lambda item: item.get("version") == last["version"])
    assert "chat.created" not in {item["type"] for item in slow.heard}
    assert slow.hello["chats"][str(chat)] == first["version"]
    assert slow.versions(chat) == [last["version"]]


async def test_authorization_wins_over_the_cookie(ada: Someone, bob: Someone, sockets: list[Client]) -> None:
    client = Client(bob.tokens.access, by="cookie", authorization=f"Bearer {ada.tokens.access}")
    sockets.append(client)

    await client.open()

    assert client.hello["user"]["id"] == str(ada.id)


async def test_a_client_that_offers_no_subprotocol_is_offered_none(ada: Someone, sockets: list[Client]) -> None:
    client = Client(ada.tokens.access, by="header")
    client.wire.scope["subprotocols"] = []
    sockets.append(client)

    assert await client.wire.connect() == (True, None)


async def test_the_token_is_never_echoed_as_subprotocol(ada: Someone, sockets: list[Client]) -> None:
    client = Client(ada.tokens.access)
    client.wire.scope["subprotocols"] = [f"bearer.{ada.tokens.access}", "abdre.v1"]
    sockets.append(client)

    assert await client.wire.connect() == (True, "abdre.v1")


async def test_nobody_is_told_that_they_are_not_signed_in(transactional_db: None) -> None:
    assert await Client().refused() == 4501


async def tell(person: Someone, event: dict[str, Any]) -> None:
    await in_thread(publish, user_group(person.id), event)


@cache
def a_strangers_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def forged(ada: Someone) -> dict[str, str]:
    """Tokens that look like ada's and are not."""
    claims = jwt.decode(ada.tokens.access, options={"verify_signature": False})
    header = jwt.get_unverified_header(ada.tokens.access)
    other_key = a_strangers_key()
    return {
        "no token": "x",
        "expired": access_token(ada.id, session_id=ada.tokens.session_id, lifetime_s=-60),
        "alg none": jwt.encode(claims, "", algorithm="none", headers={"kid": header["kid"]}),
        "symmetric": jwt.encode(claims, "s" * 32, algorithm="HS256", headers={"kid": header["kid"]}),
        "other key": jwt.encode(claims, other_key, algorithm="RS256", headers={"kid": header["kid"]}),
        "unknown key": jwt.encode(claims, other_key, algorithm="RS256", headers={"kid": "nobody"}),
        "other audience": access_token(ada.id, session_id=ada.tokens.session_id, aud="elsewhere"),
        "refresh as access": ada.tokens.refresh,
        "refresh type": access_token(ada.id, session_id=ada.tokens.session_id, token_type="refresh"),
        "no session": access_token(ada.id, session=""),
        "unknown session": access_token(ada.id),
        "unknown person": access_token(uuid4(), session_id=ada.tokens.session_id),
        "not ascii": "саламат",
    }


KINDS = [
    "no token",
    "expired",
    "alg none",
    "symmetric",
    "other key",
    "unknown key",
    "other audience",
    "refresh as access",
    "refresh type",
    "no session",
    "unknown session",
    "unknown person",
]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_false_token_opens_nothing(ada: Someone, sockets: list[Client], kind: str) -> None:
    client = Client(forged(ada)[kind])
    sockets.append(client)

    assert await client.refused() == 4501


async def test_a_false_token_is_not_made_good_by_a_cookie(ada: Someone, sockets: list[Client]) -> None:
    client = Client(ada.tokens.access, by="cookie", authorization="Bearer nonsense")
    sockets.append(client)

    assert await client.refused() == 4501


async def test_the_token_of_an_ended_session_opens_nothing(ada: Someone, sockets: list[Client]) -> None:
    await do(end_session, user_id=ada.id, session_id=ada.tokens.session_id)
    client = Client(ada.tokens.access)
    sockets.append(client)

    assert await client.refused() == 4501


async def test_who_is_banned_is_told_so(ada: Someone, sockets: list[Client]) -> None:
    def ban() -> None:
        ada.user.is_active = False
        ada.user.save(update_fields=["is_active"])

    await do(ban)
    client = Client(ada.tokens.access)
    sockets.append(client)

    assert await client.refused() == 4503


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://[", "http://testserver.evil.example", "http://testserver:81"]
)
async def test_another_sites_page_gets_a_403(ada: Someone, sockets: list[Client], origin: str) -> None:
    client = Client(ada.tokens.access, by="cookie", origin=origin)
    sockets.append(client)

    assert await client.refused() == 403


@pytest.mark.parametrize(
    "origin", ["http://testserver", "http://testserver:80", "http://TESTSERVER", "https://chat.example"]
)
async def test_our_own_page_gets_in(ada: Someone, sockets: list[Client], settings: Any, origin: str) -> None:
    settings.PUBLIC_ORIGIN = "https://chat.example"
    client = Client(ada.tokens.access, by="cookie", origin=origin)
    sockets.append(client)

    await client.open()


async def test_an_unknown_path_is_said_to_be_one(transactional_db: None) -> None:
    assert await Client(path="/ws/elsewhere").refused() == 4505
    assert await Client(path="/").refused() == 4505


async def test_hello_names_ones_own_chats_only(ada: Someone, eve: Someone, chat: Any) -> None:
    socket = await eve.socket()

    assert socket.hello["chats"] == {}


async def test_a_session_that_ends_closes_its_sockets_and_no_others(ada: Someone) -> None:
    other = await do(ada.sign_in)
    ended = await ada.socket()
    living = await ada.socket(other)

    await do(end_session, user_id=ada.id, session_id=ada.tokens.session_id)

    assert await ended.closed() == 4504
    assert (await living.ask(type="ping"))["type"] == "pong"


async def test_a_session_that_ends_while_its_socket_opens_is_no_way_in(
    ada: Someone, sockets: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = selectors.admissions

    def overtaken(*arguments: Any) -> Any:
        found = reading(*arguments)
        end_session(user_id=ada.id, session_id=ada.tokens.session_id)
        return found

    monkeypatch.setattr(selectors, "admissions", overtaken)
    client = Client(ada.tokens.access)
    sockets.append(client)

    assert await client.refused() == 4504
    assert not current_hub().people[str(ada.id)].sockets


async def test_a_ban_closes_all_sockets(ada: Someone) -> None:
    first, second = await ada.socket(), await ada.socket()

    await tell(ada, {"type": "user.banned"})

    assert await first.closed() == 4503
    assert await second.closed() == 4503


async def test_what_is_for_the_hub_never_reaches_a_client(ada: Someone) -> None:
    socket = await ada.socket()

    await tell(ada, {"type": "session.ended", "session": str(uuid4())})
    await tell(ada, {"type": "presence.asked"})

    await socket.silent()
    assert json.dumps(socket.heard).count("session.ended") == 0
