"""Letters on their way to a real SMTP server: in the open only where the operator says so, and tried again else."""

from __future__ import annotations

import datetime as dt
import email
import ssl
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from abdre import jobs
from auth_svc.services.mail import tell_owner_of_address
from deploy.ci.servers import free_port

HOST = "localhost"
USER, PASSWORD = "chat", "only for tests"


class Box:
    """What a server was handed: each letter, and whether the line was encrypted."""

    def __init__(self) -> None:
        self.letters: list[tuple[EmailMessage, bool]] = []
        self.refuses = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuses:
            return "451 come back later"
        letter = email.message_from_bytes(envelope.content, policy=default)
        self.letters.append((letter, session.ssl is not None))
        return "250 OK"


StartServer = Callable[..., Box]


@pytest.fixture
def serve(settings: Settings) -> Iterator[StartServer]:
    """A mail server, and the settings that lead to it."""
    started: list[Controller] = []
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = HOST, free_port()
    settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = True, 2

    def start(**options: Any) -> Box:
        box = Box()
        server = Controller(box, hostname=HOST, port=settings.EMAIL_PORT, **options)
        server.start()
        started.append(server)
        return box

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def tls(tmp_path: Path) -> dict[str, Any]:
    """A server that asks for STARTTLS, with a certificate that nobody knows yet."""
    certificate, key = make_certificate()
    (tmp_path / "certificate.pem").write_bytes(certificate)
    (tmp_path / "both.pem").write_bytes(certificate + key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "both.pem")
    return {"tls_context": context, "require_starttls": True}


@pytest.fixture
def trusted(tls: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The same, and this machine trusts it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    return tls


def make_certificate() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    return builder.sign(key, hashes.SHA256()).public_bytes(pem), private


def write() -> None:
    tell_owner_of_address(f"ada-{uuid4().hex[:8]}@example.org")
    jobs.do_all()


def try_again() -> None:
    """As if the pause were over."""
    for row in DBTaskResult.objects.failed():
        row.finished_at -= dt.timedelta(minutes=1)
        row.save()
    jobs.tidy()
    jobs.do_all()


def waiting() -> int:
    return DBTaskResult.objects.failed().count()


pytestmark = pytest.mark.django_db


def test_a_letter_goes_out_in_the_open_where_the_operator_says_so(serve: StartServer, settings: Settings):
    settings.EMAIL_USE_TLS = False
    box = serve()

    write()

    [(letter, is_encrypted)] = box.letters
    assert letter["Subject"] == "Somebody gave your e-mail address for another account"
    assert letter["From"] == settings.DEFAULT_FROM_EMAIL
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    assert not is_encrypted


def test_a_letter_goes_out_encrypted_and_by_name_and_password(
    serve: StartServer, trusted: dict[str, Any], settings: Settings
):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = USER, PASSWORD
    shown: list[LoginPassword] = []

    def knows(server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        shown.append(data)
        return AuthResult(success=True)

    box = serve(**trusted, authenticator=knows, auth_required=True)

    write()

    assert [is_encrypted for _, is_encrypted in box.letters] == [True]
    assert [(data.login, data.password) for data in shown] == [(USER.encode(), PASSWORD.encode())]


def test_a_server_without_starttls_gets_no_letter(serve: StartServer):
    box = serve()

    write()

    assert box.letters == []
    assert waiting() == 1


def test_a_server_that_nobody_vouches_for_gets_no_letter(serve: StartServer, tls: dict[str, Any]):
    box = serve(**tls)

    write()

    assert box.letters == []
    assert waiting() == 1


def test_a_letter_waits_for_a_server_that_is_away(serve: StartServer, trusted: dict[str, Any]):
    write()
    assert waiting() == 1
    box = serve(**trusted)

    try_again()
    try_again()

    assert len(box.letters) == 1
    assert waiting() == 0


def test_a_letter_is_offered_again_to_a_server_that_did_not_take_it(serve: StartServer, trusted: dict[str, Any]):
    box = serve(**trusted)
    box.refuses = True
    write()
    assert (box.letters, waiting()) == ([], 1)

    box.refuses = False
    try_again()

    assert len(box.letters) == 1
