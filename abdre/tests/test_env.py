"""A missing or wrong setting stops the start and names itself."""

import json
import os
import re
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from abdre import keys, push_key
from abdre.settings import env, logins

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("keys")
    keys.main(str(folder))
    push_key.main(str(folder))
    return {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "s" * 40,
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        "ABDRE_SIGNING_KEYS_FILE": str(folder / keys.SIGNING_FILE),
        "ABDRE_VERIFYING_KEYS_FILE": str(folder / keys.VERIFYING_FILE),
        "ABDRE_PUSH_KEY_FILE": str(folder / push_key.PUSH_FILE),
        "ABDRE_ALLOWED_HOSTS": "chat.example.org",
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }


def settings_of(role: str) -> str:
    return "abdre.settings.worker" if role == "worker" else f"{role}.settings"


def start(role: str, surroundings: dict[str, str], then: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", f"import django; django.setup(); {then}"]
    there = {**surroundings, "DJANGO_SETTINGS_MODULE": settings_of(role)}
    return subprocess.run(command, cwd=ROOT, env=there, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("role", "missing"),
    [
        ("auth_svc", "SECRET_KEY"),
        ("auth_svc", "DATABASE_URL"),
        ("auth_svc", "ABDRE_SIGNING_KEYS"),
        ("oauth_svc", "ABDRE_SIGNING_KEYS"),
        ("chat_svc", "ABDRE_VERIFYING_KEYS"),
        ("realtime_svc", "ABDRE_VERIFYING_KEYS"),
        ("user_svc", "DATABASE_URL"),
        ("gateway_svc", "ABDRE_VERIFYING_KEYS"),
        ("gateway_svc", "SECRET_KEY"),
        ("gateway_svc", "REDIS_URL"),
        ("realtime_svc", "REDIS_URL"),
        ("auth_svc", "ABDRE_ALLOWED_HOSTS"),
        ("worker", "SECRET_KEY"),
        ("worker", "DATABASE_URL"),
        ("worker", "REDIS_URL"),
        ("worker", "ABDRE_VERIFYING_KEYS"),
        ("worker", "ABDRE_PUSH_KEY"),
        ("user_svc", "ABDRE_PUSH_KEY"),
    ],
)
def test_a_role_does_not_start_without_what_it_needs(surroundings: dict[str, str], role: str, missing: str):
    there = {name: value for name, value in surroundings.items() if name.removesuffix("_FILE") != missing}

    ended = start(role, there)

    assert ended.returncode != 0
    assert missing in ended.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "short"),
        ("DATABASE_URL", "mysql://somewhere/else"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "postgresql://one,two/abdre?tea=green"),
        ("DATABASE_URL", "postgresql://one,two"),
        ("ABDRE_DATABASE_PGBOUNCER", "perhaps"),
        ("ABDRE_DATABASE_REPLICA_URL", "sqlite:///db.sqlite3"),
        ("ABDRE_DATABASE_REPLICA_URL", "postgresql://replica/abdre"),  # of an SQLite file
        ("REDIS_URL", "http://localhost"),
        ("REDIS_URL", "redis://localhost/?max_connections=5"),
        ("REDIS_URL", "redis://localhost:port/0"),
        ("REDIS_URL", "redis://localhost/zero"),
        ("REDIS_URL", "redis+sentinel://one,two"),
        ("ABDRE_CHANNEL_LAYER", "leanest"),
        ("ABDRE_TRUSTED_PROXIES", "-1"),
        ("ABDRE_TRUSTED_PROXIES", "one"),
        ("ABDRE_PUBLIC_ORIGIN", "chat.example.org"),
        ("ABDRE_PUBLIC_ORIGIN", "https://chat.example.org/path"),
        ("ABDRE_GUEST_HOSTING", "perhaps"),
        ("ABDRE_FETCH_ALLOWED_NETWORKS", "10.0.0.0/8, home"),
        ("ABDRE_PUBLIC_CHATS", "some"),
        ("ABDRE_LOG_FORMAT", "xml"),
        ("ABDRE_ATTACHMENT_KINDS", "image,film"),
        ("ABDRE_ATTACHMENT_LIMIT_BYTES", "25MB"),
        ("EMAIL_PORT", "smtp"),
        ("EMAIL_USE_TLS", "starttls"),
        ("ABDRE_VERIFYING_KEYS", "{}"),
        ("ABDRE_VERIFYING_KEYS", "not json"),
        ("ABDRE_VERIFYING_KEYS_FILE", "/nowhere/at/all"),
    ],
)
def test_a_wrong_value_names_its_variable(surroundings: dict[str, str], name: str, value: str):
    ended = start("chat_svc", {**surroundings, name: value})

    assert ended.returncode != 0
    assert name in ended.stderr.splitlines()[-1]


MISTYPED = ["pa%zzhush", "hush word", "hush/1", "hu?hush=1", "hush@word:x", "[hush", "hush\u2100x"]


