"""Each command's way: to the service it is for, and back as an answer."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import singledispatchmethod
from uuid import UUID

from django.db import Error as DatabaseError

from abdre.db import in_thread
from abdre.errors import AppError, Unavailable
from abdre.tokens import Person
from chat_svc import services as chats
from chat_svc.events import MessageJson
from realtime_svc.consumers.pace import TypingPace
from realtime_svc.hub import Hub
from realtime_svc.hub.recovery import resume
from realtime_svc.hub.socket import Socket
from realtime_svc.protocol import items
from realtime_svc.protocol.commands import (
    Command,
    DeleteMessage,
    EditMessage,
    Ping,
    ReadChat,
    RefreshToken,
    Resume,
    SendMessage,
    StartTyping,
)
from realtime_svc.protocol.items import Item
from realtime_svc.protocol.limits import SENDS_UNDER_WAY

log = logging.getLogger(__name__)


class Commands:
    """One at a time, in the order said; only sends overlap, so that many of them share one commit."""

    def __init__(self, hub: Hub, socket: Socket, person: Person, *, on_token: Callable[[str], Awaitable[None]]) -> None:
        self._hub = hub
        self._socket = socket
        self._person_id: UUID = person.id
        self._on_token = on_token
        self._typing = TypingPace()
        self._sends: set[asyncio.Task[None]] = set()
        self._free = asyncio.Semaphore(SENDS_UNDER_WAY)

    async def obey(self, command: Command) -> None:
        """Do it and put the answer into the outbox. Raises nothing that a command could cause."""
        if isinstance(command, SendMessage):
            # The next command is not read before there is room: who sends faster than we store waits in the network.
            await self._free.acquire()
            task = asyncio.create_task(self._answered(command))
            self._sends.add(task)
            task.add_done_callback(self._sent)
        else:
            await self._answered(command)

    def _sent(self, task: asyncio.Task[None]) -> None:
        self._sends.discard(task)
        self._free.release()

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
    async def _(self, command: SendMessage) -> Item | None:
        sent = await chats.send_message_async(
            chat_id=command.chat,
            sender_id=self._person_id,
            client_id=command.client_id,
            body=command.body,
            reply_to=command.reply_to,
        )
        return _ack_message(command.ref, sent.message)

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
    async def _(self, command: Resume) -> Item | None:
        person = self._hub.people[self._socket.person_id]

        async def on_doubt() -> None:
            await self._hub.reconcile(person)

        if {str(chat) for chat in command.chats} - person.chats.keys():
            await on_doubt()  # in a chat whose `chat.created` was lost, perhaps
        await resume(self._socket, person, command.ref, command.chats, on_doubt=on_doubt)
        return None

    @_do.register
    async def _(self, command: StartTyping) -> Item | None:
        if self._typing.is_due(command.chat):
            await in_thread(chats.start_typing, chat_id=command.chat, user_id=self._person_id)
        return None

    @_do.register
    async def _(self, command: ReadChat) -> Item | None:
        await in_thread(chats.mark_read, chat_id=command.chat, user_id=self._person_id, seq=command.seq)
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
