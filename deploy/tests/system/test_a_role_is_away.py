"""Whichever role is killed or hangs: what goes on, what is said of the rest, and how soon all is whole again."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from time import monotonic
from uuid import uuid4

import pytest

from deploy.ci.servers import Redis
from deploy.ci.stack import Role
from deploy.tests.conftest import House
from deploy.tests.people import Answer, Person, Socket, Town, is_message

pytestmark = pytest.mark.split

# What a page may take while a part of it hangs: its time-out, and a machine that runs tests beside it.
PAGE_WITHIN_S = 1.5 + 1.0
WHOLE_WITHIN_S = 10.0
PASSWORD = "correct horse battery"


@dataclass
class Scene:
    """Two people in a chat, each with a socket through the gateway."""

    ada: Person
    login: str
    bob: Person
    chat: str
    hers: Socket
    his: Socket

    async def page(self, path: str = "") -> tuple[Answer, float]:
        """The chat's page in a browser in which ada is signed in, and how long it took."""
        began = monotonic()
        answer = await self.ada.get(path or f"/chats/{self.chat}", Cookie=f"abdre_access={self.ada.token}")
        return answer, monotonic() - began

    async def writes_by_rest(self) -> None:
        body = f"by REST {uuid4()}"
        await self.ada.write(self.chat, body)
        assert body in await self.bob.bodies(self.chat)

    async def writes_by_socket(self) -> None:
        body = f"by socket {uuid4()}"
        await self.hers.send(self.chat, body)
        await hears(self.his, body)

    async def signs_in(self) -> Answer:
        return await self.ada.post("/api/auth/login", {"login": self.login, "password": PASSWORD}, Authorization="")

    async def everything(self) -> None:
        """All that is checked while a role is away, by new sockets too."""
        await self.writes_by_rest()
        assert (await self.page())[0].status == 200
        assert (await self.signs_in()).status == 200
        assert (await self.ada.get("/api/users/me")).status == 200
        assert (await self.ada.get("/api/oauth/providers")).status == 200
        async with Socket(self.bob, self.bob.base) as line:
            body = f"whole {uuid4()}"
            await self.ada.write(self.chat, body)
            await hears(line, body)


@pytest.fixture
async def scene(town: Town, house: House) -> AsyncIterator[Scene]:
    ada, login = town.nobody(), f"ada-{uuid4().hex[:8]}"
    account = {"username": login, "password": PASSWORD, "display_name": "Ada"}
    ada.signed_in_by(await ada.must("POST", "/api/auth/register", account))
    chat = await ada.start_chat("Tea")
    bob = await town.guest_by_code("Bob", (await ada.invite(chat))["token"])
    async with AsyncExitStack() as sockets:
        hers = await sockets.enter_async_context(Socket(ada, house.url))
        his = await sockets.enter_async_context(Socket(bob, house.url))
        yield Scene(ada, login, bob, chat, hers, his)


@asynccontextmanager
async def killed(server: Role | Redis) -> AsyncIterator[None]:
    await asyncio.to_thread(server.halt, signal.SIGKILL)
    try:
        yield
    finally:
        server.start()  # by this thread: the kernel ends a server when the thread that started it ends


@asynccontextmanager
async def hanging(server: Role | Redis) -> AsyncIterator[None]:
    assert server.process is not None
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


Trouble = Callable[[Role | Redis], AbstractAsyncContextManager[None]]


async def hears(line: Socket, body: str) -> None:
    await line.wait_for(lambda item: is_message(item) and item["message"]["body"] == body)


def role_of(house: House, name: str) -> Role:
    assert house.stack is not None
    return house.stack.all_of(name)[0]


async def is_whole_soon(scene: Scene) -> None:
    deadline = monotonic() + WHOLE_WITHIN_S
    while True:
        try:
            await asyncio.wait_for(scene.everything(), 5)
            return
        except (AssertionError, OSError, TimeoutError):
            if monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)


def is_told_to_come_later(answer: Answer) -> None:
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) >= 1


either_way = pytest.mark.parametrize("trouble", [killed, hanging])


@either_way
async def test_without_auth_who_is_signed_in_reads_and_writes_on(trouble: Trouble, scene: Scene, house: House):
    async with trouble(role_of(house, "auth")):
        is_told_to_come_later(await scene.signs_in())
        await scene.writes_by_rest()
        await scene.writes_by_socket()
        await comes_in_time(scene)
    await is_whole_soon(scene)


@either_way
async def test_without_user_the_chat_goes_on(trouble: Trouble, scene: Scene, house: House):
    async with trouble(role_of(house, "user")):
        is_told_to_come_later(await scene.ada.get("/api/users/me"))
        await scene.writes_by_rest()
        await scene.writes_by_socket()
        await comes_in_time(scene)
    await is_whole_soon(scene)


@either_way
async def test_without_oauth_a_password_opens_the_door(trouble: Trouble, scene: Scene, house: House):
    async with trouble(role_of(house, "oauth")):
        is_told_to_come_later(await scene.ada.get("/api/oauth/providers"))
        assert (await scene.signs_in()).status == 200
        await scene.writes_by_rest()
        await scene.writes_by_socket()
        await comes_in_time(scene, "/login")
    await is_whole_soon(scene)


@either_way
async def test_without_chat_sockets_stay_and_carry_messages(trouble: Trouble, scene: Scene, house: House):
    async with trouble(role_of(house, "chat")):
        is_told_to_come_later(await scene.ada.get("/api/chats"))
        await scene.writes_by_socket()
        answer, took_s = await scene.page()
        assert answer.status == 503
        assert "Retry-After" in answer.headers
        assert took_s < PAGE_WITHIN_S
    await is_whole_soon(scene)


@either_way
async def test_without_realtime_pages_and_rest_go_on(trouble: Trouble, scene: Scene, house: House):
    async with trouble(role_of(house, "realtime")):
        await scene.writes_by_rest()
        await comes_in_time(scene)
    await is_whole_soon(scene)


@either_way
async def test_without_redis_everything_goes_on_and_messages_come_a_little_later(
    trouble: Trouble, scene: Scene, house: House
):
    assert house.stack is not None
    assert house.stack.redis is not None
    async with trouble(house.stack.redis):
        assert (await scene.signs_in()).status == 200
        await scene.writes_by_rest()
        await scene.writes_by_socket()
        await comes_in_time(scene)
    await is_whole_soon(scene)


async def comes_in_time(scene: Scene, path: str = "") -> None:
    answer, took_s = await scene.page(path)
    assert answer.status in (200, 303)
    assert took_s < PAGE_WITHIN_S
