"""Another origin's page may ask the API only where the operator has said so, and never as whoever is signed in here."""

from typing import Any

import pytest

from abdre.cors import Preflights
from abdre.door import Door
from abdre.errors import Unavailable

APP = "https://app.example.org"
CREDENTIALS = b"access-control-allow-credentials"


async def inside(scope: Any, receive: Any, send: Any) -> None:
    if scope["path"] == "/api/away":
        raise Unavailable(retry_after_s=1)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"vary", b"accept-encoding")]})
    await send({"type": "http.response.body", "body": b""})


async def ask(method: str = "GET", path: str = "/api/chats", **headers: str) -> tuple[int, dict[bytes, bytes]]:
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "scheme": "https", "client": ("10.0.0.9", 5)}
    await Door(Preflights(inside))({**scope, "headers": named}, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"])


async def test_nobody_is_allowed_unless_named():
    status, headers = await ask("OPTIONS", origin=APP, access_control_request_method="POST")

    assert status == 200  # not answered here
    assert not any(name.startswith(b"access-control") for name in headers)


@pytest.fixture
def named(settings):
    settings.CORS_ORIGINS = [APP]


@pytest.mark.usefixtures("named")
async def test_a_named_origin_is_told_beforehand_what_it_may_send():
    status, headers = await ask("OPTIONS", origin=APP, access_control_request_method="POST")

    assert status == 204
    assert headers[b"access-control-allow-origin"] == APP.encode()
    assert b"authorization" in headers[b"access-control-allow-headers"]


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize("path", ["/api/chats", "/api/away"])
async def test_it_reads_answers_and_refusals_but_nobodys_who_came_by_cookie(path: str):
    _, headers = await ask(path=path, origin=APP)

    assert headers[b"access-control-allow-origin"] == APP.encode()
    assert b"x-request-id" in headers[b"access-control-expose-headers"]
    assert CREDENTIALS not in headers


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize(
    ("origin", "path"),
    [
        ("https://evil.example.org", "/api/chats"),
        ("https://app.example.org.evil.org", "/api/chats"),
        ("http://app.example.org", "/api/chats"),
        ("null", "/api/chats"),
        (APP, "/chats"),
    ],
)
async def test_others_and_pages_are_not_shown(origin: str, path: str):
    _, answer = await ask(path=path, origin=origin)
    status, preflight = await ask("OPTIONS", path, origin=origin, access_control_request_method="POST")

    assert status == 200
    assert b"access-control-allow-origin" not in {**answer, **preflight}
