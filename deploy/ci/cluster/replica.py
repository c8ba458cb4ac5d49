"""A streaming replica of a PostgreSQL of this machine, asynchronous, whose replay can be held."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from deploy.ci.cluster.redis_nodes import until
from deploy.ci.servers import Postgres, program


class Replica(Postgres):
    name = "replica"

    def __init__(self, *, primary_port: int, password: str, max_connections: int = 200) -> None:
        super().__init__(max_connections=max_connections)
        self.primary_port = primary_port
        self.password = password

    def make_cluster(self) -> None:
        identity = self.identity()
        if identity:
            os.chown(self.folder, identity["user"], identity["group"])
        where = ["--host=127.0.0.1", f"--port={self.primary_port}", "--username=abdre"]
        how = ["--write-recovery-conf", "--checkpoint=fast", "--no-sync"]
        subprocess.run(
            [program("pg_basebackup", package="postgresql"), *where, *how, f"--pgdata={self.cluster}"],
            env={**os.environ, "PGPASSWORD": self.password},
            check=True,
            capture_output=True,
            **identity,
        )

    def ask(self, statement: str, *values: Any, of_primary: bool = False) -> Any:
        port = self.primary_port if of_primary else self.port
        address = f"postgresql://abdre:{self.password}@127.0.0.1:{port}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            row = connection.execute(statement, values).fetchone()
            return None if row is None else row[0]

    def catch_up(self) -> None:
        written = self.ask("SELECT pg_current_wal_insert_lsn()", of_primary=True)
        self.ask("SELECT pg_switch_wal()", of_primary=True)  # so that what is written is sent
        until(lambda: bool(self.ask("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", written)))

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """It shows what it has now, and nothing that is written from here on."""
        self.catch_up()
        self.ask("SELECT pg_wal_replay_pause()")
        until(lambda: self.ask("SELECT pg_get_wal_replay_pause_state()") == "paused")
        try:
            yield
        finally:
            self.ask("SELECT pg_wal_replay_resume()")
