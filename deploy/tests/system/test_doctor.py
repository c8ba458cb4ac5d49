"""`manage.py doctor` is silent about a house in order, and names each planted fault, and only those."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache

import psycopg
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from psycopg import sql
from redis import Redis as Client

from deploy.ci.servers import Redis, free_port, make_keys
from deploy.tests.restored import DATABASE, Restored, run

pytestmark = pytest.mark.http

COPY = "planted"


@dataclass(frozen=True)
class Plant:
    """One fault. Those of one `run` are planted together, and a run of the doctor must name each of them once."""

    run: str
    expected: str
    environment: dict[str, str] = field(default_factory=dict)
    statement: str = ""  # in a copy of the database
    level: str = "wrong"


# {files} is a folder with keys that nobody uses, {closed} a port on which nobody listens, {mail} one of a server
# without TLS, {redis} that of a Redis of the test's own.
SIGN, VERIFY = "{files}/signing.pem", "{files}/verifying.json"
HOUR_AHEAD = """
CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT now() + interval '1 hour' $$;
ALTER DATABASE planted SET search_path = public, pg_catalog
"""
ONLY_READS = "ALTER DATABASE planted SET default_transaction_read_only = on"
UNDONE = "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations WHERE app = 'auth_svc')"
LATER = "INSERT INTO django_migrations (app, name, applied) VALUES ('chat_svc', '9999_later', now())"
OTHER_ORIGIN = {"ABDRE_PUBLIC_ORIGIN": "https://chat.example.org", "ABDRE_ALLOWED_HOSTS": "old.example.org"}
MAIL_SERVER = {
    "ABDRE_PUBLIC_ORIGIN": "http://localhost",
    "ABDRE_EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "EMAIL_HOST": "127.0.0.1",
    "EMAIL_PORT": "{mail}",
}
PLANTS = (
    Plant("auth", "ABDRE_TRUSTED_PROXY is read by nobody.*ABDRE_TRUSTED_PROXIES", {"ABDRE_TRUSTED_PROXY": "1"}),
    Plant("auth", "ABDRE_FLUX is read by nobody", {"ABDRE_FLUX": "1"}),
    Plant("auth", "EMAIL_HOST_PASSWORD is set and EMAIL_HOST_USER is not", {"EMAIL_HOST_PASSWORD": "only for tests"}),
    Plant("auth", "SECRET_KEY is made of 2 different characters", {"SECRET_KEY": "ab" * 20}),
    Plant("auth", "SECRET_KEY and SECRET_KEY_FILE are both set", {"SECRET_KEY_FILE": SIGN}),
    Plant("auth", "which ABDRE_VERIFYING_KEYS does not know", {"ABDRE_SIGNING_KEYS_FILE": SIGN}),
    Plant("auth", "Everybody on the machine can read .*ABDRE_SIGNING_KEYS_FILE"),  # the same file
    Plant("auth", "chat.example.org, which ABDRE_ALLOWED_HOSTS does not name", OTHER_ORIGIN),
    Plant("auth", "ABDRE_TRUSTED_PROXIES is 0", {"ABDRE_TRUSTED_PROXIES": "0"}),
    Plant("worker", "/dev/null/pictures cannot be written to", {"ABDRE_FILES_DIR": "/dev/null"}),
    Plant("worker", "/dev/null/attachments cannot be written to"),  # of the same folder
    Plant("worker", "uploads leave .* free: none is taken", {"ABDRE_FILES_LEAVE_FREE_BYTES": "9" * 18}),
    Plant("auth", "need 3000, and 197 are to be had", {"ABDRE_DATABASE_POOL": "500"}),
    Plant("auth", "owns 1 tables", statement="ALTER TABLE chat_svc_moderationentry OWNER TO services"),
    Plant("auth", "synchronous_commit is off", statement="ALTER DATABASE planted SET synchronous_commit = off"),
    Plant("auth", "The server only reads", statement=ONLY_READS),
    Plant("auth", "clock is 3600 s ahead", statement=HOUR_AHEAD),
    Plant("auth", "1 are to be applied", statement=UNDONE),
    Plant("auth", "newer than this release: it has chat_svc.9999_later", statement=LATER, level="note"),
    Plant("auth", "maxmemory-policy is allkeys-lru", {"REDIS_URL": "{redis}"}),
    Plant("worker", "No connection by DATABASE_URL: .*password", {"DATABASE_URL": "{wrong_database}"}),
    Plant("worker", "No answer by REDIS_URL", {"REDIS_URL": "redis://127.0.0.1:{closed}/0"}),
    Plant("worker", "mail: .*STARTTLS", MAIL_SERVER),
    Plant("worker", "ABDRE_PUSH_KEY is no key for push messages", {"ABDRE_PUSH_KEY_FILE": SIGN}),
    Plant("worker", "can read .*ABDRE_PUSH_KEY_FILE"),  # the same file
    Plant("gateway", "chat does not answer at .*ABDRE_CHAT_URL", {"ABDRE_CHAT_URL": "http://127.0.0.1:{closed}"}),
    Plant("gateway", "which ABDRE_VERIFYING_KEYS does not hold", {"ABDRE_VERIFYING_KEYS_FILE": VERIFY}),
    Plant("broken", "ABDRE_DATABASE_POOL must be a whole number, not 'many'", {"ABDRE_DATABASE_POOL": "many"}),
)
MODULES = {"worker": "abdre.settings.worker", "broken": "chat_svc.settings"}
NOT_FOR_THE_GATEWAY = ("DATABASE_URL", "ABDRE_SIGNING_KEYS_FILE", "ABDRE_PUSH_KEY_FILE")

Told = Callable[[str], list[str]]


def surroundings(restored: Restored, role: str) -> dict[str, str]:
    """Of a house in order: the restored database, and the running services."""
    environment = {**restored.environment, "DJANGO_SETTINGS_MODULE": MODULES.get(role, f"{role}_svc.settings")}
    if role == "gateway":
        environment = {name: value for name, value in environment.items() if name not in NOT_FOR_THE_GATEWAY}
    return environment


@pytest.fixture(scope="module")
def told(restored: Restored, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """What the doctor says of a run's plants, line by line."""
    assert restored.server is not None
    folder = tmp_path_factory.mktemp("others")
    make_keys(folder)
    for path in folder.iterdir():
        path.chmod(0o644)
    mail = Controller(Sink(), hostname="127.0.0.1", port=free_port())
    with Redis() as redis, psycopg.connect(restored.server.url(), autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(COPY), sql.Identifier(DATABASE)))
        with Client.from_url(redis.url) as client:
            client.config_set("maxmemory-policy", "allkeys-lru")
        mail.start()
        known = {
            "redis": redis.url,
            "files": str(folder),
            "closed": str(free_port()),
            "mail": str(mail.port),
            "wrong_database": restored.server.url(COPY, role="nobody"),
        }
        yield cache(lambda name: doctored(restored, name, known))
        mail.stop()


