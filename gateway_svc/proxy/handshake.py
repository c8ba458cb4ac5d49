"""A socket's handshake with its service, as the client began it."""

import asyncio
import socket
from http.client import HTTPException, parse_headers
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from gateway_svc.proxy.ends import Far
from gateway_svc.proxy.heads import HOP_BY_HOP, sent_headers, target_of

HANDSHAKE_S = 5.0
# The service's server reads 128 lines of 8,192 bytes, and hangs where there are more: a client must not make it.
LINES_LIMIT, LINE_LIMIT_BYTES = 100, 8_000
STOPPING = 503  # another process of the service has room
# Extensions would have to be agreed on three times; without one each frame is the same on both lines.
NOT_SENT = frozenset(["sec-websocket-extensions", "content-length"])
NOT_ANSWERED = HOP_BY_HOP | {
    "sec-websocket-accept",
    "sec-websocket-protocol",
    "server",
    "date",
    "content-length",
    "x-request-id",
}
# A host that vanished without a word is noticed after 25 s, whether or not something was just said to it. Clients that
# vanish are the service's to notice, by pings.
KEEPALIVE = (
    (socket.TCP_KEEPIDLE, 10),
    (socket.TCP_KEEPINTVL, 5),
    (socket.TCP_KEEPCNT, 3),
    (socket.TCP_USER_TIMEOUT, 25_000),
)


class Answer(NamedTuple):
    """How the service answers the handshake."""

    status: int
    headers: list[tuple[bytes, bytes]]
    subprotocol: str | None


def request_of(scope: Any) -> bytes | None:
    """None where it is more than a service reads."""
    headers = sent_headers(scope, without=NOT_SENT)
    lines = [f"GET {target_of(scope)} HTTP/1.1", "Connection: Upgrade", "Upgrade: websocket"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    written = [line.encode() for line in lines]
    if len(written) > LINES_LIMIT or max(map(len, written)) > LINE_LIMIT_BYTES:
        return None
    return b"\r\n".join([*written, b"", b""])


_PORTS = {"http": 80, "https": 443}


async def shake_hands(request: bytes, address: str) -> tuple[Far, Answer]:
    parts = urlsplit(address)
    async with asyncio.timeout(HANDSHAKE_S):
        _, far = await asyncio.get_running_loop().create_connection(
            Far, parts.hostname or "", parts.port or _PORTS[parts.scheme], ssl=parts.scheme == "https" or None
        )
        try:
            _keep_alive(far.transport)
            far.transport.write(request)
            answer = _answer(await far.head)
            if answer.status == STOPPING:
                raise ConnectionRefusedError("the service is stopping")
            return far, answer
        except BaseException:
            far.abort()
            raise


def _keep_alive(transport: asyncio.Transport) -> None:
    line: socket.socket = transport.get_extra_info("socket")
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in KEEPALIVE:
        line.setsockopt(socket.IPPROTO_TCP, option, value)


def _answer(head: bytes) -> Answer:
    line, _, rest = head.partition(b"\r\n")
    words = line.split(b" ", 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
        raise ConnectionError("the service does not speak HTTP")
    try:
        headers = parse_headers(BytesIO(rest))
    except HTTPException as problem:
        raise ConnectionError("the service's head is not understood") from problem
    kept = [
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in headers.items()
        if name.lower() not in NOT_ANSWERED
    ]
    return Answer(int(words[1]), kept, headers.get("Sec-WebSocket-Protocol"))
