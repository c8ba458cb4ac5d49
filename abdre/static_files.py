"""`/static/` from the apps' own folders by WhiteNoise, mounted before Django so that no other request pays for it."""

import asyncio
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from whitenoise import WhiteNoise

# Nobody waits for more than one thread hop per so many bytes.
CHUNK_BYTES = 256 * 1024
MAX_AGE_S = 60


class StaticFiles:
    """ASGI middleware for the roles that serve pages."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._found = _found_files()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(settings.STATIC_URL):
            await self._inner(scope, receive, send)
            return
        file = self._found.files.get(scope["path"])
        if file is None:
            await _answer(send, HTTPStatus.NOT_FOUND, [("Content-Type", "text/plain; charset=utf-8")], None)
            return
        response = await asyncio.to_thread(file.get_response, scope["method"], _as_environ(scope))
        await _answer(send, response.status, response.headers, response.file)


def _found_files() -> WhiteNoise:
    # autorefresh would look at the disk for every request; files change with a release
    found = WhiteNoise(None, autorefresh=False, max_age=MAX_AGE_S)
    for finder in finders.get_finders():
        for storage in finder.storages.values():  # type: ignore[attr-defined]  # both of Django's finders have it
            found.add_files(storage.location, prefix=settings.STATIC_URL)
    return found


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
