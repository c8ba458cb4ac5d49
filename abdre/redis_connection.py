"""One connection to Redis without the client library: writes go out together, replies come back in order."""

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from typing import Any

import hiredis
from channels.exceptions import ChannelFull
from redis.exceptions import InvalidResponse, ResponseError

from abdre.redis_address import RedisAddress
from abdre.redis_places import Place

OPEN_WITHIN_S = 2.0
# Patience is counted in ticks, not in seconds: a loop that stood still has not looked for the answer either.
TICK_S = 0.5
SILENT_TICKS = 4  # without a word while replies are owed: hanging, or its host is gone
IDLE_TICKS = 10  # without a word at all: then we ask for one, so that a dead line shows
# Sent and not answered. Beyond it Redis is not slow, it hangs.
UNANSWERED_LIMIT_BYTES = 16 * 1024 * 1024


def pack(*words: str | bytes) -> bytes:
    """A command as it goes over the wire."""
    return hiredis.pack_command(words)  # type: ignore[arg-type,no-any-return]  # typed there as a tuple of one


class Call:
    """Commands that were written together; done with their last reply."""

    __slots__ = ("is_one_command", "owed", "problem", "reply", "size")

    def __init__(self, reply: asyncio.Future[None], *, owed: int, size: int, is_one_command: bool) -> None:
        self.reply = reply
        self.owed = owed
        self.size = size
        self.is_one_command = is_one_command
        self.problem: Exception | None = None

    def take(self, reply: object) -> None:
        self.owed -= 1
        if isinstance(reply, Exception):
            self.problem = self.problem or reply
            if self.is_one_command:  # refused as a whole, with one reply, however many it owes otherwise
                self.owed = 0

    def end(self, problem: Exception | None) -> None:
        if self.reply.done():  # who asked has gone
            return
        if problem is None:
            self.reply.set_result(None)
        else:
            self.reply.set_exception(problem)


class Introduction(Call):
    """Who we are, and whether this is whom we look for: the first commands of a connection."""

    __slots__ = ("_place",)

    def __init__(self, reply: asyncio.Future[None], *, owed: int, place: Place) -> None:
        super().__init__(reply, owed=owed, size=0, is_one_command=False)
        self._place = place

    def take(self, reply: object) -> None:
        super().take(reply)
        if not self.owed and self.problem is None and not self._place.is_right(reply):
            self.problem = ConnectionError("this is not the one any more")


