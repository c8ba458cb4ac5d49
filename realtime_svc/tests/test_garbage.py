"""A socket that is gone is gone: nothing of it waits for the collector, which looks through old objects seldom."""

import asyncio
import gc
from collections import Counter
from collections.abc import Iterator

import pytest
import uvicorn
from channels.routing import URLRouter
from websockets.asyncio.client import connect
from websockets.server import ServerProtocol

from abdre.leaving import Server
from realtime_svc.consumers import ChatSocket
from realtime_svc.consumers.commands import Commands
from realtime_svc.hub.outbox import Outbox
from realtime_svc.hub.socket import Socket
from realtime_svc.routing import websocket_routes
from realtime_svc.server import OPTIONS, SocketProtocol
from realtime_svc.tests.conftest import Someone

WITHIN_S = 5
OF_A_SOCKET = (ChatSocket, Commands, Socket, Outbox, SocketProtocol, ServerProtocol)


@pytest.fixture
def _uncollected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def alive() -> Counter[str]:
    return Counter(type(one).__name__ for one in gc.get_objects() if isinstance(one, OF_A_SOCKET))


@pytest.mark.usefixtures("_uncollected")
@pytest.mark.parametrize("is_polite", [True, False])
async def test_nothing_of_a_socket_that_is_gone_waits_for_the_collector(ada: Someone, is_polite: bool) -> None:
    server = Server(
        uvicorn.Config(
            URLRouter(websocket_routes), host="127.0.0.1", port=0, lifespan="off", log_config=None, **OPTIONS
        )
    )
    serving = asyncio.create_task(server._serve())  # `serve` would take the run's signal handlers
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    bearer = {"Authorization": f"Bearer {ada.tokens.access}"}

    async with connect(f"ws://127.0.0.1:{port}/ws", additional_headers=bearer) as line:
        assert "hello" in str(await line.recv())
        assert all(alive()[kind.__name__] == 1 for kind in OF_A_SOCKET)
        if not is_polite:
            line.transport.abort()

    async with asyncio.timeout(WITHIN_S):
        while left := alive():
            await asyncio.sleep(0.05)
    assert not left
    server.should_exit = True
    await serving
