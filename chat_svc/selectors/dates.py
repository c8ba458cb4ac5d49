"""Where in a chat a day begins. Messages are numbered in the order of their times, so it is found by halving."""

import datetime as dt
from uuid import UUID

from django.db import connection

from chat_svc.errors import MessageNotFound
from chat_svc.models import Message
from chat_svc.selectors.chats import membership_or_refusal
from chat_svc.selectors.readable import first_readable

# About twenty rows are read by their key for a million messages; no index by time, which every message would pay for.
HALVING = """
WITH RECURSIVE halving(low, high) AS (
    SELECT CAST(%(low)s AS bigint), CAST(%(high)s AS bigint)
    UNION ALL
    SELECT CASE WHEN created_at < %(moment)s THEN seq + 1 ELSE low END,
        CASE WHEN created_at < %(moment)s THEN high ELSE seq END
    FROM halving JOIN chat_svc_message message ON chat_id = %(chat)s AND seq = (low + high) / 2
    WHERE low < high
)
SELECT low FROM halving WHERE low = high
"""


def first_of_day(*, chat_id: UUID, user_id: UUID, day: dt.date) -> int:
    """The `seq` of the first message of that day (UTC) or later, else of the newest.

    Raises ChatNotFound, MessageNotFound.
    """
    membership = membership_or_refusal(chat_id, user_id)
    first, last = first_readable(membership), membership.chat.last_seq
    if first > last:
        raise MessageNotFound
    moment = dt.datetime.combine(day, dt.time(), dt.UTC)
    return min(first_since(moment, chat_id=chat_id, low=first, high=last + 1), last)


def first_since(moment: dt.datetime, *, chat_id: UUID, low: int, high: int) -> int:
    """Of the messages from `low` to before `high`, all of which are there, the first of that moment or later;
    `high` where there is none."""
    values = {
        "low": low,
        "high": high,
        "moment": connection.ops.adapt_datetimefield_value(moment),
        "chat": Message._meta.get_field("chat").get_db_prep_value(chat_id, connection),
    }
    with connection.cursor() as cursor:
        cursor.execute(HALVING, values)
        return int(cursor.fetchone()[0])
