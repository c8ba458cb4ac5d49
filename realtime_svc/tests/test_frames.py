"""What a client may say is what the published schema says; whatever else it says is answered, not punished."""

import json
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from abdre.errors import REFUSED, AppError
from abdre.tests.tallies import counted
from realtime_svc.protocol import commands
from realtime_svc.protocol.limits import BURST_S, FRAME_LIMIT_CHARS, SOCKETS_AT_FULL_PACE, WARNINGS
from realtime_svc.tests.client import Client, validator
from realtime_svc.tests.conftest import Someone

CHAT, CLIENT_ID = str(uuid4()), str(uuid4())
SEND = {"type": "message.send", "ref": "1", "chat": CHAT, "client_id": CLIENT_ID, "body": "salem"}
EDIT = {"type": "message.edit", "ref": "1", "chat": CHAT, "seq": 1, "body": "salem"}
REACT = {"type": "message.react", "ref": "1", "chat": CHAT, "seq": 1, "emoji": "👍", "on": True}
RESUME = {"type": "resume", "ref": "1", "chats": {CHAT: 0}}

WELL_FORMED: list[dict[str, Any]] = [
    SEND,
    {**SEND, "reply_to": 7},
    {**SEND, "reply_to": None},
    {**SEND, "thread": 7},
    {**SEND, "thread": None},
    {**SEND, "chat": CHAT.upper()},
    {**SEND, "body": "Қазақша, العربية, 🐎, <script>alert(1)</script>"},
    {**SEND, "ref": "r" * 64},
    EDIT,
    {"type": "message.delete", "ref": "1", "chat": CHAT, "seq": 2**63 - 1},
    REACT,
    {**REACT, "on": False},
    RESUME,
    {**RESUME, "chats": {}},
    {**RESUME, "chats": {str(uuid4()): 3 for _ in range(1000)}},
    {"type": "typing.start", "chat": CHAT},
    {"type": "typing.start", "chat": CHAT, "ref": "1"},
    {"type": "chat.read", "chat": CHAT, "seq": 1},
    {"type": "token.refresh", "ref": "1", "token": "a.b.c"},
    {"type": "ping"},
    {"type": "ping", "ref": "1"},
]


def without(frame: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in frame.items() if key != name}


ILL_FORMED: list[dict[str, Any]] = [
    {},
    {"type": None},
    {"type": "subscribe", "room": "everything"},
    {"type": ["ping"]},
    {"type": "message.created"},
    *(without(SEND, name) for name in ("ref", "chat", "client_id", "body")),
    *(without(EDIT, name) for name in ("ref", "chat", "seq", "body")),
    {**SEND, "sender_id": str(uuid4())},
    {**SEND, "body": None},
    {**SEND, "body": 7},
    {**SEND, "body": ["salem"]},
    {**SEND, "chat": "tea"},
    {**SEND, "chat": f"{{{CHAT}}}"},
    {**SEND, "chat": CHAT.replace("-", "")},
    {**SEND, "client_id": 7},
    {**SEND, "reply_to": 0},
    {**SEND, "thread": 0},
    {**SEND, "thread": "1"},
    {**SEND, "reply_to": "1"},
    {**SEND, "ref": ""},
    {**SEND, "ref": 1},
    {**SEND, "ref": "r" * 65},
    {**EDIT, "seq": 0},
    {**EDIT, "seq": -1},
    {**EDIT, "seq": 1.5},
    {**EDIT, "seq": True},
    {**EDIT, "seq": 2**63},
    {**REACT, "on": "true"},
    {**REACT, "on": 1},
    {**REACT, "emoji": None},
    {key: value for key, value in REACT.items() if key != "on"},
    {**RESUME, "chats": []},
    {**RESUME, "chats": {"tea": 1}},
    {**RESUME, "chats": {CHAT: -1}},
    {**RESUME, "chats": {CHAT: "1"}},
    {**RESUME, "chats": {str(uuid4()): 3 for _ in range(1001)}},
    {"type": "typing.start"},
    {"type": "chat.read", "chat": CHAT},
    {"type": "token.refresh", "ref": "1"},
    {"type": "token.refresh", "ref": "1", "token": ""},
    {"type": "ping", "extra": 1},
]


@pytest.mark.parametrize("frame", WELL_FORMED, ids=json.dumps)
def test_what_the_schema_allows_is_understood(frame: dict[str, Any]) -> None:
    assert validator("clientFrame").is_valid(frame)

    commands.command_of(commands.read_frame(json.dumps(frame)))


@pytest.mark.parametrize("frame", ILL_FORMED, ids=json.dumps)
def test_what_the_schema_forbids_is_refused(frame: dict[str, Any]) -> None:
    assert not validator("clientFrame").is_valid(frame)

    with pytest.raises(AppError):
        commands.command_of(commands.read_frame(json.dumps(frame)))


