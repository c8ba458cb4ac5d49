"""Where the primary moves, a connection that leads to a replica is no connection."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import InternalError, OperationalError, connection, connections
from django.test import Client

from abdre import health
from abdre.postgresql.base import PrimaryConnection
from deploy.ci.servers import free_port

pytestmark = pytest.mark.postgres


@pytest.fixture
def several(transactional_db: None) -> Iterator[None]:
    """As if the address named several hosts."""
    options = connection.settings_dict["OPTIONS"]
    connection.close()
    forget_the_pool()
    connections["default"].__dict__.pop("wrap_database_errors", None)
    options["target_session_attrs"] = "read-write"
    yield
    connection.close()
    forget_the_pool()
    connections["default"].__dict__.pop("wrap_database_errors", None)
    del options["target_session_attrs"]


def forget_the_pool() -> None:
    this: Any = connection
    this.close_pool()


def ask(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0] if cursor.description else None


def parameters(**changes: str) -> dict[str, Any]:
    known = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    return {**{name: known[name] for name in names}, "autocommit": True, **changes}


def test_of_several_hosts_the_one_that_writes_is_taken(several: None):
    there = parameters()
    hosts, ports = f"{there['host']},{there['host']}", f"{free_port()},{there['port']}"

    with PrimaryConnection.connect(**{**there, "host": hosts, "port": ports}) as found:
        assert found.info.port == int(there["port"])


def test_where_all_hosts_only_read_each_says_so(several: None):
    only_reads = parameters(options="-c default_transaction_read_only=on", target_session_attrs="any")
    twice = {**only_reads, "host": f"{only_reads['host']},{only_reads['host']}"}

    with pytest.raises(psycopg.OperationalError) as refusal:
        PrimaryConnection.connect(**twice)

    assert str(refusal.value).count("only reads") == 2


def test_a_kept_connection_whose_server_was_made_a_replica_is_not_given_away(several: None):
    ask("SET default_transaction_read_only = on")
    former = ask("SELECT pg_backend_pid()")
    connection.close()

    assert ask("SELECT pg_backend_pid()") != former
    assert ask("SHOW transaction_read_only") == "off"


def test_to_write_to_a_replica_is_to_write_to_nobody(several: None):
    ask("SET default_transaction_read_only = on")

    with pytest.raises(OperationalError):
        ask("CREATE TABLE tea (cup int)")


def test_where_one_host_is_named_such_a_write_is_a_fault_of_ours(transactional_db: None):
    ask("SET default_transaction_read_only = on")

    with pytest.raises(InternalError):
        ask("CREATE TABLE tea (cup int)")
    ask("SET default_transaction_read_only = off")


def test_readyz_says_that_the_database_only_reads(several: None):
    ask("SELECT 1")
    ask("SET default_transaction_read_only = on")

    answer = Client().get("/readyz")

    assert answer.status_code == 503
    assert "only reads" in answer.json()["checks"]["database"]


def test_readyz_says_that_no_primary_answers(several: None):
    there = connection.settings_dict
    connection.close()
    forget_the_pool()
    with pytest.MonkeyPatch.context() as elsewhere:
        elsewhere.setitem(there, "HOST", f"{there['HOST']},{there['HOST']}")
        elsewhere.setitem(there, "PORT", f"{free_port()},{free_port()}")
        elsewhere.setitem(there["OPTIONS"]["pool"], "timeout", 0.5)
        told = health.checks()["database"]
        forget_the_pool()

    assert "no primary among its hosts answers" in told
