"""A token ends before its session: a browser goes on, a program shows a new one, an ended session ends the socket."""

import time
from typing import Any

import pytest

from abdre.tests.signing import access_token
from abdre.tokens import Person
from auth_svc.services import end_session
from realtime_svc.consumers import socket as consumer
from realtime_svc.hub import watch
from realtime_svc.tests.client import Client
from realtime_svc.tests.conftest import Someone, do
from realtime_svc.tests.layers import Lossy

# What is left of each token when its socket opens, by the consumer's clock, and of one that was made anew.
LEFT_S = 0.3
LIFETIME_S = 600


@pytest.fixture(autouse=True)
def _late_in_the_tokens_life(monkeypatch: pytest.MonkeyPatch) -> None:
    # The claim is in whole seconds; one more, so that rounding does not end it before the socket opens.
    gone_s = LIFETIME_S - LEFT_S - 1
    monkeypatch.setattr(Person, "token_lasts_s", lambda person: person.expires_at - time.time() - gone_s)
    monkeypatch.setattr(consumer, "TOKEN_GRACE_S", LEFT_S)


def token(someone: Someone, lifetime_s: int = 2 * LIFETIME_S) -> str:
    return access_token(someone.id, session_id=someone.tokens.session_id, lifetime_s=lifetime_s)


async def opened(someone: Someone, sockets: list[Client], *, by: str) -> Client:
    client = Client(token(someone, LIFETIME_S), by=by)
    sockets.append(client)
    return await client.open()


async def test_a_programs_socket_ends_with_its_token(ada: Someone, sockets: list[Client]) -> None:
    socket = await opened(ada, sockets, by="header")

    assert await socket.closed() == 4501


async def test_a_new_token_lets_it_go_on(ada: Someone, sockets: list[Client], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "TOKEN_GRACE_S", 2.0)
    socket = await opened(ada, sockets, by="header")

    assert await socket.ask(type="token.refresh", token=token(ada), ref="t") == {"type": "ack", "ref": "t"}

    assert await socket.wire.receive_nothing(timeout=LEFT_S + 1 + 2.5)


async def test_within_the_grace_a_new_token_is_in_time(
    ada: Someone, sockets: list[Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer, "TOKEN_GRACE_S", 2.0)
    socket = await opened(ada, sockets, by="header")
    assert await socket.wire.receive_nothing(timeout=LEFT_S + 1.2)

    await socket.ask(type="token.refresh", token=token(ada))

    assert await socket.wire.receive_nothing(timeout=2.5)


async def test_a_browsers_socket_goes_on_while_its_session_lives(
    ada: Someone, sockets: list[Client], settings: Any
) -> None:
    settings.ACCESS_TOKEN_LIFETIME_S = LEFT_S
    socket = await opened(ada, sockets, by="cookie")

    assert await socket.wire.receive_nothing(timeout=2)

    assert (await socket.ask(type="ping"))["type"] == "pong"


async def test_a_browsers_socket_ends_with_its_session_though_nobody_said_so(
    ada: Someone, sockets: list[Client], lossy: Lossy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "EXPELLED_EVERY_S", 1e9)
    lossy.drops = lambda group, message: group.startswith("user.")
    socket = await opened(ada, sockets, by="cookie")

    await do(end_session, user_id=ada.id, session_id=ada.tokens.session_id)

    assert await socket.closed() == 4501


async def test_another_persons_token_is_refused(ada: Someone, eve: Someone) -> None:
    socket = await ada.socket()

    answer = await socket.ask(type="token.refresh", token=token(eve))

    assert (answer["type"], answer["code"]) == ("error", "another_session")


async def test_another_sessions_token_is_refused(ada: Someone) -> None:
    other = await do(ada.sign_in)
    socket = await ada.socket()

    answer = await socket.ask(type="token.refresh", token=other.access)

    assert (answer["type"], answer["code"]) == ("error", "another_session")


async def test_a_false_token_is_refused_and_the_socket_goes_on(ada: Someone, sockets: list[Client]) -> None:
    socket = await opened(ada, sockets, by="cookie")

    answers = [
        await socket.ask(type="token.refresh", token=token(ada, lifetime_s=-60)),
        await socket.ask(type="token.refresh", token="nonsense"),
    ]

    assert {(answer["type"], answer["code"]) for answer in answers} == {("error", "not_signed_in")}
    assert (await socket.ask(type="ping"))["type"] == "pong"
