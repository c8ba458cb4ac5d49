"""Static files go out compressed, are asked for again in vain, and nothing outside is served."""

import gzip
from typing import Any

import pytest

from abdre.static_files import StaticFiles

FILE = "/static/css/tokens.css"


async def inner(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture(scope="module")
def files() -> StaticFiles:
    return StaticFiles(inner)


async def fetch(files: StaticFiles, path: str = FILE, method: str = "GET", **headers: str):
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    await files({"type": "http", "method": method, "path": path, "headers": named}, None, send)
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent[1:])


async def test_what_shrinks_goes_out_compressed_to_who_understands_it(files: StaticFiles):
    _, plain_headers, plain = await fetch(files)
    _, headers, packed = await fetch(files, accept_encoding="gzip, br")

    assert gzip.decompress(packed) == plain
    assert len(packed) < len(plain)
    assert headers[b"content-length"] == str(len(packed)).encode()
    assert b"content-encoding" not in plain_headers


async def test_a_file_that_has_not_changed_is_not_sent_again(files: StaticFiles):
    _, headers, _ = await fetch(files)

    status, _, body = await fetch(files, if_none_match=headers[b"etag"].decode(), accept_encoding="gzip")

    assert (status, body) == (304, b"")


async def test_a_head_request_has_no_body(files: StaticFiles):
    status, _, body = await fetch(files, method="HEAD", accept_encoding="gzip")

    assert (status, body) == (200, b"")


@pytest.mark.parametrize(
    "path", ["/static/", "/static/nothing.css", "/static/../manage.py", "/static/css/../../manage.py"]
)
async def test_nothing_else_is_there(files: StaticFiles, path: str):
    assert (await fetch(files, path))[0] == 404


async def test_other_paths_go_on(files: StaticFiles):
    assert (await fetch(files, "/chats"))[0] == 299
