"""A PostgreSQL database out to one file and back, by its own tools and of one moment."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from abdre.backup.manifest import BackupProblem, Content

DUMP = "database.dump"
COMPRESSION = "1"  # gzip's quickest: half the time of the usual level for a tenth more bytes
# Who owns what is said anew when it is put back (grant_app_role). Comments on extensions only their owners may set.
PLAIN = ("--no-owner", "--no-privileges", "--no-comments")
CONTENT = "SELECT count(*), coalesce(sum(hashtextextended(one::text, 0)::numeric), 0)::text FROM {table} AS one"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
FUNCTIONS = """
SELECT p.oid::regprocedure::text FROM pg_proc p
WHERE p.pronamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
# Of other roles' sessions an owner who is no superuser sees who they are, and no kind; the server's own have no name.
OTHERS = """
SELECT count(*), coalesce(string_agg(DISTINCT usename, ', '), '') FROM pg_stat_activity
WHERE datname = current_database() AND usename IS NOT NULL
    AND coalesce(backend_type, 'client backend') = 'client backend'
    AND application_name <> current_setting('application_name')
"""


def server_version() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return str(cursor.fetchone()[0])


def outdated_client(server: int) -> str:
    """Why pg_dump refuses a server of this major version; empty: it does not, or is not installed here."""
    path = shutil.which("pg_dump")
    if path is None:
        return ""
    asked = [path, "--version"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout  # noqa: S603  # found on our PATH
    [version] = re.findall(r"\(PostgreSQL\) (\d+)", said)
    return f"pg_dump is of PostgreSQL {version}, and refuses a server of {server}" if int(version) < server else ""


def dump(folder: Path, *, tell: Callable[[str], None]) -> dict[str, Content]:
    """Write the database as it is at this moment; what each table holds then. Raises BackupProblem."""
    postgresql: Any = connection
    server = postgresql.pg_version // 10_000
    if problem := outdated_client(server):
        raise BackupProblem(f"{problem}. Make the backup where postgresql-client-{server} or a newer one is installed.")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # This transaction only holds the moment while pg_dump works, for as long as that takes.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        [snapshot] = cursor.fetchone()
        options = ("--format=custom", f"--compress={COMPRESSION}", f"--snapshot={snapshot}", *PLAIN)
        with _start("pg_dump", *options, f"--file={folder / DUMP}") as dumping:
            try:
                content = contents(tell=tell)
                tell("waiting for pg_dump")
                _wait(dumping)
            finally:
                dumping.kill()  # nothing where it has ended
    return content


def contents(*, tell: Callable[[str], None]) -> dict[str, Content]:
    """Each table's rows and the sum of their hashes, whatever their order."""
    found: dict[str, Content] = {}
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for [table] in cursor.fetchall():
            tell(f"adding up {table}")
            cursor.execute(sql.SQL(CONTENT).format(table=sql.Identifier(table)))
            found[table] = Content(*cursor.fetchone())
    return found


def is_readable(folder: Path) -> None:
    """Raises BackupProblem where pg_restore makes nothing of the dump."""
    with _start("pg_restore", "--list", str(folder / DUMP)) as listing:
        _wait(listing)


def load(folder: Path, *, jobs: int) -> None:
    """Raises BackupProblem; what is there by then is part of the database and of no use."""
    database = f"--dbname={connection.settings_dict['NAME']}"
    options = ("--exit-on-error", f"--jobs={jobs}", database, *PLAIN)
    with _start("pg_restore", *options, str(folder / DUMP)) as loading:
        _wait(loading)


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        return [name for [name] in cursor.fetchall()]


def go_by_a_name() -> None:
    """So that the pool's connections are known for this process's own. Called before the first is made."""
    os.environ["PGAPPNAME"] = f"abdre restore {os.getpid()}"


def users() -> str:
    """Who else is connected, in words; empty: nobody."""
    with connection.cursor() as cursor:
        cursor.execute(OTHERS)
        count, names = cursor.fetchone()
    return f"{count} connections by {names}" if count else ""


def clear() -> None:
    """Drop every table and function of the schema; extensions and rights on the schema stay."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables():
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(sql.Identifier(table)))
        cursor.execute(FUNCTIONS)
        for [function] in cursor.fetchall():
            cursor.execute(f"DROP FUNCTION IF EXISTS {function} CASCADE")


def _start(program: str, *options: str) -> "subprocess.Popen[str]":
    path = shutil.which(program)
    if path is None:
        raise BackupProblem(f"{program} is not installed: apt-get install postgresql-client, of the server's version.")
    command = [path, "--no-password", *options]
    return subprocess.Popen(  # noqa: S603  # found on our PATH, and no shell reads the words
        command, env=_environment(), text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


def _wait(process: "subprocess.Popen[str]") -> None:
    _, said = process.communicate()
    if process.returncode:
        raise BackupProblem(said.strip()[-2000:] or f"ended with {process.returncode}")


def _environment() -> dict[str, str]:
    """How to get to the database. By variables: arguments are seen by everybody on the machine."""
    to: dict[str, Any] = connection.settings_dict
    where = {"PGHOST": to["HOST"], "PGPORT": to["PORT"], "PGUSER": to["USER"], "PGDATABASE": to["NAME"]}
    if attributes := to["OPTIONS"].get("target_session_attrs"):  # of several hosts, which one
        where["PGTARGETSESSIONATTRS"] = attributes
    _, secret = connection.client.settings_to_cmd_args_env(to, [])  # the password, and how TLS is checked
    return {**os.environ, **{name: str(value) for name, value in where.items() if value}, **(secret or {})}