class Connection(asyncio.Protocol):
    """Takes calls from the start; they leave when the line stands. It ends once, and with it every open call."""

    def __init__(
        self,
        place: Place,
        *,
        on_end: Callable[["Connection"], None],
        on_message: Callable[[str, bytes], None] | None = None,
    ) -> None:
        self.has_answered = False
        self._place = place
        self._address: RedisAddress | None = None  # once it is found
        self._on_end = on_end
        self._on_message = on_message
        self._loop = asyncio.get_running_loop()
        self._gone: asyncio.Future[None] = self._loop.create_future()
        self._reader = hiredis.Reader(protocolError=InvalidResponse, replyError=ResponseError)
        self._calls: deque[Call] = deque()
        self._out: list[bytes] = []
        self._unanswered_bytes = 0
        self._transport: asyncio.Transport | None = None
        self._problem: BaseException | None = None
        self._quiet_ticks = 0
        self._tick_handle: asyncio.TimerHandle | None = None
        self._is_open = False  # and signed in: nothing may go out as somebody else
        self._opening = self._loop.create_task(self._open())
        self._opening.add_done_callback(self._opened)

    def call(self, commands: bytes, *, replies: int, is_one_command: bool = False) -> asyncio.Future[None]:
        """Write packed commands. The future fails with what Redis said or with OSError. Raises OSError, ChannelFull."""
        if self._problem is not None:
            raise ConnectionError(f"Redis at {self._address or self._place}: the connection has ended")
        if self._unanswered_bytes + len(commands) > UNANSWERED_LIMIT_BYTES:
            raise ChannelFull(f"Redis at {self._address or self._place} does not keep up")
        if not self._calls:
            self._quiet_ticks = 0  # Redis owed us nothing until now
        reply: asyncio.Future[None] = self._loop.create_future()
        self._calls.append(Call(reply, owed=replies, size=len(commands), is_one_command=is_one_command))
        self._unanswered_bytes += len(commands)
        if not self._out and self._is_open:
            self._loop.call_soon(self._flush)  # with whatever else this turn brings
        self._out.append(commands)
        return reply

    def end(self, problem: str) -> None:
        self._end(ConnectionError(problem))

    async def close(self) -> None:
        self.end("closed by us")
        await self._gone

    @property
    def is_over(self) -> bool:
        return self._problem is not None

    # How it begins.

    async def _open(self) -> None:
        async with asyncio.timeout(OPEN_WITHIN_S):
            address = self._address = await self._place.find()
            if address.path:
                await self._loop.create_unix_connection(lambda: self, address.path)
            else:
                await self._loop.create_connection(lambda: self, address.host, address.port, ssl=address.tls)

    def _opened(self, opening: asyncio.Task[None]) -> None:
        problem = None if opening.cancelled() else opening.exception()
        if problem is not None:
            self._end(problem)
        if self._transport is None:  # else `connection_lost` is what comes last
            self.end("closed while opening")
            self._is_gone()

    def connection_made(self, transport: Any) -> None:  # uvloop's is no subclass of asyncio's
        self._transport = transport
        if self._problem is not None:  # closed meanwhile
            transport.abort()
            return
        assert self._address is not None
        if not self._address.path:
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._tick_handle = self._loop.call_later(TICK_S, self._tick)
        self._introduce(transport, self._address)

    def _introduce(self, transport: asyncio.Transport, address: RedisAddress) -> None:
        signed_in: asyncio.Future[None] = self._loop.create_future()
        signed_in.add_done_callback(self._signed_in)
        who = (address.username, address.password) if address.username else (address.password,)
        first = [words for words in (("AUTH", *who) if address.password else (), self._place.question) if words]
        if not first:
            signed_in.set_result(None)
            return
        self._calls.appendleft(Introduction(signed_in, owed=len(first), place=self._place))
        transport.write(b"".join([pack(*words) for words in first]))

    def _signed_in(self, signed_in: asyncio.Future[None]) -> None:
        if (problem := signed_in.exception()) is not None:
            self.end(str(problem))
            return
        self._is_open = True
        self._flush()

    def _flush(self) -> None:
        if self._transport is not None and self._out:
            self._transport.write(b"".join(self._out))
            self._out.clear()

    # What comes.

    def data_received(self, data: bytes) -> None:
        self._quiet_ticks = 0
        reader, on_message = self._reader, self._on_message
        try:
            reader.feed(data)
            while (reply := reader.gets()) is not False:
                if on_message is not None and type(reply) is list and reply[0] == b"message":
                    on_message(reply[1].decode(), reply[2])
                else:
                    self._take(reply)
        except InvalidResponse as problem:  # whoever that is, it is not Redis
            self.end(f"not understood: {problem}")

    def _take(self, reply: Any) -> None:
        if not self._calls:
            raise InvalidResponse("a reply that nobody asked for")
        call = self._calls[0]
        call.take(reply)
        self.has_answered = self.has_answered or (call.problem is None and self._is_open)
        if not call.owed:
            self._calls.popleft()
            self._unanswered_bytes -= call.size
            call.end(call.problem)

    def _tick(self) -> None:
        self._tick_handle = self._loop.call_later(TICK_S, self._tick)
        self._quiet_ticks += 1
        if self._calls and self._quiet_ticks > SILENT_TICKS:
            self._end(TimeoutError("no answer"))
        elif self._quiet_ticks > IDLE_TICKS:
            self._quiet_ticks = 0
            # Nobody waits for the answer, so its failure counts as seen.
            self.call(pack("PING"), replies=1).add_done_callback(asyncio.Future.exception)

    # How it ends.

    def connection_lost(self, problem: BaseException | None) -> None:
        self._end(problem or ConnectionError("closed by Redis"))
        self._is_gone()

    def _end(self, problem: BaseException) -> None:
        if self._problem is not None:
            return
        self._problem = problem
        self._opening.cancel()
        if self._tick_handle is not None:
            self._tick_handle.cancel()
        if self._transport is not None:
            self._transport.abort()
        self._out.clear()
        calls, self._calls = self._calls, deque()
        kind = TimeoutError if isinstance(problem, TimeoutError) else ConnectionError
        for call in calls:
            call.end(kind(f"Redis at {self._address or self._place}: {str(problem) or 'no answer'}"))
        self._on_end(self)

    def _is_gone(self) -> None:
        if not self._gone.done():
            self._gone.set_result(None)
