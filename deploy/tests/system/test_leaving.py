"""Somebody leaves for good, while somebody else has the chat open; and takes along what they wrote."""

import asyncio
import json
from collections.abc import AsyncIterator
from io import BytesIO
from zipfile import ZipFile

import pytest

from deploy.tests.conftest import House
from deploy.tests.people import WITHIN_S, Item, Person, Socket, Town


@pytest.fixture
async def bob(town: Town) -> Person:
    return await town.member("bob")


@pytest.fixture
async def line(bob: Person, house: House) -> AsyncIterator[Socket]:
    """Bob's open screen."""
    async with Socket(bob, house.url) as line:
        yield line


@pytest.mark.parametrize("erases", [True, False])
async def test_open_screens_hear_that_a_guest_is_gone_and_what_became_of_its_words(
    town: Town, bob: Person, line: Socket, erases: bool
):
    chat = str((await bob.must("POST", "/api/chats", {"kind": "group", "title": "Tea"}))["id"])
    guest = await town.guest_by_code("Gulnara", (await bob.invite(chat))["token"])
    await guest.write(chat, "my own words")

    await guest.must("POST", "/api/auth/account/delete", {"erase_messages": erases})

    def is_left(item: Item) -> bool:
        return item["type"] == "membership.changed" and item["membership"]["state"] == "left"

    left = await line.wait_for(is_left)
    assert left["membership"]["user"] == {
        "id": guest.id,
        "display_name": "Deleted account",
        "is_guest": True,
        "picture": None,
    }
    if erases:
        changed = await line.wait_for(lambda item: item["type"] == "message.changed")
        assert (changed["message"]["body"], changed["message"]["sender"]["id"]) == ("", guest.id)
    page = await bob.must("GET", f"/api/chats/{chat}/messages")
    [said] = [message for message in page["items"] if message["sender"]["id"] == guest.id]
    assert said["sender"]["display_name"] == "Deleted account"
    assert said["body"] == ("" if erases else "my own words")
    assert (await guest.get("/api/users/me")).status == 401


async def test_an_archive_is_made_and_is_for_its_owner_alone(town: Town, bob: Person):
    chat = await bob.start_chat("Tea")
    await bob.write(chat, "мои слова")
    eve = await town.member("eve")

    export = await bob.must("POST", "/api/auth/exports")
    async with asyncio.timeout(WITHIN_S):
        while (await bob.get("/api/auth/exports")).body["items"][0]["status"] != "ready":
            await asyncio.sleep(0.1)
    path = f"/api/auth/exports/{export['id']}/archive"

    headers = {"Authorization": f"Bearer {bob.token}", "X-Forwarded-For": bob.address}
    async with bob.http.get(bob.base + path, headers=headers) as answer:
        archive = ZipFile(BytesIO(await answer.read()))
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert [message["body"] for message in json.loads(archive.read("messages.json"))] == ["мои слова"]
    assert (await eve.get(path)).status == 404
