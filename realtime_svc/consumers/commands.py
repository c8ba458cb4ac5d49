"""Each command's way: to the service it is for, and back as an answer."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial, singledispatchmethod
from typing import Any
from uuid import UUID

from django.db import Error as DatabaseError

from abdre import tracing
from abdre.db import in_thread
from abdre.errors import AppError, Forbidden, Unavailable
from abdre.tokens import WRITE, Person
from chat_svc import services as chats
from chat_svc.errors import NotAMember
from chat_svc.events import MessageJson
from chat_svc.services import Held, Sent
from realtime_svc.hub import Hub
from realtime_svc.hub.pace import TypingPace
from realtime_svc.hub.recovery import resume
from realtime_svc.hub.socket import Socket
from realtime_svc.protocol import items
from realtime_svc.protocol.commands import (
    Command,
    DeleteMessage,
    EditMessage,
    Ping,
    React,
    ReadChat,
    RefreshToken,
    Resume,
    SendMessage,
    StartTyping,
)
from realtime_svc.protocol.items import Item
from realtime_svc.protocol.limits import SENDS_UNDER_WAY

log = logging.getLogger(__name__)

# All that a personal token without the scope to write is good for.
ONLY_READING = (Resume, RefreshToken, Ping)

# Said all the time, and nothing is asked for it.
UNTRACED = (Ping, ReadChat, StartTyping)


class Commands:
    """One at a time, in the order said; only sends overlap, so that many of them share one commit."""

    def __init__(self, hub: Hub, socket: Socket, person: Person, *, on_token: Callable[[str], Awaitable[None]]) -> None:
        self._hub = hub
        self._socket = socket
        self._person_id: UUID = person.id
        self._may_write = person.may(WRITE)
        self._on_token = on_token
        self._typing = TypingPace()
        self._sends = 0  # under way
        self._sent: asyncio.Future[None] | None = None  # somebody waits for the next of them

    async def obey(self, command: Command) -> None:
        """Do it and put the answer into the outbox. Raises nothing that a command could cause."""
        if not self._may_write and not isinstance(command, ONLY_READING):
            self._socket.outbox.put(items.error(command.ref, Forbidden()))
        elif isinstance(command, SendMessage):
            await self._post(command)
        elif isinstance(command, UNTRACED):
            await self._answered(command)
        else:
            with tracing.deed(f"socket {type(command).__name__}", asked_by=[tracing.here()]):
                await self._answered(command)

    async def _post(self, command: SendMessage) -> None:
        # The next command is not read before there is room: who sends faster than we store waits in the network.
        await self._until_sends_below(SENDS_UNDER_WAY)
        self._sends += 1
        span = tracing.begun("socket SendMessage", asked_by=[tracing.here()])
        try:
            with tracing.within(span):
                chats.submit_message(
                    chat_id=command.chat,
                    sender_id=self._person_id,
                    client_id=command.client_id,
                    body=command.body,
                    reply_to=command.reply_to,
                    attachments=command.attachments,
                    thread=command.thread,
                    on_done=partial(self._posted, command.ref, span),
                )
        except AppError as refusal:
            self._posted(command.ref, span, refusal)

    async def answered(self) -> None:
        """Until everything that was said is answered. Sends alone overlap what comes after them."""
        await self._until_sends_below(1)

    async def _until_sends_below(self, most: int) -> None:
        while self._sends >= most:
            self._sent = asyncio.get_running_loop().create_future()
            await self._sent

    def _posted(self, ref: str, span: Any, outcome: Sent | Held | AppError) -> None:
        tracing.ended(span, refused=outcome.code if isinstance(outcome, AppError) else "")
        self._sends -= 1
        if self._sent is not None and not self._sent.done():
            self._sent.set_result(None)
        if isinstance(outcome, AppError):
            self._socket.outbox.put(items.error(ref, outcome))
        elif isinstance(outcome, Held):
            self._socket.outbox.put(items.held(ref, outcome.held))
        else:
            self._socket.outbox.put(_ack_message(ref, outcome.message))

    async def _answered(self, command: Command) -> None:
        try:
            answer = await self._do(command)
        except AppError as refusal:
            answer = items.error(command.ref, refusal)
        except (DatabaseError, TimeoutError):
            log.warning("command not done, the database is away", exc_info=True)
            answer = items.error(command.ref, Unavailable(retry_after_s=1))
        except Exception:  # the outermost loop: a fault of ours is told, and does not end the socket
            log.exception("command failed")
            answer = items.error(command.ref, AppError())
        if answer is not None:
            self._socket.outbox.put(answer)

    @singledispatchmethod
    async def _do(self, command: Command) -> Item | None:
        raise NotImplementedError

    @_do.register
    async def _(self, command: EditMessage) -> Item | None:
        message = await in_thread(
            chats.edit_message, chat_id=command.chat, actor_id=self._person_id, seq=command.seq, body=command.body
        )
        return _ack_message(command.ref, message)

    @_do.register
    async def _(self, command: DeleteMessage) -> Item | None:
        message = await in_thread(chats.delete_message, chat_id=command.chat, actor_id=self._person_id, seq=command.seq)
        return _ack_message(command.ref, message)

    @_do.register
    async def _(self, command: React) -> Item | None:
        message = await in_thread(
            chats.react,
            chat_id=command.chat,
            actor_id=self._person_id,
            seq=command.seq,
            emoji=command.emoji,
            on=command.on,
        )
        return _ack_message(command.ref, message)

    @_do.register
    async def _(self, command: Resume) -> Item | None:
        person = self._hub.people[self._socket.person_id]

        async def on_doubt() -> None:
            await self._hub.membership.reconcile(person)

        if {str(chat) for chat in command.chats} - person.chats.keys():
            await on_doubt()  # in a chat whose `chat.created` was lost, perhaps
        await resume(
            self._socket,
            person,
            command.ref,
            command.chats,
            ask=self._hub.ask,
            rooms=self._hub.rooms,
            on_doubt=on_doubt,
        )
        return None

    @_do.register
    async def _(self, command: StartTyping) -> Item | None:
        if self._typing.is_due(command.chat):
            await self._hub.signals.typing(command.chat, self._person_id)
        return None

    @_do.register
    async def _(self, command: ReadChat) -> Item | None:
        # Asked of the hub: the mark is written a little later, when there is nobody left to refuse it to.
        if str(command.chat) not in self._hub.people[self._socket.person_id].chats:
            raise NotAMember
        self._hub.signals.read(command.chat, self._person_id, command.seq)
        return None

    @_do.register
    async def _(self, command: RefreshToken) -> Item | None:
        await self._on_token(command.token)
        return items.ack(command.ref)

    @_do.register
    async def _(self, command: Ping) -> Item | None:
        return items.pong(command.ref)


def _ack_message(ref: str, message: MessageJson) -> Item:
    return items.ack(ref, seq=message["seq"], version=message["version"], created_at=message["created_at"])
