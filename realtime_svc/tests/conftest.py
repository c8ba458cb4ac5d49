"""The cast: ada owns, bob is a member, eve is a stranger, guest came by QR; and their sockets."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from channels.layers import channel_layers, get_channel_layer
from django.conf import settings
from django.test import override_settings

from abdre import db
from abdre.db import in_thread
from abdre.redis_topology import Kind, RedisTopology
from abdre.settings.channel_layer import layer_over
from abdre.tests.signing import access_token
from abdre.tokens import AccessToken
from auth_svc.services import Tokens, open_session
from chat_svc import services
from chat_svc.writer import writer
from realtime_svc.hub import close_hub, watch
from realtime_svc.tests.client import Client
from realtime_svc.tests.layers import Lossy
from user_svc.services import create_guest, create_member


@pytest.fixture(autouse=True)
def _signed_by_the_runs_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The realtime role holds no signing key; in the tests somebody has to sign."""

    def issue(cls: object, *, user_id: UUID, session_id: UUID) -> str:
        return access_token(user_id, session_id=session_id)

    monkeypatch.setattr(AccessToken, "issue", classmethod(issue))


@pytest.fixture(autouse=True)
def _writer_rests() -> Iterator[None]:
    """Its connection must not outlive the test's rows."""
    yield
    writer.stop()


# What the channel layer has a part in; the rest is the same over any.
OVER_EVERY_LAYER = {"test_live", "test_membership", "test_ordering"}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What goes over Redis holds with either client: ours, and that of channels-redis, which knows no cluster and
    leaves what it has asked sentinels by open."""
    module = metafunc.module.__name__.rpartition(".")[2]
    if settings.REDIS_URL and "sockets" in metafunc.fixturenames and module in OVER_EVERY_LAYER:
        is_one = RedisTopology.parse(settings.REDIS_URL).kind == Kind.SERVER
        metafunc.parametrize("channel_layer", list(settings.PUBSUB_LAYERS) if is_one else ["lean"], indirect=True)


@pytest.fixture(autouse=True)
def channel_layer(request: pytest.FixtureRequest) -> Iterator[None]:
    kind = getattr(request, "param", None)
    layers = settings.CHANNEL_LAYERS
    if kind is not None:
        layers = {"default": layer_over(settings.REDIS_URL, kind)}
    with override_settings(CHANNEL_LAYERS=layers):
        yield


class Someone:
    """A person with a session, and a way to open sockets."""

    def __init__(self, user: Any, sockets: list[Client]) -> None:
        self.user = user
        self.id: UUID = user.id
        self.tokens = self.sign_in()
        self._sockets = sockets

    def sign_in(self) -> Tokens:
        return open_session(user_id=self.id)

    async def socket(self, tokens: Tokens | None = None, *, by: str = "subprotocol") -> Client:
        client = Client((tokens or self.tokens).access, by=by)
        self._sockets.append(client)
        return await client.open()


@pytest.fixture
async def sockets(transactional_db: None) -> AsyncIterator[list[Client]]:
    """Those that a test opened; what it left open is closed before the rows go."""
    opened: list[Client] = []
    yield opened
    for client in opened:
        client.wire.stop(exceptions=False)
    await close_hub()
    await database_threads_rest()


async def database_threads_rest() -> None:
    """A cancelled call goes on in its thread; emptying the tables under it would be a deadlock.

    Each thread waits for all others, so when they pass, none of them is at anything else.
    """
    loop, all_free = asyncio.get_running_loop(), threading.Barrier(db.WORKERS)
    await asyncio.gather(*(loop.run_in_executor(db._threads, all_free.wait, 30) for _ in range(db.WORKERS)))


def member(name: str) -> Any:
    return create_member(username=name, password=None, display_name=name.title())


@pytest.fixture
def ada(sockets: list[Client]) -> Someone:
    return Someone(member("ada"), sockets)


@pytest.fixture
def bob(sockets: list[Client]) -> Someone:
    return Someone(member("bob"), sockets)


@pytest.fixture
def eve(sockets: list[Client]) -> Someone:
    return Someone(member("eve"), sockets)


@pytest.fixture
def guest(sockets: list[Client]) -> Someone:
    return Someone(create_guest(display_name="Gulnara"), sockets)


@pytest.fixture
def chat(ada: Someone, bob: Someone) -> UUID:
    """Ada's group, with bob in it."""
    created = services.create_chat(creator_id=ada.id, kind="group", title="Tea", members=[bob.id])
    return UUID(str(created.id))


async def do(service: Any, **arguments: Any) -> Any:
    """A deed of another process: its REST call, its admin."""
    return await in_thread(service, **arguments)


async def say(chat: UUID, someone: Someone, body: str = "salem", **options: Any) -> Any:
    """A message posted by REST."""
    options.setdefault("client_id", uuid4())
    sent = await do(services.send_message, chat_id=chat, sender_id=someone.id, body=body, **options)
    return sent.message


@pytest.fixture
def lossy(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Lossy:
    """Stands between publishers and hub; looks at the database come quickly, so that tests do."""
    layer = Lossy(get_channel_layer(), seed=getattr(request, "param", 0))
    monkeypatch.setitem(channel_layers.backends, "default", layer)
    monkeypatch.setattr(watch, "LOOK_EVERY_S", 0.2)
    monkeypatch.setattr(watch, "EXPELLED_EVERY_S", 0.2)
    return layer