def doctored(restored: Restored, name: str, known: dict[str, str]) -> list[str]:
    plants = [plant for plant in PLANTS if plant.run == name]
    environment = surroundings(restored, name)
    if name == "auth":
        environment["DATABASE_URL"] = environment["DATABASE_URL"].replace(f"/{DATABASE}", f"/{COPY}")
        plant_rows(restored, plants)
    for plant in plants:
        environment |= {variable: value.format(**known) for variable, value in plant.environment.items()}
    ended = run(environment, "doctor")
    assert ended.code == 1, ended.said
    return ended.said.splitlines()


def plant_rows(restored: Restored, plants: list[Plant]) -> None:
    assert restored.server is not None
    with psycopg.connect(restored.server.url(COPY), autocommit=True) as database:
        for plant in plants:
            if plant.statement:
                database.execute(plant.statement)  # type: ignore[call-overload]  # of this file


@pytest.mark.split
@pytest.mark.parametrize("role", ["auth", "worker", "gateway"])
def test_a_house_in_order_is_not_talked_about(restored: Restored, role: str) -> None:
    ended = run(surroundings(restored, role), "doctor")

    assert (ended.code, ended.said) == (0, "")


@pytest.mark.all_in_one
def test_an_all_in_one_in_order_is_not_talked_about(restored: Restored) -> None:
    ended = run(restored.environment, "doctor")

    assert (ended.code, ended.said) == (0, "")


@pytest.mark.split
@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.expected)
def test_each_planted_fault_is_named_once(told: Told, plant: Plant) -> None:
    named = [line for line in told(plant.run) if re.search(plant.expected, line)]

    assert len(named) == 1, told(plant.run)
    assert named[0].startswith(f"{plant.level}: ")


@pytest.mark.split
@pytest.mark.parametrize("name", sorted({plant.run for plant in PLANTS}))
def test_nothing_is_said_that_was_not_planted(told: Told, name: str) -> None:
    expected = [plant.expected for plant in PLANTS if plant.run == name]

    assert [line for line in told(name) if not any(re.search(one, line) for one in expected)] == []
