"""A PostgreSQL primary and its synchronous replica, whom Patroni lets change places, with etcd as their notary."""

import json
import os
import secrets
import signal
import urllib.request
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self

from deploy.ci.cluster.redis_nodes import until
from deploy.ci.servers import Postgres, Server, free_port, program

# Shorter than anybody would set them, so that who waits for it does not wait long; loop_wait + 2 · retry_timeout ≤ ttl.
TTL_S, LOOP_WAIT_S, RETRY_TIMEOUT_S = 8, 1, 3
CONFIGURATION = """
scope: abdre
name: {name}
restapi: {{listen: "127.0.0.1:{api}", connect_address: "127.0.0.1:{api}"}}
etcd3: {{hosts: "127.0.0.1:{etcd}"}}
watchdog: {{mode: "off"}}
bootstrap:
  dcs:
    ttl: {ttl}
    loop_wait: {loop_wait}
    retry_timeout: {retry_timeout}
    synchronous_mode: true
    postgresql:
      use_pg_rewind: true
      parameters: {{max_connections: 200, shared_buffers: 128MB, wal_keep_size: 256MB}}
  initdb: [{{encoding: UTF8}}, {{locale: C.UTF-8}}, data-checksums]
postgresql:
  listen: "127.0.0.1:{port}"
  connect_address: "127.0.0.1:{port}"
  data_dir: {folder}/cluster
  bin_dir: {programs}
  pgpass: {folder}/pgpass
  authentication:
    superuser: {{username: abdre, password: "{password}"}}
    replication: {{username: replicator, password: "{password}"}}
    rewind: {{username: rewinder, password: "{password}"}}
  parameters: {{unix_socket_directories: {folder}}}
  pg_hba:
    - host all all 127.0.0.1/32 scram-sha-256
    - host replication replicator 127.0.0.1/32 scram-sha-256
    - local all all scram-sha-256
"""


class Etcd(Server):
    name = "etcd"

    def start(self) -> None:
        here, peers = f"http://127.0.0.1:{self.port}", f"http://127.0.0.1:{free_port()}"
        self.launch(
            [
                program("etcd", package="etcd-server"),
                f"--data-dir={self.folder}/data",
                f"--listen-client-urls={here}",
                f"--advertise-client-urls={here}",
                f"--listen-peer-urls={peers}",
                f"--initial-advertise-peer-urls={peers}",
                f"--initial-cluster=default={peers}",
                "--log-level=warn",
            ],
        )


class Member(Server):
    """Patroni and the PostgreSQL that it starts: one machine, as it were."""

    def __init__(self, name: str, *, etcd: int, password: str) -> None:
        self.name = name
        super().__init__()
        self.api = free_port()
        self.password = password
        identity = Postgres.identity()
        if identity:
            os.chown(self.folder, identity["user"], identity["group"])
        configuration = CONFIGURATION.format(
            name=name,
            api=self.api,
            etcd=etcd,
            ttl=TTL_S,
            loop_wait=LOOP_WAIT_S,
            retry_timeout=RETRY_TIMEOUT_S,
            port=self.port,
            folder=self.folder,
            programs=Path(program("pg_controldata", package="postgresql")).resolve().parent,
            password=password,
        )
        (self.folder / "patroni.yaml").write_text(configuration)

    def start(self) -> None:
        self.launch([program("patroni", package="patroni"), str(self.folder / "patroni.yaml")], **Postgres.identity())

    def is_ready(self) -> bool:
        return self.state().get("state") == "running"

    def state(self) -> dict[str, Any]:
        """What Patroni says of itself; nothing while it does not answer."""
        with (
            suppress(OSError, ValueError),
            urllib.request.urlopen(f"http://127.0.0.1:{self.api}/patroni", timeout=2) as it,
        ):
            return dict(json.load(it))
        return {}

    @property
    def is_primary(self) -> bool:
        return self.state().get("role") in ("master", "primary")

    @property
    def is_synchronous(self) -> bool:
        return bool(self.state().get("sync_standby"))

    def kill(self) -> None:
        """As when the power goes: Patroni and PostgreSQL end at once."""
        postmaster = self._postmaster()
        self.halt(signal.SIGKILL)
        if postmaster is not None:
            with suppress(ProcessLookupError):
                os.kill(postmaster, signal.SIGKILL)

    def _postmaster(self) -> int | None:
        try:
            return int((self.folder / "cluster/postmaster.pid").read_text().split()[0])
        except (OSError, IndexError):
            return None

    def stop(self) -> None:
        postmaster = self._postmaster()
        self.halt()  # Patroni stops its PostgreSQL
        if postmaster is not None and Path(f"/proc/{postmaster}/cmdline").exists():
            with suppress(ProcessLookupError):
                os.kill(postmaster, signal.SIGKILL)
        super().stop()


class Patroni:
    """Two members: what a commit is acknowledged for is on both."""

    def __init__(self) -> None:
        self.password = secrets.token_urlsafe(24)
        self._belongings = ExitStack()

    def __enter__(self) -> Self:
        try:
            self.etcd = self._belongings.enter_context(Etcd())
            self.members = [self._add("one"), self._add("two")]
            until(self.is_whole)
        except BaseException:
            self._belongings.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._belongings.close()

    def _add(self, name: str) -> Member:
        member = self._belongings.enter_context(Member(name, etcd=self.etcd.port, password=self.password))
        until(lambda: any(one.is_primary for one in [member, *getattr(self, "members", [])]) or name != "one")
        return member

    def is_whole(self) -> bool:
        return any(one.is_primary for one in self.members) and any(one.is_synchronous for one in self.members)

    @property
    def primary(self) -> Member:
        return next(one for one in self.members if one.is_primary)

    @property
    def replica(self) -> Member:
        return next(one for one in self.members if not one.is_primary)

    def url(self, database: str = "postgres") -> str:
        """Of the primary, whichever it is."""
        hosts = ",".join(f"127.0.0.1:{one.port}" for one in self.members)
        return f"postgresql://abdre:{self.password}@{hosts}/{database}?target_session_attrs=read-write"

    def create_database(self, name: str) -> str:
        import psycopg
        from psycopg import sql

        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)
