"""A line that is gone is gone: nothing of it waits for the collector, which looks through old objects seldom."""

import asyncio
import gc
from collections import Counter
from collections.abc import Iterator

import pytest
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
from websockets.server import ServerProtocol

from abdre.http_protocol import BoundedHttpProtocol
from gateway_svc.proxy.ends import End
from gateway_svc.server import TunnelProtocol
from gateway_svc.tests.test_tunnel import HANDSHAKE, Gateway, gateway, realtime  # noqa: F401  # fixtures

WITHIN_S = 5
OF_A_LINE = (BoundedHttpProtocol, RequestResponseCycle, TunnelProtocol, ServerProtocol, End)


@pytest.fixture
def _uncollected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def alive() -> Counter[str]:
    # By the type itself: to be asked what they are, lazy objects among all that there are would set themselves up.
    return Counter(type(one).__name__ for one in gc.get_objects() if issubclass(type(one), OF_A_LINE))


async def all_is_gone() -> None:
    async with asyncio.timeout(WITHIN_S):
        while alive():
            await asyncio.sleep(0.05)


@pytest.mark.usefixtures("_uncollected")
@pytest.mark.parametrize("is_polite", [True, False])
async def test_nothing_of_a_socket_that_is_gone_waits_for_the_collector(
    gateway: Gateway,  # noqa: F811
    is_polite: bool,
) -> None:
    async with gateway.socket() as line:
        await line.send("salem")
        assert await asyncio.wait_for(line.recv(), WITHIN_S) == "salem"
        if not is_polite:
            line.transport.abort()

    await all_is_gone()


@pytest.mark.usefixtures("_uncollected")
@pytest.mark.parametrize("head", [HANDSHAKE, b"GET /ws?refuse=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"])
async def test_nothing_of_what_was_refused_waits_for_the_collector(gateway: Gateway, head: bytes) -> None:  # noqa: F811
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)

    writer.write(head.replace(b"/ws ", b"/ws?refuse=1 "))

    assert (await asyncio.wait_for(reader.read(), WITHIN_S)).startswith(b"HTTP/1.1 403")
    writer.close()
    await all_is_gone()
