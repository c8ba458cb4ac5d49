"""A batch on PostgreSQL: two statements and their commit in one round trip.

Lock the chats' rows in id order, then, with the fresh snapshot of a new statement, check, number and insert. A message
alone is one statement.
"""

import json
import logging
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection

from abdre.lookups import uuid_array
from abdre.wire import utc
from chat_svc.events import new_message_json
from chat_svc.writer.careful import stored_carefully
from chat_svc.writer.posts import Outcome, Post, Sent, known, refusal, unavailable
from user_svc.selectors import UserJson, user_card

log = logging.getLogger(__name__)

LOCK = "SELECT id FROM chat_svc_chat WHERE id = ANY(%s::uuid[]) ORDER BY id FOR UPDATE"

# Inside one statement the snapshot would predate the wait for the lock; as a statement of its own it sees who was
# removed and what was stored meanwhile. LATERAL with a LIMIT leaves the planner nothing but the index: a plan made
# while the table was small would read all of it. Who is silenced stands in rows that are read anyway (`greatest` passes
# over what is null). Marks are set in the order of their rows, as everywhere.
WRITE = """
WITH chats AS MATERIALIZED (
    SELECT place, chat.id AS chat_id, last_seq, version,
        closed_at IS NOT NULL OR coalesce(expires_at <= statement_timestamp(), false) AS is_over,
        slow_mode_s > 0 OR announcement_only OR is_blocked OR guest_links <> 'allowed' AS has_rules
    FROM unnest(%s::uuid[]) WITH ORDINALITY asked(id, place) JOIN chat_svc_chat chat USING (id)
), checked AS (
    SELECT n, chat_id, sender_id, client_id, body, reply_to, extras, last_seq, version, is_over, has_rules,
        member.membership_id, member.display_name, member.is_guest, member.is_bot, member.picture, member.is_silenced,
        known.seq AS known_seq,
        member.membership_id IS NOT NULL AND NOT is_over AND known.seq IS NULL AND NOT has_rules
            AND NOT member.is_silenced AND (reply_to IS NULL OR reply_to BETWEEN 1 AND last_seq) AS is_fresh
    FROM unnest(%s::bigint[], %s::uuid[], %s::uuid[], %s::text[], %s::bigint[], %s::jsonb[])
        WITH ORDINALITY asked(place, sender_id, client_id, body, reply_to, extras, n)
    LEFT JOIN chats USING (place)
    LEFT JOIN LATERAL (
        SELECT membership.id AS membership_id, display_name, is_guest, is_bot, picture,
            coalesce(greatest(membership.silenced_until, person.silenced_until) > statement_timestamp(), false)
                AS is_silenced
        FROM chat_svc_membership membership JOIN user_svc_user person ON person.id = membership.user_id
        WHERE membership.chat_id = chats.chat_id AND membership.user_id = asked.sender_id AND state = 'active' LIMIT 1
    ) member ON true
    LEFT JOIN LATERAL (
        SELECT seq FROM chat_svc_message message
        WHERE message.chat_id = chats.chat_id AND message.sender_id = asked.sender_id
            AND message.client_id = asked.client_id LIMIT 1
    ) known ON true
), numbered AS MATERIALIZED (
    SELECT *, last_seq + row_number() OVER steps AS new_seq, version + row_number() OVER steps AS new_version
    FROM checked WINDOW steps AS (PARTITION BY chat_id, is_fresh ORDER BY n)
), inserted AS (
    INSERT INTO chat_svc_message (chat_id, seq, version, sender_id, client_id, kind, body, created_at, reply_to, extras)
    SELECT chat_id, new_seq, new_version, sender_id, client_id, 'text', body, statement_timestamp(), reply_to, extras
    FROM numbered WHERE is_fresh
), advanced AS (
    UPDATE chat_svc_chat chat
    SET last_seq = newest.seq, version = newest.version, last_message_at = statement_timestamp()
    FROM (
        SELECT chat_id, max(new_seq) AS seq, max(new_version) AS version FROM numbered WHERE is_fresh GROUP BY chat_id
    ) newest
    WHERE chat.id = newest.chat_id
), own_marks AS (
    UPDATE chat_svc_membership membership SET read_seq = newest.seq, uncounted = 0, mentions = 0
    FROM (
        SELECT membership_id, max(new_seq) AS seq FROM numbered WHERE is_fresh
        GROUP BY membership_id ORDER BY membership_id
    ) newest
    WHERE membership.id = newest.membership_id
)
SELECT is_fresh, membership_id IS NOT NULL, is_over, known_seq IS NOT NULL, has_rules OR is_silenced, new_seq,
    new_version, display_name, is_guest, is_bot, picture, CASE WHEN n = 1 THEN statement_timestamp() END
FROM numbered
ORDER BY n
"""


