"""The connections to the services, one set for each event loop."""

import asyncio
from dataclasses import dataclass

import aiohttp
from django.conf import settings

from abdre.service_client.upstream import Upstream

HEAD_LINE_BYTES = 64 * 1024


@dataclass(frozen=True)
class Clients:
    """Connections belong to a loop, and an open socket keeps its place in the pool for as long as it lives."""

    requests: aiohttp.ClientSession
    sockets: aiohttp.ClientSession
    upstreams: dict[str, Upstream]


_clients: dict[asyncio.AbstractEventLoop, Clients] = {}


def way_to(service: str) -> Upstream:
    """The running loop's way to this service."""
    return _mine().upstreams[service]


def states() -> dict[str, dict[str, str]]:
    """The breakers of all loops of this process, by service and address; what nobody has asked yet is not there."""
    return {
        name: upstream.states for clients in list(_clients.values()) for name, upstream in clients.upstreams.items()
    }


def _mine() -> Clients:
    loop = asyncio.get_running_loop()
    if loop not in _clients:
        for gone in [known for known in _clients if known.is_closed()]:
            del _clients[gone]
        _clients[loop] = _made()
    return _clients[loop]


def _made() -> Clients:
    requests, sockets = _session(), _session()
    upstreams = {
        name: Upstream(name, addresses, requests=requests, sockets=sockets)
        for name, addresses in settings.UPSTREAMS.items()
    }
    return Clients(requests, sockets, upstreams)


def _session() -> aiohttp.ClientSession:
    """Without limits of its own, which the upstream has; names are resolved anew after some seconds."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30, ttl_dns_cache=5),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        # Beyond what any server of ours takes in: a long `next` in a Location is no fault of the service.
        max_line_size=HEAD_LINE_BYTES,
        max_field_size=HEAD_LINE_BYTES,
    )


async def close() -> None:
    mine = _clients.pop(asyncio.get_running_loop(), None)
    if mine is not None:
        for upstream in mine.upstreams.values():
            await upstream.close()
        await mine.requests.close()
        await mine.sockets.close()
