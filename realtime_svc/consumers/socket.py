"""One client's socket: who it is, what it says, when its token ends. What it hears is the hub's."""

import asyncio
import logging
import random
from typing import Any

from channels.exceptions import StopConsumer
from django.conf import settings
from django.db import Error as DatabaseError

from abdre import tokens
from abdre.errors import AppError, Unauthenticated, Unavailable
from abdre.events import use_loop
from abdre.seen import note_route
from realtime_svc.consumers.base import SocketConsumer
from realtime_svc.consumers.commands import Commands
from realtime_svc.consumers.identity import credentials, is_own_page
from realtime_svc.errors import AnotherSession, HubAway, ShutOut, TooFast
from realtime_svc.hub import current_hub
from realtime_svc.hub.outlet import outlet_of
from realtime_svc.hub.pace import Pace
from realtime_svc.hub.socket import Socket
from realtime_svc.protocol import commands, items
from realtime_svc.protocol.codes import Close
from realtime_svc.protocol.limits import COMES_BACK_WITHIN_S, TOKEN_GRACE_S
from user_svc.errors import UserNotFound

log = logging.getLogger(__name__)

# While the database does not answer, nobody is signed out for it.
ASK_AGAIN_S = 5.0
VANISHED = 1006  # without a word (RFC 6455, 7.1.5)


class ChatSocket(SocketConsumer):
    socket: Socket | None = None
    _commands: Commands | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._task = asyncio.current_task()
        self._is_given_up = False
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            if not self._is_given_up:
                raise
        finally:
            self._leave()
            # What holds each other would wait for the collector.
            self.socket = self._commands = None

    async def websocket_connect(self, message: Any) -> None:
        use_loop(asyncio.get_running_loop())
        note_route("/ws")
        if not is_own_page(self.scope):
            await self.send({"type": "websocket.close"})  # before accepting: the server answers 403
            raise StopConsumer
        brought = credentials(self.scope)
        self._forget_headers()
        await self.accept()
        try:
            if brought is None:
                raise Unauthenticated
            await self._enter(tokens.read(brought.token), by_cookie=brought.by_cookie)
        except Unauthenticated:
            await self._turn_away(Close.NOT_SIGNED_IN)
        except UserNotFound:
            await self._turn_away(Close.NOT_SIGNED_IN)
        except ShutOut:
            await self._turn_away(Close.BANNED)
        except HubAway:
            await self._turn_away(Close.TRY_AGAIN)

    async def _enter(self, person: tokens.Person, *, by_cookie: bool) -> None:
        self.person = person
        self.by_cookie = by_cookie
        self._hub = current_hub()
        send: Any = self.base_send  # past the consumer, which the socket must not hold
        self.socket = Socket(
            person_id=person.id,
            session_id=person.session_id,
            send=send,
            outlet=outlet_of(self.scope, send),
            flusher=self._hub.flusher,
            give_up=self._give_up,
            on_close=self._hub.forget,
        )
        self._commands = Commands(self._hub, self.socket, person, on_token=self._renewed)
        await self._hub.open(self.socket)
        if self.socket.is_closed:
            return
        self._paces = (Pace(), self._hub.people[self.socket.person_id].pace)
        self._watch_token(person.token_lasts_s())

    def _forget_headers(self) -> None:
        """Everybody on the way here holds this list for as long as the socket is open."""
        headers: Any = self.scope["headers"]
        headers.clear()

    async def _turn_away(self, code: Close) -> None:
        if self.socket is None:
            await self.refuse(code)
        else:
            self.socket.close(code)

    # What the client says.

    async def websocket_receive(self, message: Any) -> None:
        if self.socket is None or self.socket.is_closed or self._commands is None:
            return
        ref = None
        text = message.get("text")
        try:
            for pace in self._paces:
                pace.count(len(text or message.get("bytes") or ""))
            frame = commands.read_frame(text)
            ref = commands.ref_of(frame)
            await self._commands.obey(commands.command_of(frame))
        except TooFast as refusal:
            self.socket.outbox.put(items.error(ref, refusal))
            if any(pace.is_lost for pace in self._paces):
                self.socket.close(Close.TOO_FAST)
        except AppError as refusal:
            self.socket.outbox.put(items.error(ref, refusal))

    async def websocket_leave(self, message: Any) -> None:
        if self.socket is None or self._commands is None:
            await super().websocket_leave(message)
            return
        await self._commands.answered()
        self.socket.outbox.put(items.going_away(random.uniform(0, COMES_BACK_WITHIN_S)))  # noqa: S311  # a spread
        self.socket.close(Close.GOING_AWAY)

    async def websocket_disconnect(self, message: Any) -> None:
        self._leave(message.get("code", VANISHED))
        raise StopConsumer

    def _leave(self, code: int = VANISHED) -> None:
        if self.socket is not None:
            self.socket.lost(code)
            self._stop_watching()

    def _give_up(self) -> None:
        """The server cannot even send the close, its buffer being full: end the application, so that it hangs up."""
        self._is_given_up = True
        if self._task is not None:
            self._task.cancel()

    # How long the socket may stay.

    _watching: asyncio.TimerHandle | None = None
    _looking: asyncio.Task[None] | None = None

    def _watch_token(self, lives_s: float) -> None:
        self._stop_watching()
        self._watching = asyncio.get_running_loop().call_later(max(lives_s, 0), self._token_ended)

    def _stop_watching(self) -> None:
        if self._watching is not None:
            self._watching.cancel()

    def _token_ended(self) -> None:
        self._looking = asyncio.create_task(self._look_at_session())

    async def _look_at_session(self) -> None:
        """The token has ended; the session decides. A program must show a new token, a browser has its cookie."""
        try:
            lives = await self._hub.ask.is_alive(self.person.session_id)
        except DatabaseError:
            self._watch_token(ASK_AGAIN_S)
            return
        if self.socket is None or self.socket.is_closed:
            return
        if not lives:
            self.socket.close(Close.NOT_SIGNED_IN)
        elif self.by_cookie:
            self._watch_token(settings.ACCESS_TOKEN_LIFETIME_S)
        else:
            self._watching = asyncio.get_running_loop().call_later(
                TOKEN_GRACE_S, self.socket.close, Close.NOT_SIGNED_IN
            )

    async def _renewed(self, token: str) -> None:
        """Raises Unauthenticated, AnotherSession, Unavailable."""
        person = tokens.read(token)
        if (person.id, person.session_id) != (self.person.id, self.person.session_id):
            raise AnotherSession
        try:
            if not await self._hub.ask.is_alive(person.session_id):
                raise Unauthenticated
        except DatabaseError as problem:
            raise Unavailable from problem
        self._watch_token(person.token_lasts_s())
