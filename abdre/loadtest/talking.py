"""One socket of one person: what it sent, was answered and was shown, with the times of all of it."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import uuid4

import aiohttp

from abdre.loadtest.people import LoadProblem, Person

OPEN_WITHIN_S = 30


@dataclass
class Wish:
    """A message that somebody wants to be said. Times are of one monotonic clock; 0: not yet."""

    chat: str
    due: float
    acked: float = 0.0
    refused: str = ""


class Told(NamedTuple):
    """A message that the socket was shown."""

    version: int
    client_id: str
    at: float


@dataclass
class Device:
    """`heard`: of each chat the messages in the order in which they came."""

    person: Person
    wishes: dict[str, Wish] = field(default_factory=dict)  # by client_id, which is the ref as well
    heard: dict[str, list[Told]] = field(default_factory=dict)
    close_code: int | None = None

    async def open(self) -> None:
        """Raises LoadProblem."""
        await self.person.renew()
        headers = {"Authorization": f"Bearer {self.person.token}"}
        address = self.person.origin.replace("http", "ws", 1) + "/ws"
        try:
            async with asyncio.timeout(OPEN_WITHIN_S):
                self.socket = await self.person.http.ws_connect(address, protocols=("abdre.v1",), headers=headers)
                [hello] = await self.socket.receive_json()
        except (aiohttp.ClientError, TimeoutError, TypeError, ValueError) as problem:
            raise LoadProblem(f"{address}: no socket: {problem or 'no answer'}") from problem
        if hello["type"] != "hello":
            raise LoadProblem(f"{address}: {hello}")
        self.reading = asyncio.create_task(self._read())

    async def say(self, chat: str, body: str, due: float) -> None:
        client_id = str(uuid4())
        self.wishes[client_id] = Wish(chat, due)
        command = {"type": "message.send", "ref": client_id, "chat": chat, "client_id": client_id, "body": body}
        try:
            await self.socket.send_json(command)
        except (aiohttp.ClientError, ConnectionError):
            self.wishes[client_id].refused = "socket_lost"

    async def close(self) -> None:
        await self.socket.close()
        await self.reading

    async def _read(self) -> None:
        async for message in self.socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                now = time.monotonic()
                for item in json.loads(message.data):
                    self._take(item, now)
        self.close_code = self.socket.close_code

    def _take(self, item: dict[str, Any], now: float) -> None:
        kind = item["type"]
        if kind == "message.created" and item["message"]["kind"] == "text":
            told = Told(item["version"], item["message"]["client_id"], now)
            self.heard.setdefault(item["chat"], []).append(told)
        elif kind == "ack" and item["ref"] in self.wishes:
            self.wishes[item["ref"]].acked = now
        elif kind == "error" and item.get("ref") in self.wishes:
            self.wishes[item["ref"]].refused = item["code"]
