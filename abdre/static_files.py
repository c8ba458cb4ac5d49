"""`/static/` by WhiteNoise, mounted before Django so that no other request pays its thread hop."""

from typing import Any

from asgiref.wsgi import WsgiToAsgi
from django.conf import settings
from django.contrib.staticfiles import finders
from whitenoise import WhiteNoise


class StaticFiles:
    """ASGI middleware for the roles that serve pages."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._files = WsgiToAsgi(_whitenoise())

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        wanted = scope["type"] == "http" and scope["path"].startswith(settings.STATIC_URL)
        await (self._files if wanted else self._inner)(scope, receive, send)


def _whitenoise() -> WhiteNoise:
    files = WhiteNoise(_missing, autorefresh=settings.DEBUG, max_age=60)
    for finder in finders.get_finders():
        for storage in finder.storages.values():  # type: ignore[attr-defined]  # both of Django's finders have it
            files.add_files(storage.location, prefix=settings.STATIC_URL)
    return files


def _missing(environ: Any, start_response: Any) -> list[bytes]:
    start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
    return [b"not found"]
