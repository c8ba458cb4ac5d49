"""A client of `/ws` as these tests know it; every frame, both ways, is held to the published schema."""

import asyncio
import json
from collections import deque
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

import abdre
from realtime_svc.routing import websocket_routes

WITHIN_S = 5.0
# How long to listen before saying that nothing came: several times what delivery takes here.
SILENCE_S = 0.3

Item = dict[str, Any]
SCHEMA = json.loads((Path(abdre.__file__).parent / "docs" / "protocol.schema.json").read_text())


@cache
def validator(name: str) -> Validator:
    return Draft202012Validator({"$defs": SCHEMA["$defs"], "$ref": f"#/$defs/{name}"})


class SocketClosed(Exception):
    def __init__(self, code: int) -> None:
        self.code = code
        super().__init__(f"closed with {code}")


class Client:
    """One socket. `token` goes as Bearer in the second subprotocol, as a header, or as the cookie."""

    def __init__(self, token: str = "", *, by: str = "subprotocol", path: str = "/ws", **headers: str) -> None:
        protocols = ["abdre.v1"]
        if token and by == "subprotocol":
            protocols.append(f"bearer.{token}")
        elif token and by == "header":
            headers["authorization"] = f"Bearer {token}"
        elif token:
            headers["cookie"] = f"theme=dark; abdre_access={token}"
        raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        self.wire = WebsocketCommunicator(
            URLRouter(websocket_routes), path, headers=[(b"host", b"testserver"), *raw], subprotocols=protocols
        )
        self.hello: Item = {}
        self.heard: list[Item] = []
        self.frames = 0
        self._waiting: deque[Item] = deque()

    async def open(self) -> "Client":
        accepted, protocol = await self.wire.connect(timeout=WITHIN_S)
        assert accepted
        assert protocol == "abdre.v1"
        self.hello = await self.next("hello")
        return self

    async def refused(self) -> int:
        """The code with which the server closes at once."""
        accepted, _ = await self.wire.connect(timeout=WITHIN_S)
        return await self.closed() if accepted else 403

    async def say(self, **command: Any) -> None:
        validator("clientFrame").validate(command)
        await self.wire.send_json_to(command)

    async def say_raw(self, text: str) -> None:
        await self.wire.send_to(text_data=text)

    async def ask(self, **command: Any) -> Item:
        """Say it and give the answer, whatever else comes in between."""
        ref = command.setdefault("ref", uuid4().hex[:8])
        await self.say(**command)
        return await self.until(lambda item: item.get("ref") == ref)

    async def send(self, chat: Any, body: str = "salem", client_id: str = "", **options: Any) -> Item:
        client_id = client_id or str(uuid4())
        return await self.ask(type="message.send", chat=str(chat), client_id=client_id, body=body, **options)

    async def next(self, *kinds: str) -> Item:
        """The next item of one of these types, or the next at all."""
        return await self.until(lambda item: not kinds or item["type"] in kinds)

    async def until(self, fits: Any) -> Item:
        while True:
            item = await self._next()
            if fits(item):
                return item

    async def _next(self, timeout_s: float = WITHIN_S) -> Item:
        while not self._waiting:
            await self._read(timeout_s)
        return self._waiting.popleft()

    async def _read(self, timeout_s: float) -> None:
        message = await self.wire.receive_output(timeout=timeout_s)
        if message["type"] == "websocket.close":
            raise SocketClosed(message["code"])
        items = json.loads(message["text"])
        validator("serverFrame").validate(items)
        self.frames += 1
        self.heard += items
        self._waiting += items

    async def closed(self) -> int:
        """Read on until the server closes."""
        try:
            while True:
                await self._next()
        except SocketClosed as end:
            return end.code

    async def silent(self, *kinds: str) -> None:
        """Nothing comes (of these types, if any are named)."""
        seen = [item for item in self._waiting if not kinds or item["type"] in kinds]
        self._waiting.clear()
        deadline = asyncio.get_running_loop().time() + SILENCE_S
        while not seen and (left_s := deadline - asyncio.get_running_loop().time()) > 0:
            if await self.wire.receive_nothing(timeout=left_s):
                break
            await self._read(WITHIN_S)
            seen = [item for item in self._waiting if not kinds or item["type"] in kinds]
            self._waiting.clear()
        assert not seen, seen

    async def hang_up(self, code: int = 1000) -> None:
        await self.wire.disconnect(code, timeout=WITHIN_S)

    async def break_off(self) -> None:
        """The network is gone: no close, the server finds out."""
        await self.wire.send_input({"type": "websocket.disconnect", "code": 1006})

    def versions(self, chat: Any) -> list[int]:
        """The versions of this chat's events as they came."""
        return [item["version"] for item in self.heard if item.get("chat") == str(chat) and item["type"] in HISTORY]


HISTORY = ("message.created", "message.changed", "membership.changed", "chat.changed")
