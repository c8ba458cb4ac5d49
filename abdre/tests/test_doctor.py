"""What the doctor makes of names in the environment, and of the gateway that runs beside it."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings

from abdre.backup import postgresql
from abdre.backup.manifest import BackupProblem
from abdre.doctor import database, environment, upstreams
from abdre.doctor.findings import Finding

# As a container finds it, a Service link of Kubernetes included.
SURROUNDINGS = {
    "PATH": "/usr/bin",
    "HOSTNAME": "chat-0",
    "PYTHON_VERSION": "3.11.9",
    "PYTHON_SHA256": "1",
    "GPG_KEY": "1",
    "KUBERNETES_SERVICE_HOST": "10.0.0.1",
    "REDIS_PORT": "tcp://10.0.0.2:6379",
    "POSTGRES_PASSWORD": "1",
    "SECRET_KEY": "1",
    "DATABASE_URL_FILE": "/run/secrets/database-url",
    "ABDRE_PUBLIC_ORIGIN": "https://chat.example.org",
    "WEB_CONCURRENCY": "2",
}


def found(**more: str) -> list[Finding]:
    return list(environment.look({**SURROUNDINGS, **more}))


def test_what_stands_in_every_container_is_not_talked_about():
    assert found() == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ABDRE_TRUSTED_PROXY", "ABDRE_TRUSTED_PROXIES"),
        ("ABDRE_SIGNING_KEY_FILE", "ABDRE_SIGNING_KEYS_FILE"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("SECRET_KEYS", "SECRET_KEY"),
    ],
)
def test_a_misspelt_name_is_told_which_one_is_meant(name: str, meant: str):
    [finding] = found(**{name: "1"})

    assert name in finding.what
    assert f"Probably {meant} is meant" in finding.do


def test_a_value_beside_its_file_is_named():
    [finding] = found(SECRET_KEY_FILE="/run/secrets/secret-key")

    assert finding.level == "wrong"
    assert "SECRET_KEY and SECRET_KEY_FILE" in finding.what


class Gateway(BaseHTTPRequestHandler):
    """One whose breaker before chat is open."""

    status = 200

    def do_GET(self) -> None:
        states = {"auth": {"http://auth:8001": "closed"}, "chat": {"http://chat:8004": "opened"}}
        body = json.dumps({"status": "ok", "upstreams": states}).encode()
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def gateway(settings: Settings) -> Iterator[None]:
    settings.UPSTREAMS = {}
    with HTTPServer(("127.0.0.1", 0), Gateway) as server:
        settings.PORT = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("gateway")
@pytest.mark.parametrize("status", [200, 503])  # also where the gateway says that it is not ready
def test_an_open_breaker_of_the_gateway_beside_is_named(monkeypatch: pytest.MonkeyPatch, status: int):
    monkeypatch.setattr(Gateway, "status", status)

    [finding] = upstreams.look()

    assert "before chat at http://chat:8004 is opened" in finding.what


def test_where_no_gateway_runs_its_breakers_are_not_talked_about(settings: Settings, unused_tcp_port: int):
    settings.UPSTREAMS, settings.PORT = {}, unused_tcp_port

    assert list(upstreams.look()) == []


@pytest.mark.postgres
@pytest.mark.django_db
def test_a_client_that_is_older_than_the_server_is_named_before_a_backup_fails_by_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    program.chmod(0o700)
    known = [finding.what for finding in database.look()]
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    [finding] = [finding for finding in database.look() if finding.what not in known]
    with pytest.raises(BackupProblem, match="postgresql-client-"):
        postgresql.dump(tmp_path, tell=lambda _: None)

    assert "pg_dump is of PostgreSQL 9" in finding.what
    assert finding.level == "note"


@pytest.mark.postgres
@pytest.mark.django_db
def test_several_hosts_of_which_none_waits_for_another_are_noted(monkeypatch: pytest.MonkeyPatch):
    there = connection.settings_dict
    for name in ("HOST", "PORT"):
        monkeypatch.setitem(there, name, f"{there[name]},{there[name]}")

    noted = [finding for finding in database.look() if "synchronous_standby_names" in finding.what]

    assert [finding.level for finding in noted] == ["note"]
