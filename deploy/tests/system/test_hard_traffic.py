"""The gateway under hard traffic: long bodies, many idle sockets, many who send a byte a second."""

import asyncio
import hashlib
import resource
from collections.abc import AsyncIterator
from statistics import median
from time import monotonic

import aiohttp
import pytest

from deploy.tests.echo import BLOCK
from deploy.tests.memory import NOW, PEAK, forget_peak, megabytes
from deploy.tests.system.conftest import Lone

pytestmark = pytest.mark.all_in_one  # about the gateway alone

MIB = 1024 * 1024
LONG_BYTES, HELD_UP_BYTES = 256 * MIB, 64 * MIB
GROWTH_LIMIT_MIB = 30
PAUSE_S = 1.0
SOCKETS, AT_ONCE = 2000, 50
# Bodies as small as these are awaited before a service is asked, so they take up none of its places.
SLOW_HEADS, SLOW_BODIES, SLOW_FOR_S = 200, 300, 3.0
USUALLY_WITHIN_S, ALWAYS_WITHIN_S = 0.1, 2.0  # on a machine that runs other tests beside this one

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: chat.example.org\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)

Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def pid_of(lone: Lone) -> int:
    assert lone.gateway.process is not None
    return lone.gateway.process.pid


def digest_of(length: int) -> str:
    """Of the block again and again."""
    digest = hashlib.sha256()
    for start in range(0, length, len(BLOCK)):
        digest.update(BLOCK[: length - start])
    return digest.hexdigest()


@pytest.fixture
async def client(lone: Lone) -> AsyncIterator[aiohttp.ClientSession]:
    base = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(lone.gateway.url, timeout=base) as client:
        async with client.get("/api/chats/warm") as answer:
            assert answer.status == 200
        yield client


class Growth:
    """How much more memory the gateway took at its peak than before."""

    def __init__(self, lone: Lone) -> None:
        self._pid = pid_of(lone)
        forget_peak(self._pid)
        self._before = megabytes(self._pid)

    def mib(self, of: str = PEAK) -> float:
        return megabytes(self._pid, of=of) - self._before


traffic = pytest.mark.parametrize(
    ("length", "chunked", "pause_s"),
    [(LONG_BYTES, False, 0), (LONG_BYTES, True, 0), (HELD_UP_BYTES, True, PAUSE_S)],
    ids=["256 MB", "256 MB in chunks", "held up"],
)


@traffic
async def test_a_long_body_goes_up(
    lone: Lone, client: aiohttp.ClientSession, length: int, chunked: bool, pause_s: float
):
    growth, began = Growth(lone), monotonic()
    headers = {} if chunked else {"Content-Length": str(length)}

    async with client.post(f"/api/chats/up?pause_s={pause_s}", data=blocks(length), headers=headers) as answer:
        seen = await answer.json()

    assert (seen["length"], seen["sha256"]) == (length, digest_of(length))
    assert growth.mib() <= GROWTH_LIMIT_MIB
    assert monotonic() - began >= pause_s
    print(f"grew by {growth.mib():.1f} MiB in {monotonic() - began:.1f} s")


@traffic
async def test_a_long_body_comes_down(
    lone: Lone, client: aiohttp.ClientSession, length: int, chunked: bool, pause_s: float
):
    growth, began, digest, read = Growth(lone), monotonic(), hashlib.sha256(), 0

    async with client.get(f"/api/chats/down?send={length}{'&chunked=1' if chunked else ''}") as answer:
        assert ("Content-Length" in answer.headers) is not chunked
        async for part in answer.content.iter_any():
            if read < MIB <= read + len(part):
                await asyncio.sleep(pause_s)  # meanwhile all of it would be here, if somebody held it
            digest.update(part)
            read += len(part)

    assert (read, digest.hexdigest()) == (length, digest_of(length))
    assert growth.mib() <= GROWTH_LIMIT_MIB
    print(f"grew by {growth.mib():.1f} MiB in {monotonic() - began:.1f} s")


async def blocks(length: int) -> AsyncIterator[bytes]:
    for start in range(0, length, len(BLOCK)):
        yield BLOCK[: length - start]


async def test_two_thousand_idle_sockets_stay_and_each_is_heard(lone: Lone):
    raise_open_files()
    growth, gate = Growth(lone), asyncio.Semaphore(AT_ONCE)
    lines = await asyncio.gather(*(opened(lone, gate) for _ in range(SOCKETS)))
    try:
        print(f"{growth.mib(NOW) * 1024 / SOCKETS:.1f} KiB a socket")
        for number in range(SOCKETS):
            say(lines[number], number)
        for number in range(SOCKETS):
            assert await asyncio.wait_for(hear(lines[number]), 10) == number
    finally:
        for _, writer in lines:
            writer.close()


def raise_open_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


async def opened(lone: Lone, gate: asyncio.Semaphore) -> Line:
    async with gate:
        reader, writer = await asyncio.open_connection("127.0.0.1", lone.gateway.port)
        writer.write(HANDSHAKE)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        assert head.startswith(b"HTTP/1.1 101")
        return reader, writer


def say(line: Line, number: int) -> None:
    """A short binary frame, its mask being nothing."""
    line[1].write(b"\x82\x84\0\0\0\0" + number.to_bytes(4, "big"))


async def hear(line: Line) -> int:
    frame = await line[0].readexactly(6)
    assert frame[:2] == b"\x82\x04"
    return int.from_bytes(frame[2:], "big")


async def test_who_sends_a_byte_a_second_holds_nobody_up(lone: Lone, client: aiohttp.ClientSession):
    head = b"POST /api/chats/slow HTTP/1.1\r\nHost: chat.example.org\r\nContent-Length: 1000\r\n\r\n"
    slow = [asyncio.create_task(drip(lone, b"", head)) for _ in range(SLOW_HEADS)]
    slow += [asyncio.create_task(drip(lone, head, b"x" * 1000)) for _ in range(SLOW_BODIES)]
    await asyncio.sleep(1)  # each has said something

    took_s = []
    until = monotonic() + SLOW_FOR_S
    while monotonic() < until:
        began = monotonic()
        async with client.post("/api/chats/fast", data=b"x" * 1000) as answer:
            assert answer.status == 200
            assert (await answer.json())["length"] == 1000
        took_s.append(monotonic() - began)

    assert not [line for line in slow if line.done()]  # they were there all the time
    assert median(took_s) < USUALLY_WITHIN_S
    assert max(took_s) < ALWAYS_WITHIN_S
    usual_ms, slowest_ms = median(took_s) * 1000, max(took_s) * 1000
    print(f"{len(took_s)} requests meanwhile: usually {usual_ms:.1f} ms, at most {slowest_ms:.0f} ms")
    for line in slow:
        line.cancel()
    await asyncio.gather(*slow, return_exceptions=True)


async def drip(lone: Lone, at_once: bytes, slowly: bytes) -> float:
    """A byte a second until the gateway ends the line. Answers after how many seconds that was."""
    began = monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", lone.gateway.port)
    ended = asyncio.create_task(reader.read())
    try:
        writer.write(at_once)
        for byte in slowly:
            writer.write(bytes([byte]))
            if (await asyncio.wait([ended], timeout=1))[0]:
                break
        return monotonic() - began
    finally:
        ended.cancel()
        writer.close()
