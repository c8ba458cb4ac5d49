"""The table of rights over sockets: commands that may not be are refused, and who may not hear does not."""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import override_settings

from abdre.db import in_thread
from chat_svc.rights import TABLE, Action
from chat_svc.tests.conftest import Api
from chat_svc.tests.rights_deeds import CAST, DEEDS, Place, is_allowed, people, place
from realtime_svc.tests.client import Client
from realtime_svc.tests.conftest import Someone

STRANGERS = ("eve", "removed", "banned", "waiting")


def send(at: Place, who: str, body: str = "hello") -> dict[str, Any]:
    return {"type": "message.send", "client_id": str(uuid4()), "body": body}


def own(at: Place, who: str) -> int:
    return at.own.get(who, 1)


COMMANDS: dict[Action, Any] = {
    Action.READ: lambda at, who: {"type": "resume", "chats": {str(at.chat): 1}},
    Action.WRITE: send,
    Action.WRITE_ANNOUNCEMENT: send,
    Action.WRITE_AT_ANY_PACE: send,
    Action.WRITE_LINK: lambda at, who: send(at, who, "see https://example.org"),
    Action.EDIT_OWN: lambda at, who: {"type": "message.edit", "seq": own(at, who), "body": "changed"},
    Action.DELETE_OWN: lambda at, who: {"type": "message.delete", "seq": own(at, who)},
    Action.DELETE_ANY: lambda at, who: {"type": "message.delete", "seq": at.own["target"]},
}


@pytest.fixture
def town(sockets: list[Client]) -> dict[str, Someone]:
    return {name: Someone(user, sockets) for name, user in people().items()}


def places(town: dict[str, Someone], rules: dict[str, Any], count: int) -> list[Place]:
    users = {name: someone.user for name, someone in town.items()}
    return [place(users, rules) for _ in range(count)]


async def all_heard(socket: Client, heard: Iterable[Place]) -> None:
    """Something was told of each."""
    places = list(heard)
    while not all(socket.versions(at.chat) for at in places):
        await socket.next()


@pytest.mark.parametrize("action", COMMANDS)
async def test_a_command_is_obeyed_by_who_may_and_told_to_nobody_else(town: dict[str, Someone], action: Action) -> None:
    own_places = dict(zip(CAST, await in_thread(places, town, dict(DEEDS[action].rules), len(CAST)), strict=True))
    listener = await town["co-owner"].socket()
    lines = {who: await town[who].socket() for who in CAST}

    for who, at in own_places.items():
        command = COMMANDS[action](at, who)
        chat = {} if action is Action.READ else {"chat": str(at.chat)}
        answer = await lines[who].ask(**command, **chat)
        obeyed = str(at.chat) in answer.get("chats", {}) if action is Action.READ else answer["type"] == "ack"
        assert obeyed == is_allowed(action, who, TABLE), (who, answer)

    told = {who: at for who, at in own_places.items() if DEEDS[action].is_told and is_allowed(action, who, TABLE)}
    await all_heard(listener, told.values())
    await listener.silent("error")
    for who, at in own_places.items():
        assert bool(listener.versions(at.chat)) == (who in told), who
        assert all(not lines[stranger].versions(at.chat) for stranger in STRANGERS)


@pytest.fixture
def all_addresses() -> Iterator[None]:
    with override_settings(ROOT_URLCONF="abdre.urls"):
        yield


def tried(action: Action, at: Place, who: str) -> None:
    Api(at.people[who])(*DEEDS[action].ask(at, who))


async def test_a_deed_by_rest_is_heard_by_members_where_it_is_allowed_and_by_nobody_where_not(
    town: dict[str, Someone], all_addresses: None
) -> None:
    told = [action for action, deed in DEEDS.items() if deed.is_told]
    allowed = {action: (await in_thread(places, town, dict(DEEDS[action].rules), 1))[0] for action in told}
    refused = {action: (await in_thread(places, town, dict(DEEDS[action].rules), 1))[0] for action in told}
    listener = await town["co-owner"].socket()
    strangers = [await town[who].socket() for who in STRANGERS]

    for action in told:
        insiders = [who for who in ("admin", "member", "guest") if not is_allowed(action, who, TABLE)]
        for who in ("eve", *insiders[:1]):  # the others are asked cell by cell in chat_svc
            await in_thread(tried, action, refused[action], who)
    for action in told:
        await in_thread(tried, action, allowed[action], "owner")

    await all_heard(listener, allowed.values())
    await listener.silent("error")
    assert [action for action in told if listener.versions(refused[action].chat)] == []
    assert all(
        not stranger.versions(at.chat) for stranger in strangers for at in (*allowed.values(), *refused.values())
    )