# For a message that waits alone, as most do in a quiet house: no arrays, no sorting, no statement before it. Every
# change of a chat, its members and its messages takes the chat's next version under the chat's lock; so if the version
# is still the one that was read when the row is ours, all that was read still holds. Else WRITE does it.
WRITE_ONE = """
WITH asked AS MATERIALIZED (
    SELECT last_seq, version, is_over, has_rules, membership_id, display_name, is_guest, is_bot, picture,
        is_silenced, known.seq AS known_seq,
        membership_id IS NOT NULL AND NOT is_over AND known.seq IS NULL AND NOT has_rules AND NOT is_silenced
            AND (%(reply_to)s::bigint IS NULL OR %(reply_to)s::bigint BETWEEN 1 AND last_seq) AS is_fresh
    FROM (VALUES (1)) always
    LEFT JOIN (
        SELECT id, last_seq, version,
            closed_at IS NOT NULL OR coalesce(expires_at <= statement_timestamp(), false) AS is_over,
            slow_mode_s > 0 OR announcement_only OR is_blocked OR guest_links <> 'allowed' AS has_rules
        FROM chat_svc_chat WHERE id = %(chat)s::uuid
    ) chat ON true
    LEFT JOIN (
        SELECT membership.id AS membership_id, display_name, is_guest, is_bot, picture,
            coalesce(greatest(membership.silenced_until, person.silenced_until) > statement_timestamp(), false)
                AS is_silenced
        FROM chat_svc_membership membership JOIN user_svc_user person ON person.id = membership.user_id
        WHERE membership.chat_id = %(chat)s::uuid AND membership.user_id = %(sender)s::uuid AND state = 'active'
    ) member ON true
    LEFT JOIN LATERAL (
        SELECT seq FROM chat_svc_message
        WHERE chat_id = %(chat)s::uuid AND sender_id = %(sender)s::uuid AND client_id = %(client)s::uuid LIMIT 1
    ) known ON true
), advanced AS (
    UPDATE chat_svc_chat chat
    SET last_seq = asked.last_seq + 1, version = asked.version + 1, last_message_at = statement_timestamp()
    FROM asked
    WHERE chat.id = %(chat)s::uuid AND chat.version = asked.version AND is_fresh
    RETURNING chat.last_seq AS seq, chat.version
), inserted AS (
    INSERT INTO chat_svc_message (chat_id, seq, version, sender_id, client_id, kind, body, created_at, reply_to, extras)
    SELECT %(chat)s::uuid, seq, version, %(sender)s::uuid, %(client)s::uuid, 'text', %(body)s, statement_timestamp(),
        %(reply_to)s::bigint, %(extras)s::jsonb
    FROM advanced
), own_mark AS (
    UPDATE chat_svc_membership membership SET read_seq = advanced.seq, uncounted = 0, mentions = 0
    FROM advanced, asked WHERE membership.id = asked.membership_id
)
SELECT is_fresh, membership_id IS NOT NULL, is_over, known_seq IS NOT NULL, has_rules OR is_silenced, advanced.seq,
    advanced.version, display_name, is_guest, is_bot, picture, statement_timestamp()
FROM asked LEFT JOIN advanced ON true
"""


def stored_on_postgres(posts: Sequence[Post]) -> list[Outcome]:
    """Committed when this returns."""
    # With them all others of their chats: what somebody sends keeps its order.
    careful = {post.chat_id.int for post in posts if post.needs_care}
    if not careful:
        return _stored_fast(posts)
    fast = iter(_stored_fast([post for post in posts if post.chat_id.int not in careful]))
    return [_with_care(post) if post.chat_id.int in careful else next(fast) for post in posts]


def _stored_fast(posts: Sequence[Post]) -> list[Outcome]:
    if not posts:
        return []
    rows = _alone(posts[0]) if len(posts) == 1 else []
    return _outcomes(posts, rows or _together(posts))


