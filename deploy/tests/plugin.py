"""Gives a test run its surroundings before Django reads its settings: `--on sqlite` (the default) or `--on postgres`.

Loaded by `-p` in pyproject.toml, because a conftest comes too late: pytest-django reads the settings before it.
"""

import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from deploy.ci.cluster.redis_nodes import Cluster, Sentinels
from deploy.ci.servers import Postgres, Redis, make_keys
from deploy.tests import openapi

# Set by whoever runs the suites, to add their tallies up.
TALLY_FILE = "ABDRE_TALLY_FILE"
SERVERS: dict[str, Callable[[], Any]] = {
    "server": Redis,
    "sentinel": Sentinels,
    "cluster": partial(Cluster, has_replicas=False),
}
BELONGINGS = pytest.StashKey[ExitStack]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--on",
        choices=["sqlite", "postgres"],
        default="sqlite",
        help="sqlite: one process with the memory store; postgres: private PostgreSQL and Redis, started for this run",
    )
    parser.addoption(
        "--redis",
        choices=["server", "sentinel", "cluster"],
        default="server",
        help="with --on postgres: what stands behind REDIS_URL",
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    belongings = ExitStack()
    early_config.stash[BELONGINGS] = belongings
    early_config.add_cleanup(belongings.close)
    folder = Path(tempfile.mkdtemp(prefix="abdre-test-"))
    belongings.callback(shutil.rmtree, folder, ignore_errors=True)
    forget_the_callers_settings()
    os.environ |= {
        "ABDRE_DATA_DIR": str(folder),
        "ABDRE_TEST_SQLITE": str(folder / "test.sqlite3"),
        "ABDRE_ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        "ABDRE_LOG_LEVEL": "ERROR",
    }
    if early_config.known_args_namespace.on == "postgres":
        os.environ |= surroundings_of_a_role(folder, belongings, kind=early_config.known_args_namespace.redis)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "abdre.settings.all_in_one")
    return (yield)


def forget_the_callers_settings() -> None:
    """A test run must not reach the database that the caller's shell points to."""
    for name in list(os.environ):
        plain = name.removesuffix("_FILE")
        if name != TALLY_FILE and (plain.startswith("ABDRE_") or plain in {"DATABASE_URL", "REDIS_URL", "SECRET_KEY"}):
            del os.environ[name]


def surroundings_of_a_role(folder: Path, belongings: ExitStack, *, kind: str) -> dict[str, str]:
    postgres = belongings.enter_context(Postgres())
    redis = belongings.enter_context(SERVERS[kind]())
    return {
        "DATABASE_URL": postgres.url("abdre"),
        "REDIS_URL": redis.url,
        "SECRET_KEY": secrets.token_urlsafe(48),
        **make_keys(folder),
    }


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out (not skip) what only the other surroundings can show."""
    other = {"sqlite": "postgres", "postgres": "sqlite"}[config.getoption("--on")]
    left_out = [item for item in items if item.get_closest_marker(other)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(autouse=True, scope="session")
def answers_keep_the_schema(pytestconfig: pytest.Config) -> Iterator[None]:
    """Whatever the services' tests are answered is held to the API's schema."""
    if not pytestconfig.pluginmanager.has_plugin("django"):
        yield
        return
    from django.test import Client

    ask = Client.request

    def request(client: Client, **environ: Any) -> Any:
        answer = ask(client, **environ)
        is_json = answer.headers.get("Content-Type") == openapi.JSON
        body = json.loads(answer.content) if is_json and answer.content else None
        target = f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"
        wrong = openapi.problems(environ["REQUEST_METHOD"], target, answer.status_code, answer.headers, body)
        assert not wrong, wrong
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Client, "request", request)
        yield


@pytest.fixture(autouse=True)
def no_rule_is_known(pytestconfig: pytest.Config) -> None:
    """Each process keeps the filter's rules for a moment: those of one test are not those of the next, and whoever
    counts questions need not count that one."""
    if pytestconfig.pluginmanager.has_plugin("django"):
        from django.apps import apps

        if apps.is_installed("chat_svc"):
            from chat_svc.selectors.filtering import know_of_none

            know_of_none()


# What `migrate` puts there: the same for all tests, and slow to make anew.
KEPT_TABLES = {
    *("django_migrations", "django_content_type", "auth_permission"),
    *("auth_group", "auth_group_permissions"),
}


@pytest.fixture(autouse=True, scope="session")
def only_what_was_written_is_erased(pytestconfig: pytest.Config) -> Iterator[None]:
    """After a test with transactions of its own, in place of Django's flush.

    That empties every table, one by one a new file on PostgreSQL, and then makes all permissions anew: more work than
    most of the tests themselves.
    """
    if not pytestconfig.pluginmanager.has_plugin("django"):
        yield
        return
    from django.test import TransactionTestCase

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: erase_what_was_written())
        yield


def erase_what_was_written() -> None:
    from django.db import connection, transaction

    if not connection.settings_dict["NAME"]:
        return  # a role without a database
    tables = sorted(set(connection.introspection.django_table_names(only_existing=True)) - KEPT_TABLES)
    names = {table: connection.ops.quote_name(table) for table in tables}
    is_there = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {name})"  # noqa: S608  # the database's own names
        for table, name in names.items()
    )
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Whoever still writes is waited for; and nobody need ask of each row whether something points to it.
            cursor.execute(f"LOCK TABLE {', '.join(names.values())} IN EXCLUSIVE MODE")
            cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(is_there)
        written = [table for (table,) in cursor.fetchall()]
        with without_triggers(cursor):
            for table in written:
                cursor.execute(f"DELETE FROM {names[table]}")  # noqa: S608


@contextmanager
def without_triggers(cursor: Any) -> Iterator[None]:
    """What only grows can be erased too. On PostgreSQL the role of a replica has switched them off already."""
    if cursor.db.vendor == "postgresql":
        yield
        return
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    triggers = cursor.fetchall()
    for name, _sql in triggers:
        cursor.execute(f"DROP TRIGGER {name}")
    yield
    for _name, sql in triggers:
        cursor.execute(sql)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    path = os.environ.get(TALLY_FILE)
    if path:
        counts = {
            outcome: len(terminalreporter.getreports(outcome)) for outcome in ("passed", "failed", "error", "skipped")
        }
        Path(path).write_text(json.dumps(counts))
