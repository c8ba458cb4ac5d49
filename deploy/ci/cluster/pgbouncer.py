"""PgBouncer before one PostgreSQL of this machine: a connection is somebody's for one transaction."""

import os
import signal
from collections.abc import Mapping

from deploy.ci.servers import Postgres, Server, program

CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={postgres}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {folder}/users
pool_mode = transaction
max_client_conn = 500
default_pool_size = 40
server_connect_timeout = 2
server_login_retry = 1
query_wait_timeout = 3
"""


class PgBouncer(Server):
    name = "pgbouncer"
    stop_signal = signal.SIGTERM

    def __init__(self, postgres_port: int, *, passwords: Mapping[str, str]) -> None:
        super().__init__()
        identity = Postgres.identity()
        if identity:
            os.chown(self.folder, identity["user"], identity["group"])
        text = CONFIGURATION.format(postgres=postgres_port, port=self.port, folder=self.folder)
        (self.folder / "pgbouncer.ini").write_text(text)
        (self.folder / "users").write_text("".join(f'"{who}" "{word}"\n' for who, word in passwords.items()))

    def start(self) -> None:
        command = [program("pgbouncer", package="pgbouncer"), str(self.folder / "pgbouncer.ini")]
        self.launch(command, **Postgres.identity())
