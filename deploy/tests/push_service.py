"""A push service for Chromium, as it knows one: who asks it gets an address, and what comes there goes to the browser.

Chromium checks in, registers each subscription, and holds a TLS line on which messages come (MCS): three ways in, on
two ports of this machine. What is said is the least that Chromium's `google_apis/gcm` asks for.
"""

from __future__ import annotations

import datetime as dt
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

VERSION = 41
WITHIN_S = 10
PING, PONG, LOGIN, WELCOME, MESSAGE = 0, 1, 2, 3, 8  # tags of what goes over the line


@dataclass
class PushService:
    """Knows its subscribers by token: to whom each one's messages go."""

    asks_port: int = 0
    line_port: int = 0
    subscribers: dict[str, dict[str, str]] = field(default_factory=dict)
    lines: list[Any] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    sent: int = 0

    @property
    def flags(self) -> list[str]:
        """For the browser: this one in the place of the one it was built for, whose certificate this one has not."""
        asks, line = f"127.0.0.1:{self.asks_port}", f"127.0.0.1:{self.line_port}"
        rules = f"MAP android.clients.google.com {asks},MAP mtalk.google.com {line},MAP * ~NOTFOUND"
        return [f"--host-resolver-rules={rules},EXCLUDE 127.0.0.1,EXCLUDE localhost", "--ignore-certificate-errors"]

    def answer(self, path: str, body: bytes) -> bytes:
        if path == "/checkin":
            return number(1, 1) + fixed(7, 1) + fixed(8, 2)  # all is well; an id and a secret
        asked = dict(parse_qsl(body.decode()))
        token = f"token-{len(self.subscribers) + 1}"
        self.subscribers[token] = asked
        return f"token={token}".encode()

    def push(self, token: str, sealed: bytes) -> None:
        """To the browser, which opens it."""
        to = self.subscribers[token]
        self.sent += 1
        facts = {"subtype": to["X-subtype"], "content-encoding": "aes128gcm"}
        told = [text(3, to["sender"]), text(5, to["app"]), text(9, f"message-{self.sent}")]
        told += [text(7, text(1, name) + text(2, fact)) for name, fact in facts.items()]
        with self.changed:
            assert self.changed.wait_for(lambda: self.lines, WITHIN_S), "the browser has no line"
            self.lines[-1].sendall(packed(MESSAGE, b"".join([*told, text(21, sealed)])))

    def serve(self, line: Any) -> None:
        """A line of the browser's, until it hangs up; it may take another soon."""
        line.sendall(bytes([VERSION]))
        read = line.makefile("rb").read
        read(1)
        while tag := read(1):
            read(varint_of(read))
            if tag[0] == LOGIN:
                line.sendall(packed(WELCOME, text(1, "here")))
                self._note(self.lines.append, line)
            elif tag[0] == PING:
                line.sendall(packed(PONG, b""))
        self._note(self.lines.remove, line)

    def _note(self, change: Callable[[Any], None], line: Any) -> None:
        with self.changed:
            change(line)
            self.changed.notify_all()


@contextmanager
def push_service(folder: Path) -> Iterator[PushService]:
    made, context = PushService(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(folder))

    class Asks(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name is http.server's
            content = made.answer(self.path, self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    class Line(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):  # it hung up in the middle of a word
                made.serve(self.request)

    asks = serving(ThreadingHTTPServer, Asks, context)
    lines = serving(socketserver.ThreadingTCPServer, Line, context)
    made.asks_port, made.line_port = asks.server_address[1], lines.server_address[1]
    yield made
    for server in (asks, lines):
        server.shutdown()
        server.server_close()


def serving(kind: Any, handler: Any, context: ssl.SSLContext) -> Any:
    server = kind(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    # The handshake is the handler's thread's: one that hangs holds nobody else up.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    return server


def certificate(folder: Path) -> Path:
    """Signed by itself, with its key beside it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "push.test")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    signed = builder.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
    pem = serialization.Encoding.PEM
    path = folder / "push.pem"
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + signed.sign(key, hashes.SHA256()).public_bytes(pem)
    )
    return path


# Protocol buffers, as far as they go here: a field's number and kind, then what it says.


def varint(value: int) -> bytes:
    rest = value >> 7
    return bytes([value & 127 | (128 if rest else 0)]) + (varint(rest) if rest else b"")


def varint_of(read: Any) -> int:
    value = shift = 0
    while True:
        (byte,) = read(1)
        value |= (byte & 127) << shift
        if byte < 128:
            return value
        shift += 7


def number(name: int, value: int) -> bytes:
    return varint(name << 3) + varint(value)


def fixed(name: int, value: int) -> bytes:
    return varint(name << 3 | 1) + value.to_bytes(8, "little")


def text(name: int, value: str | bytes) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return varint(name << 3 | 2) + varint(len(data)) + data


def packed(tag: int, said: bytes) -> bytes:
    return bytes([tag]) + varint(len(said)) + said
