"""The connections to the services, one set for each event loop."""

import asyncio
from typing import NamedTuple

import aiohttp


class Clients(NamedTuple):
    """Connections belong to a loop, and an open socket keeps its place in the pool for as long as it lives."""

    requests: aiohttp.ClientSession
    sockets: aiohttp.ClientSession


_clients: dict[asyncio.AbstractEventLoop, Clients] = {}


def clients() -> Clients:
    """The running loop's clients."""
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        for gone in [known for known in _clients if known.is_closed()]:
            del _clients[gone]
        _clients[loop] = Clients(requests=_client(limit=128), sockets=_client(limit=0))
    return _clients[loop]


def _client(limit: int) -> aiohttp.ClientSession:
    """`limit`: connections to one service at once, 0 for any number."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, limit_per_host=limit, keepalive_timeout=30),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    )


async def close() -> None:
    mine = _clients.pop(asyncio.get_running_loop(), None)
    if mine is not None:
        await mine.requests.close()
        await mine.sockets.close()
