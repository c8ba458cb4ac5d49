"""Ways to store a message: ours, the tutorial's, one statement for each, and the bare commit."""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Sequence
from uuid import UUID, uuid4

import psycopg
from psycopg_pool import AsyncConnectionPool

from deploy.bench.write_path.ground import BODY, SENDERS, TUTORIAL, Ground

POOL_SIZE = 16

Send = Callable[[UUID, UUID], Coroutine[None, None, None]]
Senders = Sequence[tuple[UUID, UUID]]  # the chat and the person
GoesOn = Callable[[], bool]
Way = Callable[[Ground, Senders, GoesOn], Coroutine[None, None, list[float]]]  # gives each message's wait


def for_seconds(run_s: float) -> GoesOn:
    deadline = time.perf_counter() + run_s
    return lambda: time.perf_counter() < deadline


def for_messages(count: int) -> GoesOn:
    numbers = iter(range(count))
    return lambda: next(numbers, None) is not None


def uuid7() -> UUID:
    """An id as our own pages make them, in static/js/ids.js."""
    milliseconds, high, low = time.time_ns() // 1_000_000, random.getrandbits(12), random.getrandbits(62)
    return UUID(int=milliseconds << 80 | 7 << 76 | high << 64 | 2 << 62 | low)


async def ours(ground: Ground, senders: Senders, goes_on: GoesOn) -> list[float]:
    """As a socket's commands do it: the answer to one message lets the next one go."""
    from abdre import events
    from chat_svc.services import Sent, submit_message

    loop = asyncio.get_running_loop()
    events.use_loop(loop)
    waits: list[float] = []
    ended: asyncio.Future[None] = loop.create_future()
    running = len(senders)

    def send(chat: UUID, sender: UUID) -> None:
        nonlocal running
        if not goes_on():
            running -= 1
            if not running and not ended.done():
                ended.set_result(None)
            return
        began = time.perf_counter()

        def on_done(outcome: object) -> None:
            waits.append(time.perf_counter() - began)
            if isinstance(outcome, Sent):
                send(chat, sender)
            elif not ended.done():
                ended.set_exception(RuntimeError(f"refused: {outcome!r}"))

        submit_message(chat_id=chat, sender_id=sender, client_id=uuid7(), body=BODY, reply_to=None, on_done=on_done)

    for chat, sender in senders:
        send(chat, sender)
    await ended
    return waits


async def tutorial(ground: Ground, senders: Senders, goes_on: GoesOn) -> list[float]:
    """As the Channels tutorial teaches it, with Django's way to number without holes."""
    from channels.db import database_sync_to_async
    from django.apps import apps
    from django.db import transaction

    chats, members = apps.get_model("chat_svc", "Chat"), apps.get_model("chat_svc", "Membership")
    messages = apps.get_model("chat_svc", "Message")

    @database_sync_to_async
    def send(chat_id: UUID, sender_id: UUID) -> None:
        with transaction.atomic(using=TUTORIAL):
            chat = chats.objects.using(TUTORIAL).select_for_update().get(id=chat_id)
            if not members.objects.using(TUTORIAL).filter(chat=chat, user_id=sender_id, state="active").exists():
                raise PermissionError
            chat.last_seq += 1
            chat.version += 1
            chat.save(update_fields=["last_seq", "version"])
            messages.objects.using(TUTORIAL).create(
                chat=chat,
                seq=chat.last_seq,
                version=chat.version,
                sender_id=sender_id,
                client_id=uuid4(),
                body=BODY,
            )

    return await each_sends(send, senders, goes_on)


ONE_STATEMENT = """
WITH chat AS (
    UPDATE chat_svc_chat SET last_seq = last_seq + 1, version = version + 1
    WHERE id = %(chat)s AND EXISTS (
        SELECT FROM chat_svc_membership WHERE chat_id = %(chat)s AND user_id = %(sender)s AND state = 'active'
    )
    RETURNING id, last_seq, version
)
INSERT INTO chat_svc_message (chat_id, seq, version, sender_id, client_id, kind, body, created_at)
SELECT id, last_seq, version, %(sender)s, %(client)s, 'text', %(body)s, now() FROM chat
RETURNING seq, version, created_at
"""


async def one_statement(ground: Ground, senders: Senders, goes_on: GoesOn) -> list[float]:
    async with AsyncConnectionPool(
        ground.url, min_size=POOL_SIZE, max_size=POOL_SIZE, kwargs={"autocommit": True, "prepare_threshold": 0}
    ) as pool:

        async def send(chat: UUID, sender: UUID) -> None:
            async with pool.connection() as connection:
                found = await connection.execute(
                    ONE_STATEMENT, {"chat": chat, "sender": sender, "client": uuid4(), "body": BODY}
                )
                if await found.fetchone() is None:
                    raise PermissionError

        return await each_sends(send, senders, goes_on)


async def each_sends(send: Send, senders: Senders, goes_on: GoesOn) -> list[float]:
    waits: list[float] = []

    async def keep_sending(chat: UUID, sender: UUID) -> None:
        while goes_on():
            began = time.perf_counter()
            await send(chat, sender)
            waits.append(time.perf_counter() - began)

    async with asyncio.TaskGroup() as group:
        for chat, sender in senders:
            group.create_task(keep_sending(chat, sender))
    return waits


async def bare_commit(ground: Ground, senders: Senders, goes_on: GoesOn) -> list[float]:
    """The row alone, numbered by the client, unchecked, without a loop or a pool: what a commit costs here."""
    ((chat, sender),) = senders
    waits = []
    statement = """
        INSERT INTO chat_svc_message (chat_id, seq, version, sender_id, client_id, kind, body, created_at)
        VALUES (%s, %s, %s, %s, %s, 'text', %s, now())
    """
    with psycopg.connect(ground.url, autocommit=True, prepare_threshold=0) as connection:
        while goes_on():
            began, seq = time.perf_counter(), len(waits) + 1
            connection.execute(statement, [chat, seq, SENDERS + seq, sender, uuid4(), BODY])
            waits.append(time.perf_counter() - began)
        connection.execute(
            "UPDATE chat_svc_chat SET last_seq = %s, version = %s WHERE id = %s", [seq, SENDERS + seq, chat]
        )
    return waits