def test_each_wrong_field_is_named() -> None:
    with pytest.raises(AppError) as refusal:
        commands.command_of({"type": "message.edit", "ref": "1", "chat": "tea", "seq": 0, "colour": "red"})

    assert set(refusal.value.fields or {}) == {"chat", "seq", "body", "colour"}


def test_half_a_character_is_refused_before_it_reaches_a_database() -> None:
    frame = commands.read_frame(json.dumps(SEND).replace("salem", "\\ud83d"))

    with pytest.raises(AppError) as refusal:
        commands.command_of(frame)

    assert set(refusal.value.fields or {}) == {"body"}


NOISE = {
    "not JSON": ("salem", "malformed"),
    "half a frame": ('{"type":"ping"', "malformed"),
    "a list": ('[{"type":"ping"}]', "malformed"),
    "a number": ("7", "malformed"),
    "null": ("null", "malformed"),
    "NaN": ('{"type":NaN}', "unknown_type"),
    "a well": ("[" * 100_000, "malformed"),
    "a number of a million digits": ('{"type":"ping","ref":' + "9" * 100_000 + "}", "malformed"),
    "a type of its own": ('{"type":"subscribe","ref":"9"}', "unknown_type"),
    "wrong fields": ('{"type":"message.send","ref":"9"}', "invalid"),
    "half a character as a name": ('{"type":"ping","\\ud83d":1}', "invalid"),
    "too long": ("x" * (FRAME_LIMIT_CHARS + 1), "too_large"),
}


@pytest.mark.parametrize("kind", NOISE)
async def test_noise_is_answered_and_the_socket_lives_on(ada: Someone, kind: str) -> None:
    socket = await ada.socket()
    text, code = NOISE[kind]

    await socket.say_raw(text)

    assert (await socket.next("error"))["code"] == code
    assert (await socket.ask(type="ping"))["type"] == "pong"


async def test_binary_frames_are_answered_too(ada: Someone) -> None:
    socket = await ada.socket()

    await socket.wire.send_to(bytes_data=b'{"type":"ping"}')

    assert (await socket.next("error"))["code"] == "malformed"


async def test_the_error_carries_the_ref_of_what_was_wrong(ada: Someone) -> None:
    socket = await ada.socket()

    await socket.say_raw('{"type":"message.edit","ref":"e7","chat":"tea"}')
    await socket.say_raw('{"type":"message.edit","ref":{}}')

    first, second = await socket.next("error"), await socket.next("error")
    assert (first["ref"], set(first["fields"])) == ("e7", {"chat", "seq", "body"})
    assert second["ref"] is None


async def test_a_fault_of_ours_is_told_and_ends_nothing(ada: Someone, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("chat_svc.services.delete_message", broken)
    socket = await ada.socket()

    answer = await socket.ask(type="message.delete", chat=CHAT, seq=1)

    assert (answer["type"], answer["code"]) == ("error", "error")
    assert (await socket.ask(type="ping"))["type"] == "pong"


async def test_too_many_commands_are_warned_counted_and_then_closed(
    ada: Someone, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = await ada.socket()
    counts = counted(monkeypatch)

    for _ in range(BURST_S * settings.COMMANDS_PER_S + WARNINGS + 100):
        await socket.say(type="ping")

    assert await socket.closed() == 4029
    warnings = [item for item in socket.heard if item["type"] == "error"]
    assert len(warnings) == WARNINGS + 1
    assert {warning["code"] for warning in warnings} == {"too_fast"}
    assert counts == {REFUSED: len(warnings)}


async def test_many_sockets_of_one_person_are_not_many_people(ada: Someone, bob: Someone, settings: Any) -> None:
    settings.COMMANDS_PER_S = 2
    hers = [await ada.socket() for _ in range(2 * SOCKETS_AT_FULL_PACE)]
    his = await bob.socket()

    for socket in hers:
        for _ in range(BURST_S * settings.COMMANDS_PER_S - 1):
            await socket.say(type="ping")

    answers = [await socket.next() for socket in hers]
    assert answers[0]["type"] == "pong"
    assert answers[-1]["code"] == "too_fast"
    assert (await his.ask(type="ping"))["type"] == "pong"


async def test_a_long_command_counts_as_several(ada: Someone, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime_svc.hub.pace.time", SimpleNamespace(monotonic=lambda: 0.0))  # nothing refills
    settings.COMMANDS_PER_S = 5
    socket = await ada.socket()
    resume = {"type": "resume", "chats": {str(uuid4()): 0 for _ in range(1000)}}

    assert (await socket.ask(**resume))["type"] == "ack"
    assert (await socket.ask(**resume))["type"] == "ack"

    await socket.say(type="ping")
    assert (await socket.next())["code"] == "too_fast"


async def test_a_refused_client_may_go_on_talking_to_nobody(transactional_db: None, sockets: list[Client]) -> None:
    client = Client()
    sockets.append(client)
    assert await client.refused() == 4501

    await client.say_raw('{"type":"ping"}')

    assert await client.wire.receive_nothing(timeout=0.1)
