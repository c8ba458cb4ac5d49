"""The replica: is it there, is it one, and does it keep up?"""

from collections.abc import Iterator
from typing import Any

import psycopg
from django.db import connection, connections

from abdre.doctor.findings import Finding
from abdre.replica import REPLICA

CHECK, NAME = "replica", "ABDRE_DATABASE_REPLICA_URL"
# Four WAL segments: one that replays is mostly less than one behind.
BEHIND_BYTES = 64 * 1024 * 1024
FACTS = "SELECT pg_is_in_recovery(), to_regclass('chat_svc_chat') IS NOT NULL"


def look() -> Iterator[Finding]:
    parameters: dict[str, Any] = connections[REPLICA].get_connection_params()
    try:
        with psycopg.connect(**{**parameters, "autocommit": True}) as replica:
            yield from _about(replica)
    except psycopg.OperationalError as problem:
        said = " ".join(str(problem).split())
        yield Finding(CHECK, "wrong", f"No connection by {NAME}: {said}", "Start it, or put address and password right")


def _about(replica: "psycopg.Connection[Any]") -> Iterator[Finding]:
    [(only_reads, has_tables)] = replica.execute(FACTS)
    if not only_reads:
        yield Finding(CHECK, "wrong", f"{NAME} leads to a server that writes", "Name a streaming replica, or none")
    elif not has_tables:
        yield Finding(CHECK, "wrong", f"{NAME} leads to a database without chats", "Name that of DATABASE_URL there")
    elif (behind := _bytes_behind(replica)) > BEHIND_BYTES:
        what = f"It is {behind // 1024**2} MB of changes behind, so that the primary answers for it"
        yield Finding(CHECK, "note", what, "Look at its log and at pg_stat_replication of the primary")


def _bytes_behind(replica: "psycopg.Connection[Any]") -> int:
    with connection.cursor() as primary:
        primary.execute("SELECT pg_current_wal_insert_lsn()")
        [written] = primary.fetchone()
    [(behind,)] = replica.execute("SELECT pg_wal_lsn_diff(%s, pg_last_wal_replay_lsn())", [written])
    return int(behind)