@pytest.mark.parametrize("password", MISTYPED)
@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("DATABASE_URL", "postgresql://ada:{}@one:port/abdre"),
        ("DATABASE_URL", "postgresql://ada:{}@one,two:port/abdre"),
        ("DATABASE_URL", "mysql://ada:{}@one/abdre"),
        ("REDIS_URL", "redis://ada:{}@one:port/0"),
        ("REDIS_URL", "redis+sentinel://ada:{}@one,two:port/abdre"),
        ("REDIS_URL", "redis+cluster://ada:{}@one,two/3"),
    ],
)
def test_a_mistyped_address_is_refused_without_a_word_of_its_password(
    monkeypatch: pytest.MonkeyPatch, name: str, address: str, password: str
):
    monkeypatch.setenv(name, address.format(password))
    read: dict[str, Callable[[str], object]] = {"DATABASE_URL": env.database, "REDIS_URL": env.redis}

    with pytest.raises(ImproperlyConfigured, match=name) as refused:
        read[name](name)

    assert "hush" not in "".join(traceback.format_exception(refused.value))


GOOD = {"id": "work", "name": "Work", "issuer": "https://id.example.org", "client_id": "c", "client_secret": "s"}
GOOGLE = {"ABDRE_GOOGLE_CLIENT_ID": "c", "ABDRE_GOOGLE_CLIENT_SECRET": "s"}
GITHUB = {"provider": "github", "name": "GitHub", "client_id": "c", "client_secret": "s"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ABDRE_GOOGLE_ISSUER", "accounts.google.com"),
        ("ABDRE_OIDC_PROVIDERS", "work"),
        ("ABDRE_OIDC_PROVIDERS", '{"id": "work"}'),
        ("ABDRE_OIDC_PROVIDERS", '["work"]'),
        ("ABDRE_OIDC_PROVIDERS", [{**GOOD, "issuer": "id.example.org"}]),
        ("ABDRE_OIDC_PROVIDERS", [{**GOOD, "id": "Wörk"}]),
        ("ABDRE_OIDC_PROVIDERS", [{**GOOD, "id": "openid_connect"}]),
        ("ABDRE_OIDC_PROVIDERS", [{**GOOD, "client_secret": ""}]),
        ("ABDRE_OIDC_PROVIDERS", [{**GOOD, "client_secret": 7}]),
        ("ABDRE_OIDC_PROVIDERS", [{**GOOD, "secret": "typed wrong"}]),
        ("ABDRE_OIDC_PROVIDERS", [GOOD, {**GOOD, "issuer": "https://another.example.org"}]),
        ("ABDRE_OIDC_PROVIDERS", [GOOD, {**GOOD, "id": "again"}]),
        ("ABDRE_SOCIAL_PROVIDERS", [{**GITHUB, "provider": "no-such-thing"}]),
        ("ABDRE_SOCIAL_PROVIDERS", [{**GITHUB, "provider": "google"}]),
        ("ABDRE_SOCIAL_PROVIDERS", [{**GITHUB, "provider": "openid_connect"}]),
        ("ABDRE_SOCIAL_PROVIDERS", [{**GITHUB, "provider": "twitter"}]),
        ("ABDRE_SOCIAL_PROVIDERS", [{**GITHUB, "options": "SCOPE"}]),
        ("ABDRE_SOCIAL_PROVIDERS", [GITHUB, GITHUB]),
    ],
    ids=str,
)
def test_a_wrong_login_elsewhere_names_its_variable(surroundings: dict[str, str], name: str, value: object):
    text = value if isinstance(value, str) else json.dumps(value)

    ended = start("oauth_svc", {**surroundings, **GOOGLE, name: text})

    assert ended.returncode != 0
    assert name in ended.stderr.splitlines()[-1]


def test_google_without_its_secret_is_named(surroundings: dict[str, str]):
    ended = start("oauth_svc", {**surroundings, "ABDRE_GOOGLE_CLIENT_ID": "c"})

    assert "ABDRE_GOOGLE_CLIENT_SECRET" in ended.stderr.splitlines()[-1]


@pytest.mark.parametrize("name", logins.FORMER)
def test_the_former_names_of_a_login_elsewhere_are_refused_with_the_new_one(surroundings: dict[str, str], name: str):
    ended = start("oauth_svc", {**surroundings, name: "https://id.example.org"})

    assert ended.returncode != 0
    assert {name, "ABDRE_OIDC_PROVIDERS"} <= set(re.findall(r"\w+", ended.stderr.splitlines()[-1]))


