"""A PostgreSQL of our own with the demo's town in it, and its API asked in this process."""

import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from deploy.bench.write_path.ground import children_of, used_s
from deploy.ci.servers import Postgres

NUMBERS = 200


@dataclass
class Ground:
    """`seeded_s` is what `seed_demo` took, without PostgreSQL's start and the tables."""

    seeded_s: float
    postmaster: int = 0
    numbers: list[str] = field(default_factory=list)  # each in one message that `demo` may read
    largest: list[tuple[str, int]] = field(default_factory=list)  # chats with their last seq
    headers: dict[str, dict[str, str]] = field(default_factory=dict)

    def ask(self, login: str, address: str) -> Any:
        from django.test import Client

        answer = Client().get(address, headers=self.headers[login])
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code} {answer.content!r}")
        return json.loads(answer.content)

    def cpu_s(self) -> float:
        """Used so far by this process and by PostgreSQL's that live."""
        return sum(used_s(process) for process in (os.getpid(), self.postmaster, *children_of(self.postmaster)))

    def chats_of(self, login: str) -> list[str]:
        return [chat["id"] for chat in self.ask(login, "/api/chats?limit=200")["items"]]

    def know(self, logins: tuple[str, ...]) -> None:
        from django.db import connection

        from abdre.store import store
        from abdre.tokens import ALIVE, AccessToken, session_key

        with connection.cursor() as sql:
            sql.execute("SELECT pg_backend_pid()")
            [[backend]] = sql.fetchall()
            self.postmaster = int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])
            for login in logins:
                sql.execute("SELECT id FROM user_svc_user WHERE username = %s", [login])
                [[user_id]], session_id = sql.fetchall(), uuid4()
                store.put(session_key(session_id), ALIVE, ttl_s=3600)
                token = AccessToken.issue(user_id=user_id, session_id=session_id)
                self.headers[login] = {"Authorization": f"Bearer {token}"}
            sql.execute(
                """
                SELECT substring(body FROM '#([0-9a-f]{8,})$') FROM chat_svc_message TABLESAMPLE BERNOULLI (5)
                JOIN chat_svc_membership USING (chat_id) JOIN user_svc_user person ON person.id = user_id
                WHERE username = %s AND body ~ '#[0-9a-f]{8,}$' LIMIT %s
                """,
                [logins[0], NUMBERS],
            )
            self.numbers = [number for (number,) in sql.fetchall()]
            sql.execute("SELECT id::text, last_seq FROM chat_svc_chat ORDER BY last_seq DESC LIMIT 50")
            self.largest = sql.fetchall()


@contextmanager
def ground(messages: int) -> Iterator[Ground]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="abdre-bench-"))
        server = stack.enter_context(Postgres(durable=True))
        os.environ |= {
            "ABDRE_DATA_DIR": folder,
            "DATABASE_URL": server.create_database("abdre"),
            "REDIS_URL": "",
            "ABDRE_LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "abdre.settings.all_in_one",
        }
        yield _seeded(stack, messages)


@contextmanager
def found() -> Iterator[Ground]:
    """The town that DATABASE_URL points to already."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="abdre-bench-"))
        given = {"ABDRE_DATA_DIR": str(Path(folder)), "DJANGO_SETTINGS_MODULE": "abdre.settings.all_in_one"}
        os.environ |= {**given, "ABDRE_LOG_LEVEL": "ERROR"}
        yield _seeded(stack, 0)


def _seeded(stack: ExitStack, messages: int) -> Ground:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from chat_svc.api import search
    from deploy.bench.reading.asked import EVERYWHERE, MEMBER

    stack.callback(connections.close_all)
    search.SEARCHES_PER_MINUTE = 10**9  # nobody types so fast
    call_command("migrate", verbosity=0)
    began = time.monotonic()
    if messages:
        call_command("seed_demo", messages=messages, chats=min(1000, messages))
    place = Ground(time.monotonic() - began)
    place.know((MEMBER, EVERYWHERE))
    return place
