"""A service that says what it saw, and again what it heard: `python -m deploy.tests.echo PORT SOCKETS_PORT`.

It reads HTTP by itself, and as strictly as nobody has to, so that what the gateway lets through is judged by somebody
else. The query says what is wanted: `status`, `send` (bytes of body) and `chunked`, `pause_s` (after the first MiB of
whichever body).
"""

import asyncio
import hashlib
import json
import re
import sys
import urllib.request
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from websockets.asyncio.server import ServerConnection, serve

from deploy.ci.jobs import ROOT
from deploy.ci.servers import Server, free_port, listens

BLOCK = bytes(range(256)) * 1024  # of every long body
PAUSE_AFTER_BYTES = 1024 * 1024
LONGEST_HEAD_BYTES = 256 * 1024
SEEN = "/seen"

TARGET = re.compile(rb"[!-~]+")
TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")

Request = dict[str, Any]


class Nonsense(Exception):
    """Not one well-formed request after another."""


class Echo(Server):
    """The service as a process of its own."""

    name = "echo"

    def __init__(self) -> None:
        super().__init__()
        self.sockets_port = free_port()

    def start(self) -> None:
        self.launch([sys.executable, "-m", "deploy.tests.echo", str(self.port), str(self.sockets_port)], cwd=ROOT)

    def is_ready(self) -> bool:
        return listens(self.port) and listens(self.sockets_port)

    def upstreams(self) -> dict[str, str]:
        """The environment of a gateway that has nobody else behind it."""
        http = {f"ABDRE_{role}_URL": f"http://127.0.0.1:{self.port}" for role in ("AUTH", "USER", "OAUTH", "CHAT")}
        return {**http, "ABDRE_REALTIME_URL": f"http://127.0.0.1:{self.sockets_port}"}

    def seen(self) -> list[Request]:
        """The requests since it was last asked. What was no request is there as `nonsense`."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{SEEN}", timeout=5) as answer:
            requests: list[Request] = json.load(answer)
        return requests


def main() -> None:
    port, sockets_port = map(int, sys.argv[1:])
    asyncio.run(_serve(port, sockets_port))


async def _serve(port: int, sockets_port: int) -> None:
    http = await asyncio.start_server(Service().talk, "127.0.0.1", port, limit=LONGEST_HEAD_BYTES, backlog=1000)
    sockets = serve(_say_again, "127.0.0.1", sockets_port, max_size=None, compression=None, ping_interval=None)
    async with http, sockets:
        await http.serve_forever()


async def _say_again(line: ServerConnection) -> None:
    async for message in line:
        await line.send(message)


class Service:
    def __init__(self) -> None:
        self._seen: list[Request] = []

    async def talk(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            while head := await _head(reader):
                await self._answer(_request(head), reader, writer)
        except Nonsense as problem:
            self._seen.append({"nonsense": str(problem)})
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _answer(self, request: Request, reader: StreamReader, writer: StreamWriter) -> None:
        if request["target"] == SEEN:
            said, self._seen = json.dumps(self._seen).encode(), []
            writer.write(_answer_head(200, len(said)) + said)
            return
        wanted = dict(parse_qsl(urlsplit(request["target"]).query))
        pause_s = float(wanted.get("pause_s", 0))
        await _read_body(request, reader, writer, pause_s=pause_s)
        self._seen.append(request)  # which it is only when it is whole
        status, is_bodiless = int(wanted.get("status", 200)), request["method"] == "HEAD"
        if "send" in wanted:
            await _send(writer, int(wanted["send"]), chunked="chunked" in wanted, pause_s=pause_s)
            return
        said = json.dumps(request).encode()
        writer.write(_answer_head(status, len(said)) + (b"" if is_bodiless or status in (204, 304) else said))
        await writer.drain()


async def _head(reader: StreamReader) -> bytes:
    """Empty where the line ends between two requests."""
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as problem:
        if problem.partial:
            raise Nonsense(repr(problem.partial)) from problem
        return b""


def _request(head: bytes) -> Request:
    first, *lines = head[:-4].split(b"\r\n")
    method, target, version = first.split(b" ") if first.count(b" ") == 2 else (b"", b"", b"")
    pairs = [line.partition(b":") for line in lines]
    headers = [(name, value.strip(b" \t")) for name, _, value in pairs]
    is_whole = TOKEN.fullmatch(method) and TARGET.fullmatch(target) and version == b"HTTP/1.1"
    if not is_whole or not all(TOKEN.fullmatch(name) and VALUE.fullmatch(value) for name, value in headers):
        raise Nonsense(repr(head))
    lengths = _all(headers, b"content-length") + _all(headers, b"transfer-encoding")
    if len(_all(headers, b"host")) != 1 or len(lengths) > 1:
        raise Nonsense(repr(head))
    told = [(name.decode().lower(), value.decode("latin-1")) for name, value in headers]
    return {"method": method.decode(), "target": target.decode(), "headers": told}


def _all(headers: list[tuple[bytes, bytes]], wanted: bytes) -> list[bytes]:
    return [value for name, value in headers if name.lower() == wanted]


async def _read_body(request: Request, reader: StreamReader, writer: StreamWriter, *, pause_s: float) -> None:
    headers = dict(request["headers"])
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    digest, length = hashlib.sha256(), 0
    async for part in _body(headers, reader):
        if length < PAUSE_AFTER_BYTES <= length + len(part):
            await asyncio.sleep(pause_s)
        digest.update(part)
        length += len(part)
    request["length"], request["sha256"] = length, digest.hexdigest()


async def _body(headers: dict[str, str], reader: StreamReader) -> AsyncIterator[bytes]:
    if "transfer-encoding" not in headers:
        async for part in _exactly(int(headers.get("content-length", "0")), reader):
            yield part
        return
    if headers["transfer-encoding"] != "chunked":
        raise Nonsense(headers["transfer-encoding"])
    while size := int(await reader.readuntil(b"\r\n"), 16):
        async for part in _exactly(size, reader):
            yield part
        await _ends_line(reader)
    await _ends_line(reader)


async def _exactly(left: int, reader: StreamReader) -> AsyncIterator[bytes]:
    while left:
        part = await reader.read(min(left, len(BLOCK)))
        if not part:
            raise ConnectionError("the body does not end")
        left -= len(part)
        yield part


async def _ends_line(reader: StreamReader) -> None:
    if (end := await reader.readexactly(2)) != b"\r\n":
        raise Nonsense(repr(end))


async def _send(writer: StreamWriter, length: int, *, chunked: bool, pause_s: float) -> None:
    """The block again and again."""
    writer.write(_answer_head(200, None if chunked else length))
    for sent in range(0, length, len(BLOCK)):
        part = BLOCK[: length - sent]
        writer.write(b"%x\r\n%b\r\n" % (len(part), part) if chunked else part)
        await writer.drain()
        if sent < PAUSE_AFTER_BYTES <= sent + len(part):
            await asyncio.sleep(pause_s)
    writer.write(b"0\r\n\r\n" if chunked else b"")
    await writer.drain()


def _answer_head(status: int, length: int | None) -> bytes:
    body = b"Transfer-Encoding: chunked" if length is None else b"Content-Length: %d" % length
    return b"HTTP/1.1 %d Whatever\r\nContent-Type: application/json\r\n%b\r\n\r\n" % (status, body)


if __name__ == "__main__":
    main()
