"""Requests to addresses that people gave: they reach nobody inside, and come to an end.

Links in messages, targets of webhooks and push services are named by strangers, and asked for from within the house's
own network. So each connection is looked at in the moment in which it is made: by then a name stands for one address,
and whatever it stands for later changes nothing. What is refused looks like what does not answer, or the house would
tell who listens where in its network.
"""

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import aiohttp
from django.conf import settings
from yarl import URL

URL_LIMIT = 2048
PORTS = (80, 443)
TIMEOUT_S = 10.0
BODY_LIMIT_BYTES = 512 * 1024
REDIRECTS = (301, 302, 303, 307, 308)
AGENT = "ABDRE-Chat/1"
# Beside what is private, reserved or multicast by its registry: protocol assignments (the metadata service of Oracle's
# cloud is there), and the address at which Azure's machines ask their host.
INSIDE = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "168.63.129.16/32")))


class FetchFailed(Exception):
    """Nothing usable came back."""


class BadAddress(FetchFailed):
    """Not an address that is asked for: another scheme, a password in it, a port for other things."""


class Unreachable(FetchFailed):
    """No connection: nobody there, or somebody who is none of theirs."""


class TookTooLong(FetchFailed):
    pass


class UnusableAnswer(FetchFailed):
    """Of another type, compressed although that was not asked for, or sent on too often."""


@dataclass(frozen=True)
class Answer:
    """`url`: where it came from in the end. `is_cut`: there is more than was read."""

    url: str
    status: int
    headers: Mapping[str, str]  # letter case aside
    body: bytes
    is_cut: bool


def checked_url(text: str) -> str:
    """The address as it will be asked for, as far as can be told without asking. Raises BadAddress."""
    try:
        url = URL(text.strip())
        port, host = url.port, url.host
    except ValueError as problem:
        raise BadAddress(str(problem)) from problem
    if len(text) > URL_LIMIT or url.scheme not in ("http", "https") or not host:
        raise BadAddress("an http(s) address is needed")
    if url.user is not None or url.password is not None:
        raise BadAddress("no name or password may stand in it")
    if port not in PORTS and not settings.FETCH_ALLOWED_NETWORKS:
        raise BadAddress("only the usual ports are asked")
    return str(url.with_fragment(None))


def fetch(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    types: Collection[str] = (),
    redirects: int = 0,
    timeout_s: float = TIMEOUT_S,
    limit_bytes: int = BODY_LIMIT_BYTES,
    before_each: Callable[[str], None] | None = None,
) -> Answer:
    """Ask, wait at most `timeout_s` for all of it, and read at most `limit_bytes`; for threads that may wait.

    `types`: media types that are read, all if empty. `redirects`: how many are followed, each looked at anew; one more
    is UnusableAnswer, and with none the redirect itself is the answer. `before_each`: told each address before it is
    asked, in a thread of its own; nothing more is asked if it raises. Raises FetchFailed, and what that raises.
    """
    headers = {**_usual(), **(headers or {})}
    asking = _ask(checked_url(url), method, headers, body, types, redirects, limit_bytes, before_each)
    return asyncio.run_coroutine_threadsafe(_in_time(asking, timeout_s), _loop()).result()


def _usual() -> dict[str, str]:
    # Not compressed: what is read stays as large as it came.
    return {"User-Agent": AGENT, "Accept-Encoding": "identity"}


async def _in_time(asking: Any, timeout_s: float) -> Answer:
    try:
        async with asyncio.timeout(timeout_s):
            answer: Answer = await asking
            return answer
    except TimeoutError as problem:
        raise TookTooLong(f"nothing whole within {timeout_s:g} s") from problem
    except (aiohttp.ClientConnectionError, OSError) as problem:
        raise Unreachable("cannot be reached") from problem
    except (aiohttp.ClientError, ValueError) as problem:  # what came was no HTTP
        raise UnusableAnswer("the answer cannot be read") from problem


async def _ask(
    url: str,
    method: str,
    headers: Mapping[str, str],
    body: bytes,
    types: Collection[str],
    redirects: int,
    limit_bytes: int,
    before_each: Callable[[str], None] | None,
) -> Answer:
    connector = aiohttp.TCPConnector(socket_factory=_checked_socket, use_dns_cache=False, force_close=True)
    options: dict[str, Any] = {"headers": headers, "data": body or None, "allow_redirects": False}
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(connector=connector, cookie_jar=jar, auto_decompress=False) as session:
        for left in range(redirects, -1, -1):
            if before_each:
                await asyncio.to_thread(before_each, url)  # it may wait for the store
            async with session.request(method, URL(url, encoded=True), **options) as response:
                way_on = response.headers.get("Location") if response.status in REDIRECTS else None
                if way_on is None or redirects == 0:
                    return await _read(response, types, limit_bytes)
                url = checked_url(str(response.url.join(URL(way_on))))
                if left == 0:
                    raise UnusableAnswer("sent on too often")
    raise AssertionError("the last round answers or raises")


async def _read(response: aiohttp.ClientResponse, types: Collection[str], limit_bytes: int) -> Answer:
    if types and response.content_type not in types:
        raise UnusableAnswer(f"of type {response.content_type}")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnusableAnswer("compressed, although that was not asked for")
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > limit_bytes:
            break
    is_cut = len(body) > limit_bytes
    return Answer(str(response.url), response.status, response.headers, bytes(body[:limit_bytes]), is_cut)


def _checked_socket(address: Any) -> socket.socket:
    """A socket for the very address that is connected to next."""
    family, kind, protocol, _name, place = address
    if not may_reach(place[0], place[1]):
        raise OSError("not an address outside")
    return socket.socket(family, kind, protocol)


def may_reach(address: str, port: int) -> bool:
    """Whether that is somebody outside, at a usual port; or in a network that the operator allows, at any."""
    found = ipaddress.ip_address(address)
    found = getattr(found, "ipv4_mapped", None) or found
    if any(found in network for network in settings.FETCH_ALLOWED_NETWORKS):
        return True
    if getattr(found, "sixtofour", None) or any(found in network for network in INSIDE):  # wraps an address of any kind
        return False
    return port in PORTS and found.is_global and not found.is_multicast and not found.is_reserved


_begin = threading.Lock()


def _loop() -> asyncio.AbstractEventLoop:
    with _begin:
        return _own_loop()


@cache
def _own_loop() -> asyncio.AbstractEventLoop:
    """One for all: a name that takes long to be looked up is left to its thread, and nobody waits for it."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="fetching", daemon=True).start()
    return loop
