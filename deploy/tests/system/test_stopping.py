"""A process that is told to end: it says so at once, finishes what is under way, and then it is gone."""

import asyncio
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import pytest

from deploy.ci.jobs import ROOT
from deploy.ci.stack import Role
from deploy.tests.conftest import House
from deploy.tests.people import TIMEOUT, Town

pytestmark = pytest.mark.split
WORKERS = 2
GUEST = json.dumps({"display_name": "Ada"}).encode()
ENDS_WITHIN_S = 20


class InTheImage(Role):
    """As the image's entry point starts it."""

    def command(self, under: str) -> list[str]:
        return ["deploy/docker/entrypoint", "serve"]


@contextmanager
def one_more(name: str, house: House) -> Iterator[Role]:
    """Process of the role, with several workers."""
    assert house.stack
    other, *_ = house.stack.all_of(name)
    surroundings = {
        "WEB_CONCURRENCY": str(WORKERS),
        "PATH": f"{ROOT}/.venv/bin:{other.environment['PATH']}",
    }
    with InTheImage(name, other.environment | surroundings) as started:
        yield started


def told_to_end(role: Role) -> asyncio.Future[int]:
    assert role.process is not None
    role.process.send_signal(signal.SIGTERM)
    return asyncio.get_running_loop().run_in_executor(None, role.process.wait, ENDS_WITHIN_S)


async def test_it_says_so_while_a_request_comes_to_its_end(house: House):
    with one_more("auth", house) as auth:
        reader, writer = await asyncio.open_connection("127.0.0.1", auth.port)
        head = "POST /api/auth/guest HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(GUEST)}\r\n\r\n".encode() + GUEST[:5])
        await asyncio.sleep(0.5)  # until it is on its way

        gone = told_to_end(auth)
        async with aiohttp.ClientSession(timeout=TIMEOUT) as http:
            for _ in range(10 * WORKERS):  # each of them
                async with http.get(f"{auth.url}/readyz") as answer:
                    said = answer.status, answer.headers.get("Connection"), await answer.json()
                if said[0] == 503:
                    break
            assert said == (503, "close", {"status": "stopping"})
        writer.write(GUEST[5:])

        assert (await reader.read()).startswith(b"HTTP/1.1 201")
        writer.close()
        await gone


async def test_sockets_hear_that_they_may_come_back_and_lose_nothing(house: House, town: Town):
    with one_more("realtime", house) as realtime:
        ada = await town.guest("Ada")
        chat = await ada.start_chat()
        sockets = [await town.socket(ada, realtime.url) for _ in range(2 * WORKERS)]

        said = {str(number): asyncio.create_task(each.send(chat, str(number))) for number, each in enumerate(sockets)}
        gone = told_to_end(realtime)

        assert [await socket.closed() for socket in sockets] == [4001] * len(sockets)
        assert all(socket.items[-1]["type"] == "going_away" for socket in sockets)
        assert set(await ada.bodies(chat)) == {body for body, sent in said.items() if sent.exception() is None}
        await gone
