"""What the quick start shows, run as it stands there; and the example bot."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from deploy.ci.jobs import ROOT
from deploy.tests.conftest import House
from deploy.tests.people import WITHIN_S, Person, Town

pytestmark = pytest.mark.split

TEXT = (ROOT / "abdre/docs/quickstart.md").read_text()
NODE = ("node", "--no-warnings", "--experimental-websocket")


def block(language: str, number: int = 0) -> str:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)[number]


async def said(*command: str, **environment: str) -> str:
    """What it prints, if it ends well."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(2 * WITHIN_S):
        out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return out.decode()


async def test_curl(house: House):
    told = await said("sh", "-euc", block("sh"), BASE=house.url)

    assert told.count("Hello from curl") == 2  # as it was stored, and among the changes


async def test_python(house: House):
    assert await said(sys.executable, "-c", block("python"), BASE=house.url) == "Hello from Python\n"


async def test_javascript(house: House, tmp_path: Path):
    (tmp_path / "quickstart.mjs").write_text(block("js"))

    assert await said(*NODE, str(tmp_path / "quickstart.mjs"), BASE=house.url) == "Hello from JavaScript\n"


async def test_an_incoming_webhook(house: House, town: Town):
    ada = await town.member("ada")
    chat = await ada.start_chat()
    hook = (await ada.post(f"/api/chats/{chat}/incoming-hooks", {"name": "CI"})).body

    await said("sh", "-euc", block("sh", 1), HOOK=f"{house.url}/api/chats/hooks/{hook['secret']}")

    assert [message["sender"]["display_name"] for message in await written(ada, chat)] == ["CI"]


async def test_the_bot_answers_whoever_mentions_it_and_goes_when_its_token_does(house: House, town: Town):
    ada = await town.member("ada")
    chat, name = await ada.start_chat(), f"echo-{uuid4().hex[:8]}"
    made = (await ada.post("/api/auth/bots", {"username": name, "display_name": "Echo"})).body
    await ada.post(f"/api/chats/{chat}/members", {"user": made["bot"]["id"]})

    async with bot(house, made["token"]) as process:
        await ada.write(chat, "nobody is asked")
        await ada.write(chat, f"@{name} salem")
        async with asyncio.timeout(WITHIN_S):
            while len(messages := await written(ada, chat)) < 3:
                await asyncio.sleep(0.05)
        answer = messages[-1]
        assert (answer["body"], answer["reply_to"], answer["sender"]["is_bot"]) == ("salem", 2, True)

        await ada.delete(f"/api/auth/bots/{made['bot']['id']}")
        async with asyncio.timeout(WITHIN_S):
            assert await process.wait() == 1


async def written(person: Person, chat: str) -> list:
    return list((await person.get(f"/api/chats/{chat}/messages")).body["items"])


@asynccontextmanager
async def bot(house: House, token: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The example, connected."""
    process = await asyncio.create_subprocess_exec(
        *NODE,
        str(ROOT / "deploy/examples/echo_bot/bot.mjs"),
        env={**os.environ, "BASE": house.url, "ABDRE_TOKEN": token},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(WITHIN_S):
            assert b"is here" in await process.stdout.readline()
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
