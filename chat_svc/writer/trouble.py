"""A batch gets its outcomes, also from a database that is away, locked, or refuses one of its messages."""

import logging
from collections.abc import Sequence

from django.db import DatabaseError, OperationalError, connection

from abdre.db import sweep_pool
from chat_svc.writer.careful import stored_carefully
from chat_svc.writer.postgres import stored_on_postgres
from chat_svc.writer.posts import Outcome, Post, unavailable

log = logging.getLogger(__name__)


def stored(posts: Sequence[Post]) -> list[Outcome]:
    if not _connected():
        return [unavailable(post) for post in posts]
    try:
        return _in_one_transaction(posts)
    except DatabaseError:
        # One poisonous message, one chat that somebody keeps locked, or a connection that died: chat by chat, so that
        # the others do not pay for it.
        log.warning("batch failed, retrying chat by chat", extra={"messages": len(posts)}, exc_info=True)
        connection.close()
    return _stored_by_chat(posts)


def _connected() -> bool:
    """Whether the database can be had. The pool waits for seconds, so who hears no does not ask for each message."""
    try:
        if connection.connection is None:
            sweep_pool()
        connection.ensure_connection()
    except DatabaseError:
        log.warning("database away", exc_info=True)
        return False
    return True


def _stored_by_chat(posts: Sequence[Post]) -> list[Outcome]:
    outcomes: dict[tuple[int, int, int], Outcome] = {}
    for chat_id in dict.fromkeys(post.chat_id for post in posts):
        if not _connected():
            break
        of_chat = [post for post in posts if post.chat_id == chat_id]
        outcomes |= zip([post.key for post in of_chat], _stored_of_chat(of_chat), strict=True)
    return [outcomes.get(post.key) or unavailable(post) for post in posts]


def _stored_of_chat(posts: Sequence[Post]) -> list[Outcome]:
    try:
        return _in_one_transaction(posts)
    except OperationalError:  # the lock or the connection; the next message would fare no better
        log.exception("chat cannot be written", extra={"messages": len(posts)})
        connection.close()
        return [unavailable(post) for post in posts]
    except DatabaseError:
        connection.close()
        return [_stored_alone(post) for post in posts]


def _stored_alone(post: Post) -> Outcome:
    try:
        return _in_one_transaction([post])[0]
    except DatabaseError:
        log.exception("message not stored")
        connection.close()
        return unavailable(post)


def _in_one_transaction(posts: Sequence[Post]) -> list[Outcome]:
    return stored_on_postgres(posts) if connection.vendor == "postgresql" else stored_carefully(posts)