def _alone(post: Post) -> list[tuple[Any, ...]]:
    """Nothing where somebody else changed the chat at the same moment."""
    raw = _raw_connection()
    values = {
        "chat": post.chat_id,
        "sender": post.sender_id,
        "client": post.client_id,
        "body": post.body,
        "reply_to": post.reply_to,
        "extras": json.dumps(post.extras) if post.extras else None,
    }
    with connection.wrap_database_errors, psycopg.Cursor(raw) as cursor:
        rows = cursor.execute(WRITE_ONE, values, prepare=True).fetchall()
    is_fresh, seq = rows[0][0], rows[0][5]
    return [] if is_fresh and seq is None else rows


def _together(posts: Sequence[Post]) -> list[tuple[Any, ...]]:
    chats = {post.chat_id.int: post.chat_id for post in posts}
    places = {chat: place for place, chat in enumerate(chats, start=1)}
    ids = uuid_array(chats.values())
    asked = [
        ids,
        _array(str(places[post.chat_id.int]) for post in posts),
        uuid_array(post.sender_id for post in posts),
        uuid_array(post.client_id for post in posts),
        _array(_quoted(post.body) for post in posts),
        _array("NULL" if post.reply_to is None else str(post.reply_to) for post in posts),
        _array(_quoted(json.dumps(post.extras)) if post.extras else "NULL" for post in posts),
    ]
    raw = _raw_connection()
    # Django's own cursors bind on the client, which a pipeline does not allow. BEGIN and COMMIT are asked for by name:
    # an error of a commit that only the pipeline's end brings about would leave the connection in the middle of it.
    with connection.wrap_database_errors, psycopg.Cursor(raw) as write:
        with raw.pipeline():
            _ask(raw, "BEGIN")
            _ask(raw, LOCK, [ids])
            write.execute(WRITE, asked, prepare=True)
            _ask(raw, "COMMIT")
        return write.fetchall()


def _ask(raw: Any, statement: str, values: Sequence[str] | None = None) -> None:
    psycopg.Cursor(raw).execute(statement, values, prepare=True)


def _raw_connection() -> Any:
    connection.ensure_connection()
    raw: Any = connection.connection
    # As Django leaves it: the writer has not had this one of the pool yet. Behind PgBouncer it stays so: the next
    # transaction is another server's, which has prepared nothing.
    if raw.prepare_threshold is None and not settings.DATABASE_PGBOUNCER:
        raw.prepare_threshold = 0
        # Planning WRITE takes longer than storing a message, and its plan does not depend on the values.
        raw.execute("SET plan_cache_mode = force_generic_plan")
    return raw


# Array literals by hand: psycopg adapts lists element by element in Python.
def _array(elements: Iterable[str]) -> str:
    return "{" + ",".join(elements) + "}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _not_stored(post: Post, is_member: bool, is_over: bool, is_known: bool, has_rules: bool) -> Outcome:
    if is_member and is_known:
        return known(post)
    if is_member and has_rules and not is_over:
        return _with_care(post)
    return refusal(post, is_member=is_member, is_over=is_over)


def _with_care(post: Post) -> Outcome:
    """In a transaction of its own: what the fast statements have stored is committed, and told of, whatever happens."""
    try:
        return stored_carefully([post])[0]
    except DatabaseError:
        log.exception("message not stored")
        return unavailable(post)


def _outcomes(posts: Sequence[Post], rows: Sequence[tuple[Any, ...]]) -> list[Outcome]:
    created_at = utc(rows[0][-1])  # one statement, one moment; reading it from every row is what would cost most here
    senders: dict[int, UserJson] = {}
    outcomes: list[Outcome] = []
    for post, row in zip(posts, rows, strict=True):
        is_fresh, is_member, is_over, is_known, has_rules, seq, version, display_name, is_guest, is_bot, picture, _ = (
            row
        )
        if not is_fresh:
            outcomes.append(_not_stored(post, is_member, is_over, is_known, has_rules))
            continue
        sender = senders.get(post.sender_id.int)
        if sender is None:
            sender = user_card(str(post.sender_id), display_name, is_guest=is_guest, is_bot=is_bot, picture=picture)
            senders[post.sender_id.int] = sender
        message = new_message_json(
            chat=str(post.chat_id),
            seq=seq,
            version=version,
            client_id=str(post.client_id),
            sender=sender,
            body=post.body,
            created_at=created_at,
            reply_to=post.reply_to,
            extras=post.extras,
        )
        outcomes.append(Sent(message, created=True))
    return outcomes
