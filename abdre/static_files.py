"""`/static/` from the apps' own folders by WhiteNoise, mounted before Django so that no other request pays for it."""

import asyncio
import gzip
import io
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from whitenoise import WhiteNoise

# Nobody waits for more than one thread hop per so many bytes.
CHUNK_BYTES = 256 * 1024
MAX_AGE_S = 60
COMPRESSED_TYPES = (".js", ".css", ".svg", ".json")


class StaticFiles:
    """ASGI middleware for the roles that serve pages."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._found = _found_files()
        self._compressed = _compressed(self._found)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(settings.STATIC_URL):
            await self._inner(scope, receive, send)
            return
        if file := self._found.files.get(scope["path"]):
            await self._send_file(file, scope, send)
        else:
            await _answer(send, HTTPStatus.NOT_FOUND, [("Content-Type", "text/plain; charset=utf-8")], None)

    async def _send_file(self, file: Any, scope: Any, send: Any) -> None:
        environ = _as_environ(scope)
        response = await asyncio.to_thread(file.get_response, scope["method"], environ)
        headers, body = response.headers, response.file
        compressed = self._compressed.get(scope["path"])
        if compressed and response.status == HTTPStatus.OK and "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
            headers = _compressed_headers(headers, len(compressed))
            if body is not None:
                body.close()
                body = io.BytesIO(compressed)
        await _answer(send, response.status, headers, body)


def _found_files() -> WhiteNoise:
    # autorefresh would look at the disk for every request; files change with a release
    found = WhiteNoise(None, autorefresh=False, max_age=MAX_AGE_S)
    for finder in finders.get_finders():
        for storage in finder.storages.values():  # type: ignore[attr-defined]  # both of Django's finders have it
            found.add_files(storage.location, prefix=settings.STATIC_URL)
    return found


def _compressed(found: WhiteNoise) -> dict[str, bytes]:
    """What shrinks, compressed once at the start: a page's files are a quarter of their size on the way."""
    return {
        url: gzip.compress(Path(file.alternatives[0][1]).read_bytes(), compresslevel=6, mtime=0)
        for url, file in found.files.items()
        if url.endswith(COMPRESSED_TYPES)
    }


def _compressed_headers(headers: Iterable[tuple[str, str]], length: int) -> list[tuple[str, str]]:
    kept = [(name, value) for name, value in headers if name.lower() not in ("content-length", "vary")]
    return [*kept, ("Content-Encoding", "gzip"), ("Content-Length", str(length)), ("Vary", "Accept-Encoding")]


def _as_environ(scope: Any) -> dict[str, str]:
    """The headers as WhiteNoise looks for them (conditions, ranges, encodings)."""
    return {
        f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}": value.decode("latin-1")
        for name, value in scope["headers"]
    }


async def _answer(send: Any, status: HTTPStatus, headers: Any, file: Any) -> None:
    named = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": int(status), "headers": named})
    if file is not None:
        try:
            while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        finally:
            file.close()
    await send({"type": "http.response.body", "body": b""})