def test_logins_elsewhere_may_be_many_and_stand_in_files(surroundings: dict[str, str], tmp_path: Path):
    (tmp_path / "oidc").write_text(json.dumps([GOOD, {**GOOD, "id": "home", "issuer": "https://home.example.org/"}]))
    (tmp_path / "social").write_text(json.dumps([{**GITHUB, "options": {"SCOPE": ["user:email"]}}]))
    files = {f"ABDRE_{name}_PROVIDERS_FILE": str(tmp_path / name.lower()) for name in ("OIDC", "SOCIAL")}
    google = {"ABDRE_GOOGLE_CLIENT_ID": "c", "ABDRE_GOOGLE_CLIENT_SECRET": "s"}

    ended = start(
        "oauth_svc", {**surroundings, **files, **google}, "from oauth_svc.selectors import offered; print(*offered())"
    )

    assert ended.stdout.split() == ["google", "work", "home", "github"]


def test_two_ways_of_tls_at_once_are_refused(surroundings: dict[str, str]):
    ended = start("auth_svc", {**surroundings, "EMAIL_USE_TLS": "true", "EMAIL_USE_SSL": "true"})

    assert ended.returncode != 0
    assert "EMAIL_USE_SSL" in ended.stderr.splitlines()[-1]


def test_letters_go_out_only_from_a_house_that_knows_its_own_name(surroundings: dict[str, str]):
    nameless = {**surroundings, "EMAIL_HOST": "smtp.example.org", "ABDRE_ALLOWED_HOSTS": "*"}

    refused = start("auth_svc", nameless)
    started = start("auth_svc", {**nameless, "ABDRE_PUBLIC_ORIGIN": "https://chat.example.org"})

    assert "ABDRE_PUBLIC_ORIGIN" in refused.stderr.splitlines()[-1]
    assert (refused.returncode != 0, started.returncode) == (True, 0)


@pytest.mark.parametrize(
    ("backend", "needs_a_name"),
    [
        ("django.core.mail.backends.smtp.EmailBackend", True),
        ("some.service.of.letters.EmailBackend", True),
        ("django.core.mail.backends.filebased.EmailBackend", False),
        ("django.core.mail.backends.console.EmailBackend", False),
    ],
)
def test_by_whatever_way_letters_leave_the_house_it_has_to_know_its_name(
    surroundings: dict[str, str], backend: str, needs_a_name: bool
):
    ended = start("auth_svc", {**surroundings, "ABDRE_EMAIL_BACKEND": backend, "ABDRE_ALLOWED_HOSTS": "*"})

    assert (ended.returncode != 0) is needs_a_name
    assert ("ABDRE_PUBLIC_ORIGIN" in ended.stderr) is needs_a_name


def test_every_role_starts_with_what_it_needs(surroundings: dict[str, str]):
    for role in ("auth_svc", "user_svc", "oauth_svc", "chat_svc", "realtime_svc", "gateway_svc", "worker"):
        assert start(role, surroundings).returncode == 0, role


def test_the_gateway_starts_without_database_and_private_key(surroundings: dict[str, str]):
    bare = {
        name: value for name, value in surroundings.items() if name not in ("DATABASE_URL", "ABDRE_SIGNING_KEYS_FILE")
    }

    assert start("gateway_svc", bare).returncode == 0


def test_a_value_may_stand_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("SOME_SECRET_FILE", str(tmp_path / "secret"))

    assert env.required("SOME_SECRET") == "from the file"


def test_what_is_required_and_not_there_is_named():
    with pytest.raises(ImproperlyConfigured, match="NOT_THERE"):
        env.required("NOT_THERE")


def test_keys_are_made_once_and_for_the_owner_only(tmp_path: Path):
    path = tmp_path / "secret"

    first = keys.keep(path, lambda: "one")
    second = keys.keep(path, lambda: "two")

    assert (first, second) == ("one", "one")
    assert path.stat().st_mode & 0o077 == 0


def test_what_people_upload_is_kept_in_a_folder_or_in_the_bucket_that_is_named(surroundings: dict[str, str]):
    tell = "from django.conf import settings; print(settings.STORAGES['attachments'])"
    bucket = {**surroundings, "ABDRE_S3_BUCKET": "talk", "ABDRE_S3_ENDPOINT": "https://s3.example.org"}

    assert "/srv/files/attachments" in start("chat_svc", {**surroundings, "ABDRE_FILES_DIR": "/srv/files"}, tell).stdout
    told = start("chat_svc", bucket, tell).stdout
    assert all(word in told for word in ("S3Storage", "'talk'", "https://s3.example.org", "'attachments'"))
    wrong = start("chat_svc", {**bucket, "ABDRE_S3_ENDPOINT": "s3.example.org"})
    assert "ABDRE_S3_ENDPOINT" in wrong.stderr.splitlines()[-1]


@pytest.mark.parametrize("value", ["1.5", "-0.1", "many"])
def test_a_share_is_from_nothing_to_all(monkeypatch: pytest.MonkeyPatch, value: str):
    monkeypatch.setenv("ABDRE_OTEL_SAMPLED", value)

    with pytest.raises(ImproperlyConfigured, match="ABDRE_OTEL_SAMPLED"):
        env.share("ABDRE_OTEL_SAMPLED", default=1.0)
