"""A batch on PostgreSQL: two statements in one pipeline.

Lock the chats' rows in id order, then, with the fresh snapshot of a new statement, check, number and insert.
"""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection

from chat_svc.events import message_json
from chat_svc.models import Message
from chat_svc.writer.posts import Outcome, Post, Sent, known, refusal
from user_svc.selectors import UserJson

LOCK = "SELECT id FROM chat_svc_chat WHERE id = ANY(%s) ORDER BY id FOR UPDATE"

# Inside one statement the snapshot would predate the wait for the lock; as a statement of its own it sees who was
# removed and what was stored meanwhile.
WRITE = """
WITH input AS (
    SELECT * FROM unnest(%s::int[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::bigint[])
        AS input(n, chat_id, sender_id, client_id, body, reply_to)
), state AS (
    SELECT input.*, chat.last_seq, chat.version,
        coalesce(membership.state = 'active', false) AS is_member,
        coalesce(chat.closed_at IS NOT NULL OR chat.expires_at <= statement_timestamp(), false) AS is_over,
        known.seq AS known_seq
    FROM input
    LEFT JOIN chat_svc_chat chat ON chat.id = input.chat_id
    LEFT JOIN chat_svc_membership membership
        ON membership.chat_id = input.chat_id AND membership.user_id = input.sender_id
    LEFT JOIN chat_svc_message known ON known.chat_id = input.chat_id
        AND known.sender_id = input.sender_id AND known.client_id = input.client_id
), fresh AS (
    SELECT n, chat_id, sender_id, client_id, body, reply_to,
        last_seq + row_number() OVER in_chat AS seq, version + row_number() OVER in_chat AS version
    FROM state
    WHERE is_member AND NOT is_over AND known_seq IS NULL
        AND (reply_to IS NULL OR reply_to BETWEEN 1 AND last_seq)
    WINDOW in_chat AS (PARTITION BY chat_id ORDER BY n)
), inserted AS (
    INSERT INTO chat_svc_message (chat_id, seq, version, sender_id, client_id, kind, body, created_at, reply_to)
    SELECT chat_id, seq, version, sender_id, client_id, 'text', body, statement_timestamp(), reply_to FROM fresh
), advanced AS (
    UPDATE chat_svc_chat chat
    SET last_seq = newest.seq, version = newest.version, last_message_at = statement_timestamp()
    FROM (SELECT chat_id, max(seq) AS seq, max(version) AS version FROM fresh GROUP BY chat_id) newest
    WHERE chat.id = newest.chat_id
), own_mark AS (
    UPDATE chat_svc_membership membership SET read_seq = newest.seq
    FROM (SELECT chat_id, sender_id, max(seq) AS seq FROM fresh GROUP BY chat_id, sender_id) newest
    WHERE membership.chat_id = newest.chat_id AND membership.user_id = newest.sender_id
)
SELECT state.is_member, state.is_over, state.known_seq, fresh.seq, fresh.version, statement_timestamp(),
    sender.display_name, sender.is_guest
FROM state
LEFT JOIN fresh USING (n)
LEFT JOIN user_svc_user sender ON sender.id = state.sender_id
ORDER BY state.n
"""


def pipelined(posts: Sequence[Post]) -> list[Outcome]:
    connection.ensure_connection()
    raw: Any = connection.connection
    columns = [
        list(range(len(posts))),
        [post.chat_id for post in posts],
        [post.sender_id for post in posts],
        [post.client_id for post in posts],
        [post.body for post in posts],
        [post.reply_to for post in posts],
    ]
    # Django's own cursors bind on the client, which a pipeline does not allow.
    with connection.wrap_database_errors, raw.pipeline(), psycopg.Cursor(raw) as lock, psycopg.Cursor(raw) as write:
        lock.execute(LOCK, [sorted({post.chat_id for post in posts})])
        write.execute(WRITE, columns)
        rows = write.fetchall()
    return [_outcome(post, row) for post, row in zip(posts, rows, strict=True)]


def _outcome(post: Post, row: tuple[Any, ...]) -> Outcome:
    is_member, is_over, known_seq, seq, version, created_at, display_name, is_guest = row
    if is_member and known_seq is not None:
        return known(post)
    if seq is None:
        return refusal(post, is_member=is_member, is_over=is_over)
    message = Message(
        chat_id=post.chat_id,
        seq=seq,
        version=version,
        client_id=post.client_id,
        body=post.body,
        created_at=created_at,
        reply_to=post.reply_to,
    )
    sender: UserJson = {"id": str(post.sender_id), "display_name": display_name, "is_guest": is_guest}
    return Sent(message_json(message, sender=sender), created=True)
