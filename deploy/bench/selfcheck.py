"""The generator itself, against a server that counts: `python -m deploy.bench` does this first, each time.

A wrong count would make every figure wrong. So frames come in every form that a peer may choose: alone, joined, cut
anywhere, short and long heads, pings between; and what was sent has to be what is reported.
"""

import asyncio
import base64
import hashlib
import random
import re
import struct
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.bench.generator import Load, Seat
from deploy.bench.peers import BODY, WEBSOCKET_KEY, Client, Step
from deploy.ci.servers import free_port

CLIENTS = 8
WINDOW = 4
SECONDS = 1.0
ACCEPT = base64.b64encode(hashlib.sha1(WEBSOCKET_KEY.encode() + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())  # noqa: S324
MARK = re.compile(rb"\$:[0-9a-f]{30}")
TEXT, PING, PONG = 1, 9, 10

Welcome = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes([0x80 | opcode, size]) + payload
    if size < 65536:
        return bytes([0x80 | opcode, 126]) + struct.pack(">H", size) + payload
    return bytes([0x80 | opcode, 127]) + struct.pack(">Q", size) + payload


class Room:
    """Everybody hears everybody; each socket in a form of its own."""

    def __init__(self) -> None:
        self.writers: list[asyncio.StreamWriter] = []
        self.rests: dict[asyncio.StreamWriter, bytes] = {}
        self.told = 0
        self.pongs = 0
        self.engine_pongs = 0

    async def welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 101 x\r\nSec-WebSocket-Accept: " + ACCEPT + b"\r\n\r\n" + frame(TEXT, b"hello"))
        try:
            while True:
                opcode, payload = await read_frame(reader)
                if payload == b"join":
                    writer.write(frame(TEXT, b"joined") + frame(PING, b"are you there") + frame(TEXT, b"2"))
                    self.writers.append(writer)
                self.pongs += opcode == PONG and payload == b"are you there"
                self.engine_pongs += payload == b"3"
                if MARK.search(payload):
                    self.tell(payload)
        except (asyncio.IncompleteReadError, ConnectionError):
            if writer in self.writers:
                self.writers.remove(writer)

    def tell(self, payload: bytes) -> None:
        for place, writer in enumerate(self.writers):
            padding = [b"", b"x" * 300, b"x" * 70_000][place % 3]
            data = frame(PING, b"") + frame(TEXT, padding + payload)
            self.put(writer, data, cut=random.randrange(1, len(data)) if place % 2 else len(data))
        self.told += len(self.writers)

    def put(self, writer: asyncio.StreamWriter, data: bytes, *, cut: int) -> None:
        """What is behind the cut goes out on the next turn, or before what comes next."""
        writer.write(self.rests.pop(writer, b"") + data[:cut])
        self.rests[writer] = data[cut:]
        asyncio.get_running_loop().call_soon(lambda: writer.write(self.rests.pop(writer, b"")))


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first, second = await reader.readexactly(2)
    size = second & 127
    if size == 126:
        size = int.from_bytes(await reader.readexactly(2), "big")
    key = await reader.readexactly(4)
    payload = await reader.readexactly(size)
    return first & 15, bytes(byte ^ key[place % 4] for place, byte in enumerate(payload))


@contextmanager
def serving(welcome: Welcome, port: int) -> Iterator[None]:
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(welcome, "127.0.0.1", port))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(ended(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def ended(server: asyncio.Server) -> None:
    """The server, and its connections' tasks, which see that the generator has hung up."""
    server.close()
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})


def check_generator(folder: Path) -> str:
    """What was counted, in a sentence. Raises RuntimeError where the generator and the server disagree."""
    room, port = Room(), free_port()
    client = Client(port=port, message=f'{{"text":"{BODY}"}}', opening=(Step("hello", "join"), Step("joined")))
    with serving(room.welcome, port), Load([Seat(client, 0)] * CLIENTS, folder, window=WINDOW, cpus="") as load:
        load.open()
        load.ask("mark")
        load.ask("start")
        time.sleep(SECONDS)
        load.ask("stop")
        time.sleep(SECONDS / 2)
        figures = load.report()
        facts = {
            "deliveries": (figures.deliveries, room.told),
            "deliveries of all messages": (figures.deliveries, figures.messages * CLIENTS),
            "messages sent": (figures.sent, figures.messages),
            "pongs": (room.engine_pongs, CLIENTS),
        }
        wrong = {what: pair for what, pair in facts.items() if pair[0] != pair[1]}
        if wrong or not room.told or room.pongs != CLIENTS:
            raise RuntimeError(f"the generator miscounts: {wrong}, {room.pongs} pongs")
    return (
        f"The generator was checked first: {figures.deliveries:,} deliveries in frames alone, joined with pings, cut "
        "anywhere and of every head size, and it counted each."
    )
