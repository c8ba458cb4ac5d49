"""`/static/` by WhiteNoise's rules, from memory, before Django, so that no other request pays for it."""

import asyncio
import io
import re
from contextlib import suppress
from http import HTTPStatus
from typing import Any, NamedTuple
from wsgiref.headers import Headers

from django.conf import settings
from whitenoise import WhiteNoise
from whitenoise.compress import Compressor
from whitenoise.responders import NOT_ALLOWED_RESPONSE, Response, StaticFile

from abdre.seen import note_route
from abdre.static_storage import storage

HASH = re.compile(r"\.[0-9a-f]{12}(?=(?:\.[^./]*)?$)")
FOR_EVER = "public, max-age=31536000, immutable"
# Under its plain name, as mails link it: it may be another with the next release.
FOR_A_MINUTE = "public, max-age=60"
# While a release rolls, pages of one version ask processes of the other; the next answer may be the one they meant.
ASK_AGAIN = "no-cache"
CHUNK_BYTES = 64 * 1024
# A page's own policy holds for what it loads. A hundred small files with the long one weigh more than what is in them.
POLICY = "default-src 'none'; frame-ancestors 'none'"

_compressor = Compressor(quiet=True)
_mime = WhiteNoise(None)


class StaticFiles:
    """ASGI middleware for the roles that serve pages."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._storage = storage()
        self._sources = self._storage.sources
        self._kept: dict[str, KeptFile] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(settings.STATIC_URL):
            await self._inner(scope, receive, send)
            return
        note_route(settings.STATIC_URL)
        asked = scope["path"].removeprefix(settings.STATIC_URL)
        name = asked if asked in self._sources else HASH.sub("", asked)
        if name in self._sources:
            await self._send_file(name, asked, scope, send)
        else:
            await _answer(send, HTTPStatus.NOT_FOUND, [("Content-Type", "text/plain; charset=utf-8")], None)

    async def _send_file(self, name: str, asked: str, scope: Any, send: Any) -> None:
        # Read and compressed when it is first asked for: a start need not wait for what nobody may want.
        if name not in self._kept:
            await asyncio.to_thread(self._keep, name)
        file = self._kept[name]
        response = file.get_response(scope["method"], _as_environ(scope))
        headers = [*response.headers, ("Content-Security-Policy", POLICY)]
        if response.status < HTTPStatus.BAD_REQUEST:
            headers.append(("Cache-Control", file.lifetime(asked)))
        await _answer(send, response.status, headers, None if scope["method"] == "HEAD" else response.file)

    def _keep(self, name: str) -> None:
        if name not in self._kept:  # else somebody came at the same time, and this waited for a thread
            self._kept[name] = KeptFile(name, *self._storage.file(name))


class _Alternative(NamedTuple):
    """One encoding of a file, in the form in which WhiteNoise knows files on disk."""

    path: bytes
    size: int
    mtime: int = 0  # says nothing about content into which others' names are written


class KeptFile(StaticFile):  # type: ignore[misc]  # WhiteNoise brings no types
    """WhiteNoise's answers to conditions, ranges and accepted encodings, of bytes in memory."""

    def __init__(self, name: str, hashed_name: str, content: bytes) -> None:
        self._name = name
        self._hashed_name = hashed_name
        headers = Headers([("ETag", f'W/"{_hash_in(hashed_name)}"')])  # weak: it is the same for each encoding
        _mime.add_mime_headers(headers, name, name)
        self._alternatives = {
            encoding: _Alternative(body, len(body)) for encoding, body in _encodings(name, content).items()
        }
        super().__init__(name, headers.items())

    def get_file_stats(self, *_: Any) -> dict[str | None, _Alternative]:
        return self._alternatives

    def get_response(self, method: str, request_headers: dict[str, str]) -> Any:
        if method not in ("GET", "HEAD"):
            return NOT_ALLOWED_RESPONSE
        if self.is_not_modified(request_headers):
            return self.not_modified_response
        body, headers = self.get_path_and_headers(request_headers)
        if "HTTP_RANGE" in request_headers:
            with suppress(ValueError):  # what cannot be understood may be ignored (RFC 9110, 14.2)
                return self.get_range_response(request_headers["HTTP_RANGE"], headers, io.BytesIO(body))
        return Response(HTTPStatus.OK, headers, io.BytesIO(body))

    def lifetime(self, asked: str) -> str:
        if asked == self._hashed_name:
            return FOR_EVER
        return FOR_A_MINUTE if asked == self._name else ASK_AGAIN


def _hash_in(hashed_name: str) -> str:
    found = HASH.search(hashed_name)
    assert found
    return found[0][1:]


def _encodings(name: str, content: bytes) -> dict[str | None, bytes]:
    """The content as it is, and as small as it gets where that is worth it."""
    bodies: dict[str | None, bytes] = {None: content}
    if _compressor.should_compress(name):
        smaller = {"br": _compressor.compress_brotli(content), "gzip": _compressor.compress_gzip(content)}
        bodies |= {
            encoding: body
            for encoding, body in smaller.items()
            if _compressor.is_compressed_effectively(encoding, name, len(content), body)
        }
    return bodies


def _as_environ(scope: Any) -> dict[str, str]:
    """The headers as WhiteNoise looks for them (conditions, ranges, encodings)."""
    return {
        f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}": value.decode("latin-1")
        for name, value in scope["headers"]
    }


async def _answer(send: Any, status: HTTPStatus, headers: Any, file: Any) -> None:
    named = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    await send({"type": "http.response.start", "status": int(status), "headers": named})
    while file is not None and (chunk := file.read(CHUNK_BYTES)):
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
