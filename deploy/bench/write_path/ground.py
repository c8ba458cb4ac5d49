"""The database of a run: ours on a PostgreSQL of its own, with people in it, and with chats of any size."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import psycopg

from deploy.ci.servers import Postgres

BODY = ("It is about two hundred characters long, as people write them. " * 4)[:200]
HISTORY = 100_000  # messages that are there before the first run, so that no plan is made for an empty table
SENDERS = 64
TUTORIAL = "tutorial"  # the tutorial's own connection, in Django's settings


class Ground:
    """The database, the people in it, and the chats of the next run."""

    def __init__(self, server: Postgres, url: str) -> None:
        self.server = server
        self.url = url
        self.sql = psycopg.connect(url, autocommit=True)
        self.people: list[UUID] = []

    def fill(self) -> None:
        from user_svc.services import create_member

        names = [f"person{number}" for number in range(SENDERS)]
        self.people = [create_member(username=name, password=None, display_name=name).id for name in names]
        for chat in self.chats(10):
            self.grow(chat, HISTORY // 10)
        self.sql.execute("VACUUM ANALYZE")

    def chats(self, count: int) -> list[UUID]:
        """New chats in which everybody is."""
        chats = [uuid4() for _ in range(count)]
        self.sql.execute(
            """
            INSERT INTO chat_svc_chat (id, kind, title, created_by_id, created_at, last_seq, version, own_version,
                last_message_at)
            SELECT id, 'group', 'bench', %s, now(), 0, %s, 0, now() FROM unnest(%s::uuid[]) id
            """,
            [self.people[0], len(self.people), chats],
        )
        self.sql.execute(
            """
            INSERT INTO chat_svc_membership (chat_id, user_id, role, state, joined_at, read_seq, version)
            SELECT chat, person, 'member', 'active', now(), 0, n
            FROM unnest(%s::uuid[]) chat, unnest(%s::uuid[]) WITH ORDINALITY people(person, n)
            """,
            [chats, self.people],
        )
        return chats

    def grow(self, chat: UUID, size: int) -> None:
        """Until `size` messages are stored in the chat."""
        with self.sql.transaction():
            self.sql.execute("SET LOCAL session_replication_role = replica")  # the keys are known to be right
            self.sql.execute(
                """
                INSERT INTO chat_svc_message (chat_id, seq, version, sender_id, client_id, kind, body, created_at)
                SELECT chat.id, seq, chat.version - chat.last_seq + seq, (%s::uuid[])[1 + seq %% %s],
                    gen_random_uuid(), 'text', %s, now()
                FROM chat_svc_chat chat, generate_series(chat.last_seq + 1, %s) seq WHERE chat.id = %s
                """,
                [self.people, len(self.people), BODY, size, chat],
            )
            self.sql.execute(
                "UPDATE chat_svc_chat SET version = version - last_seq + %s, last_seq = %s WHERE id = %s",
                [size, size, chat],
            )

    def stored(self, chats: Sequence[UUID]) -> int:
        """The number of messages in the chats, each numbered without holes."""
        rows = self.sql.execute(
            """
            SELECT chat.last_seq, count(message.seq), coalesce(min(message.seq), 1), coalesce(max(message.seq), 0)
            FROM chat_svc_chat chat LEFT JOIN chat_svc_message message ON message.chat_id = chat.id
            WHERE chat.id = ANY(%s) GROUP BY chat.id
            """,
            [list(chats)],
        ).fetchall()
        for last_seq, count, lowest, highest in rows:
            if not (lowest == 1 and last_seq == count == highest):
                raise RuntimeError(f"holes: {count} messages from {lowest} to {highest}, last_seq {last_seq}")
        return sum(count for _, count, _, _ in rows)

    def cpu_s(self) -> float:
        """Used so far by this process and by PostgreSQL, its ended backends too."""
        assert self.server.process is not None
        postmaster = self.server.process.pid
        ended = Path(f"/proc/{postmaster}/stat").read_text().rpartition(")")[2].split()[13:15]
        living = [os.getpid(), postmaster, *children_of(postmaster)]
        ticks = os.sysconf("SC_CLK_TCK")
        return sum(int(value) for value in ended) / ticks + sum(used_s(process) for process in living)


def children_of(process: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def used_s(process: int) -> float:
    """By the scheduler's count, which is in nanoseconds; 0 for who ended meanwhile."""
    try:
        threads = [int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{process}/task").iterdir()]
    except OSError:
        return 0
    return sum(threads) / 1e9


@contextmanager
def ground() -> Iterator[Ground]:
    """Our tables on a PostgreSQL of our own, in this process; nothing of the caller's settings."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="abdre-bench-"))
        server = stack.enter_context(Postgres(durable=True))
        url = server.create_database("abdre")
        os.environ |= {
            "ABDRE_DATA_DIR": folder,
            "DATABASE_URL": url,
            "REDIS_URL": "",
            "ABDRE_LOG_LEVEL": "WARNING",
            "DJANGO_SETTINGS_MODULE": "abdre.settings.all_in_one",
        }
        place = Ground(server, url)
        stack.callback(place.sql.close)
        set_up(stack)
        place.fill()
        yield place


def set_up(stack: ExitStack) -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    from abdre import garbage
    from chat_svc.writer import writer

    # The tutorial's way at its best: one connection that stays, instead of a new one or the pool's for each message.
    own = {**connections.settings["default"], "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": False, "OPTIONS": {}}
    settings.DATABASES[TUTORIAL] = connections.settings[TUTORIAL] = own
    call_command("migrate", verbosity=0)
    garbage.look_seldom()  # as each role's server does when it starts
    stack.callback(connections.close_all)
    stack.callback(writer.stop)
