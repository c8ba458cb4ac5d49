"""What all peers stand on: one PostgreSQL that keeps its word, one Redis, and which core is whose."""

from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg import sql

from deploy.ci.servers import Postgres, Redis

# Counting statements costs a little, so it counts only where it is asked to.
SETTINGS = """
shared_preload_libraries = 'pg_stat_statements'
pg_stat_statements.track = 'none'
max_wal_size = '4GB'
"""


class DurablePostgres(Postgres):
    """fsync and synchronous_commit on, as in operation; on certain CPUs."""

    def __init__(self, cpus: str) -> None:
        super().__init__(durable=True, max_connections=300)
        self.cpus = cpus

    def start(self) -> None:
        self.make_cluster()
        with (self.cluster / "postgresql.conf").open("a") as file:
            file.write(SETTINGS)
        self.start_again()

    def spawn(self, command: list[str], **options: Any) -> None:
        super().spawn(["taskset", "-c", self.cpus, *command], **options)


class PinnedRedis(Redis):
    def __init__(self, cpus: str) -> None:
        super().__init__()
        self.cpus = cpus

    def spawn(self, command: list[str], **options: Any) -> None:
        super().spawn(["taskset", "-c", self.cpus, *command], **options)


class Stores:
    """Both for a whole bench; a database for each peer that asks for one."""

    def __init__(self, cpus: str) -> None:
        self.cpus = cpus
        self.databases: dict[str, str] = {}

    def __enter__(self) -> Self:
        self.belongings = ExitStack()
        self.postgres = self.belongings.enter_context(DurablePostgres(self.cpus))
        self.redis = self.belongings.enter_context(PinnedRedis(self.cpus))
        self.execute("CREATE EXTENSION pg_stat_statements")
        return self

    def __exit__(self, *_: object) -> None:
        self.belongings.close()

    def database(self, name: str) -> str:
        if name not in self.databases:
            self.databases[name] = self.postgres.create_database(name)
        return self.databases[name]

    def execute(self, statement: str, *, database: str = "postgres") -> list[tuple[Any, ...]]:
        with psycopg.connect(self.postgres.url(database), autocommit=True) as connection:
            cursor = connection.execute(sql.SQL(statement))  # type: ignore[arg-type]  # our own text
            return cursor.fetchall() if cursor.description else []

    def count_statements(self, *, wanted: bool) -> None:
        self.execute(f"ALTER SYSTEM SET pg_stat_statements.track = '{'top' if wanted else 'none'}'")
        self.execute("SELECT pg_reload_conf()")

    def statements(self) -> int:
        """All that clients asked for so far, transaction control included."""
        return int(self.execute("SELECT coalesce(sum(calls), 0) FROM pg_stat_statements")[0][0])

    def fresh_redis(self) -> None:
        """No peer inherits what another left."""
        import redis

        redis.Redis.from_url(self.redis.url).flushall()

    def versions(self) -> dict[str, str]:
        import redis

        server = str(self.execute("SHOW server_version")[0][0])
        information: Any = redis.Redis.from_url(self.redis.url).info("server")
        return {"PostgreSQL": server, "Redis": str(information["redis_version"])}


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    import os
    import platform

    cpu = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    memory = Path("/proc/meminfo").read_text().split()[1]
    return {
        "CPU": cpu.partition(":")[2].strip() or platform.machine(),
        "cores": str(os.cpu_count()),
        "memory": f"{int(memory) / 2**20:.0f} GiB",
        "kernel": platform.release().partition("-")[0],
        "Python": platform.python_version(),
    }
