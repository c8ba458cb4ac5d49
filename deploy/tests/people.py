"""People as the tests know them: API clients with a token, an address and sockets. Imports no service."""

import asyncio
import base64
import itertools
import json
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import aiohttp
import jsonschema
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from deploy.ci.jobs import ROOT
from deploy.tests import openapi

WITHIN_S = 10
SUBPROTOCOL = "abdre.v1"
# What a proxy before the house says where nobody answers it.
EDGES = (502, 503, 504)
# Said on a line that ends, to whoever was just about to use it again; as browsers, we ask once more (RFC 9110, 15.5.9).
UNREAD = 408
# The smallest image there is: one point.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
# Everybody comes from a network of their own: limits per address prefix are tested where they are meant.
addresses = itertools.count(1)

Item = dict[str, Any]


def an_address() -> str:
    number = next(addresses)
    return f"10.{number // 250 % 250}.{number % 250}.7"


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str | None:
        """The error's code, if it is one."""
        error = self.body.get("error") if isinstance(self.body, dict) else None
        return error["code"] if error else None


@dataclass
class Person:
    """Somebody at an API client. `token` is empty for one who is not signed in."""

    base: str
    http: aiohttp.ClientSession
    name: str = ""
    id: str = ""
    token: str = ""
    refresh_token: str = ""
    password: str = ""
    address: str = field(default_factory=an_address)

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """`body`: JSON, or a file's bytes: a picture's, unless `content_type` says what they are."""
        headers = {"X-Forwarded-For": self.address, **{name.replace("_", "-"): text for name, text in headers.items()}}
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        sent: dict[str, Any] = {"json": body}
        if isinstance(body, bytes):
            sent = {"data": body}
            headers.setdefault("content-type", "image/png")
        async with self.http.request(
            method, self.base + path, **sent, headers=headers, allow_redirects=False, timeout=TIMEOUT
        ) as response:
            text = await response.text(errors="replace")  # a picture is none
            if response.status == UNREAD:
                return await self.ask(method, path, body, **headers)
            if response.status in EDGES and "X-Request-ID" not in response.headers:
                raise ConnectionError(f"an edge answers {response.status} in our place")
            is_json = response.content_type == openapi.JSON and text
            answer = Answer(response.status, json.loads(text) if is_json else text, dict(response.headers))
        told = answer.body if is_json else None
        wrong = openapi.problems(
            method, path, answer.status, answer.headers, told, sent=None if isinstance(body, bytes) else body
        )
        assert not wrong, wrong
        return answer

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, **headers)

    async def post(self, path: str, body: Any = None, **headers: str) -> Answer:
        return await self.ask("POST", path, body if body is not None else {}, **headers)

    async def patch(self, path: str, body: Any) -> Answer:
        return await self.ask("PATCH", path, body)

    async def delete(self, path: str) -> Answer:
        return await self.ask("DELETE", path)

    async def must(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The body of an answer that has to be a success."""
        answer = await self.ask(method, path, body, **headers)
        assert answer.status < 300, f"{method} {path}: {answer.status} {answer.body}"
        return answer.body

    def signed_in_by(self, body: Any) -> Self:
        tokens = body.get("tokens", body)
        self.token, self.refresh_token = tokens["access_token"], tokens["refresh_token"]
        self.id, self.name = body["user"]["id"], body["user"]["display_name"]
        return self

    async def renew(self) -> None:
        body = await self.must("POST", "/api/auth/refresh", {"refresh_token": self.refresh_token}, Authorization="")
        self.token, self.refresh_token = body["access_token"], body["refresh_token"]

    # What people do, in their words

    async def start_chat(self, title: str = "") -> str:
        chat = await self.must("POST", "/api/chats", {"kind": "temporary", "title": title, "ttl_s": 3600})
        return str(chat["id"])

    async def invite(self, chat: str, **options: Any) -> Item:
        invitation: Item = await self.must("POST", "/api/auth/invitations", {"chat": chat, **options})
        return invitation

    async def write(self, chat: str, body: str, client_id: str = "") -> Item:
        path = f"/api/chats/{chat}/messages"
        message: Item = await self.must("POST", path, {"client_id": client_id or str(uuid4()), "body": body})
        return message

    async def bodies(self, chat: str) -> list[str]:
        page = await self.must("GET", f"/api/chats/{chat}/messages?limit=200")
        return [message["body"] for message in page["items"]]


PROTOCOL = json.loads((ROOT / "abdre/docs/protocol.schema.json").read_text())
# What the published protocol lets the server say; every frame of every test is held to it.
SERVER_FRAME = jsonschema.Draft202012Validator({"$ref": "#/$defs/serverFrame", "$defs": PROTOCOL["$defs"]})
# Longer than the gateway waits for a service that hangs, so that its answer is heard.
TIMEOUT = aiohttp.ClientTimeout(total=15)


class Town:
    """Makes people and closes what they opened."""

    def __init__(self, base: str, *, watch: Sequence[aiohttp.TraceConfig] = ()) -> None:
        self.base = base
        self.watch = list(watch)
        self.belongings = AsyncExitStack()

    async def __aenter__(self) -> Self:
        jar = aiohttp.DummyCookieJar()
        connector = aiohttp.TCPConnector(limit=0)  # people do not queue for one another
        session = aiohttp.ClientSession(cookie_jar=jar, connector=connector, trace_configs=self.watch)
        self.http = await self.belongings.enter_async_context(session)
        return self

    async def __aexit__(self, *problem: Any) -> None:
        await self.belongings.aclose()

    def nobody(self) -> Person:
        return Person(self.base, self.http)

    async def guest(self, name: str) -> Person:
        person = self.nobody()
        return person.signed_in_by(await person.must("POST", "/api/auth/guest", {"display_name": name}))

    async def member(self, name: str) -> Person:
        person = self.nobody()
        person.password = uuid4().hex
        account = {"username": f"{name}-{uuid4().hex[:8]}", "password": person.password, "display_name": name}
        return person.signed_in_by(await person.must("POST", "/api/auth/register", account))

    async def guest_by_code(self, name: str, token: str) -> Person:
        person = self.nobody()
        accepted = await person.must(
            "POST", "/api/auth/invitations/accept", {"token": token, "display_name": name}, Idempotency_Key=str(uuid4())
        )
        return person.signed_in_by(accepted)

    async def socket(self, person: Person, door: str = "") -> "Socket":
        return await self.belongings.enter_async_context(Socket(person, door or self.base))


class Refused(AssertionError):
    """The server answered a command with an error item."""

    def __init__(self, item: Item) -> None:
        super().__init__(item)
        self.code = item["code"]


class Socket:
    """One socket of one person: keeps every item that came, in order."""

    def __init__(self, person: Person, door: str) -> None:
        self.person = person
        self.url = door.replace("http", "ws", 1) + "/ws"
        self.items: list[Item] = []
        self.faults: list[str] = []
        self.news = asyncio.Condition()
        self.refs = itertools.count(1)
        self.close_code: int | None = None

    async def __aenter__(self) -> Self:
        self.connection: ClientConnection = await connect(
            self.url,
            subprotocols=[SUBPROTOCOL],  # type: ignore[list-item]
            additional_headers={
                "Authorization": f"Bearer {self.person.token}",
                "X-Forwarded-For": self.person.address,
            },
            max_size=None,
            proxy=None,
        )
        self.reader = asyncio.create_task(self.read())
        self.hello = await self.wait_for(lambda item: item["type"] == "hello")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.connection.close()
        await self.reader
        assert not self.faults, self.faults

    async def read(self) -> None:
        try:
            async for frame in self.connection:
                items = json.loads(frame)
                self.faults += [problem.message for problem in SERVER_FRAME.iter_errors(items)]
                async with self.news:
                    self.items += items
                    self.news.notify_all()
        except ConnectionClosed:
            pass
        async with self.news:
            self.close_code = self.connection.close_code or 1006
            self.news.notify_all()

    async def kill(self) -> None:
        """The line is cut: no close frame, no good-bye."""
        self.connection.transport.abort()
        await self.reader

    async def say(self, **item: Any) -> None:
        await self.connection.send(json.dumps(item))

    async def command(self, **item: Any) -> Item:
        """Send a command and wait for its ack. Raises Refused."""
        ref = str(next(self.refs))
        await self.say(ref=ref, **item)
        answer = await self.wait_for(lambda item: item.get("ref") == ref)
        if answer["type"] == "error":
            raise Refused(answer)
        return answer

    async def send(self, chat: str, body: str, client_id: str = "") -> Item:
        return await self.command(type="message.send", chat=chat, client_id=client_id or str(uuid4()), body=body)

    async def wait_for(self, wanted: Callable[[Item], bool], within_s: float = WITHIN_S) -> Item:
        """The first item, seen already or still to come, that is the wanted one."""

        def found() -> Item | None:
            return next((item for item in self.items if wanted(item)), None)

        async with asyncio.timeout(within_s), self.news:
            await self.news.wait_for(lambda: found() is not None or self.close_code is not None)
        item = found()
        assert item is not None, f"closed with {self.close_code} before it came; had {kinds(self.items)}"
        return item

    async def closed(self, within_s: float = WITHIN_S) -> int:
        async with asyncio.timeout(within_s), self.news:
            await self.news.wait_for(lambda: self.close_code is not None)
        assert self.close_code is not None
        return self.close_code

    async def heard(self, *bodies: str) -> None:
        """Wait until the last of these messages has come, then look that each came once and in this order."""
        await self.wait_for(lambda item: is_message(item) and item["message"]["body"] == bodies[-1])
        assert [item["message"]["body"] for item in self.items if is_message(item)] == list(bodies)

    async def quiet(self) -> list[Item]:
        """What has come up to an answer to a ping: whatever was on its way to this socket before is here."""
        pongs = sum(item["type"] == "pong" for item in self.items)
        await self.say(type="ping")
        async with asyncio.timeout(WITHIN_S), self.news:
            await self.news.wait_for(lambda: sum(item["type"] == "pong" for item in self.items) > pongs)
        return self.items


def is_message(item: Item) -> bool:
    return bool(item["type"] == "message.created")


def kinds(items: Iterable[Item]) -> list[str]:
    return [item["type"] for item in items]
