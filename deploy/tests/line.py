"""A line to an HTTP server on which anything can be said, byte for byte."""

import json
import socket
from types import TracebackType
from typing import Any, NamedTuple, Self

WITHIN_S = 10
BODILESS = (204, 304)


class Heard(NamedTuple):
    status: int
    headers: list[tuple[str, str]]  # names in lower case
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for known, value in self.headers if known == name]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Line:
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S)
        self._file = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._socket.close()

    def say(self, data: bytes) -> None:
        self._socket.sendall(data)

    def hear(self, *, to_head: bool = False) -> Heard | None:
        """The next answer; None where the line ends instead. Raises TimeoutError where nothing comes."""
        try:
            first = self._file.readline()
            if not first:
                return None
            version, status, _ = first.split(b" ", 2)
            assert version == b"HTTP/1.1"
            headers = self._headers()
            has_body = int(status) >= 200 and int(status) not in BODILESS and not to_head
            return Heard(int(status), headers, self._body(dict(headers)) if has_body else b"")
        except ConnectionResetError:
            return None

    def _headers(self) -> list[tuple[str, str]]:
        headers = []
        while line := self._file.readline().strip(b"\r\n"):
            name, _, value = line.decode("latin-1").partition(":")
            headers.append((name.lower(), value.strip()))
        return headers

    def _body(self, headers: dict[str, str]) -> bytes:
        if "transfer-encoding" not in headers:
            return self._file.read(int(headers["content-length"]))
        body = b""
        while size := int(self._file.readline(), 16):
            body += self._file.read(size)
            self._file.readline()
        self._file.readline()
        return body
