"""Files through the front door: up in parts, out to members alone, and nothing in them that could run."""

import struct
import zlib
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image

from deploy.tests.people import Answer, Person, Town

pytestmark = pytest.mark.split

BYTES = {"content_type": "application/octet-stream"}
HTML = b"<html><script>alert(document.domain)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


async def begin(person: Person, chat: str, name: str, size: int) -> Answer:
    return await person.post(f"{chat}/attachments", {"name": name, "size": size})


async def send_up(person: Person, chat: str, name: str, data: bytes) -> Any:
    """The answer to its last part."""
    upload = (await begin(person, chat, name, len(data))).body
    offset, answer = 0, None
    while offset < len(data):
        part = data[offset : offset + upload["chunk_bytes"]]
        path = f"{chat}/attachments/{upload['id']}"
        answer = await person.ask("PATCH", path, part, upload_offset=str(offset), **BYTES)
        offset += len(part)
    assert answer is not None
    return answer


async def say(person: Person, chat: str, upload: Any) -> Answer:
    message = {"client_id": str(uuid4()), "body": "", "attachments": [upload["id"]]}
    return await person.post(f"{chat}/messages", message)


async def signed(person: Person, chat: str, upload: Any) -> str:
    answer = await person.get(f"{chat}/attachments/{upload['id']}/content")
    assert answer.status == 302
    return answer.headers["Location"]


async def raw(person: Person, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    headers = {"Authorization": f"Bearer {person.token}", **headers} if person.token else headers
    async with person.http.get(person.base + path, headers=headers) as answer:
        return answer.status, dict(answer.headers), await answer.read()


def png(width: int = 300, height: int = 200) -> bytes:
    written = BytesIO()
    Image.linear_gradient("L").resize((width, height)).save(written, "PNG")
    return written.getvalue()


def bomb() -> bytes:
    """Some bytes that say they are 3,600 million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">II", 60_000, 60_000) + b"\x08\x02\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(99_999)))


async def a_chat(town: Town) -> tuple[Person, Person, Person, str]:
    """Ada's, with bob in it; eve is in none."""
    ada, bob, eve = await town.member("ada"), await town.member("bob"), await town.member("eve")
    facts = {"kind": "group", "title": "Tea", "members": [bob.id]}
    return ada, bob, eve, f"/api/chats/{(await ada.post('/api/chats', facts)).body['id']}"


async def test_a_large_file_goes_through_the_gateway_and_back_in_pieces(town: Town):
    ada, bob, _eve, chat = await a_chat(town)
    data = bytes(range(256)) * 12_000  # six parts

    upload = (await send_up(ada, chat, "film.bin", data)).body
    await say(ada, chat, upload)
    path = await signed(bob, chat, upload)

    assert (await raw(bob, path))[2] == data
    status, headers, piece = await raw(bob, path, Range="bytes=1000000-1000009")
    assert (status, piece) == (206, data[1_000_000:1_000_010])
    assert headers["Content-Range"] == f"bytes 1000000-1000009/{len(data)}"


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("photo.png", png() + HTML, "image"),
        ("logo.svg", SVG, "file"),
        ("page.html", HTML, "file"),
        ("a.jpg", b"MZ\0", "file"),
    ],
)
async def test_what_pretends_to_be_something_else_can_run_nowhere(town: Town, name: str, data: bytes, kind: str):
    ada, bob, _eve, chat = await a_chat(town)
    upload = (await send_up(ada, chat, name, data)).body
    await say(ada, chat, upload)

    _status, headers, given = await raw(bob, await signed(bob, chat, upload))

    assert upload["kind"] == kind
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    if kind == "image":
        assert (headers["Content-Type"], b"script" in given) == ("image/png", False)
    else:
        assert headers["Content-Type"].startswith("application/")
        assert headers["Content-Disposition"].startswith("attachment")


async def test_what_is_too_large_is_refused_at_once_and_a_bomb_before_it_goes_off(town: Town):
    ada, _bob, _eve, chat = await a_chat(town)

    claim = await begin(ada, chat, "film.mkv", 10 * 1024**3)
    exploded = await send_up(ada, chat, "bomb.png", bomb())
    elsewhere = await begin(ada, chat, "../../etc/passwd", 1)

    assert (claim.status, claim.body["error"]["code"]) == (413, "file_too_large")
    assert (exploded.status, exploded.body["error"]["code"]) == (413, "image_too_large")
    assert elsewhere.body["name"] == "passwd"


async def test_it_is_handed_out_to_members_alone_for_as_long_as_they_are(town: Town):
    ada, bob, eve, chat = await a_chat(town)
    upload = (await send_up(ada, chat, "photo.png", png())).body
    early = await bob.get(f"{chat}/attachments/{upload['id']}/content")
    await say(ada, chat, upload)
    path = await signed(bob, chat, upload)

    assert early.status == 404  # not said yet
    assert (await eve.get(f"{chat}/attachments/{upload['id']}/content")).status == 404
    assert (await raw(eve, path))[0] == 404
    assert (await raw(bob, path + "x"))[0] == 404
    assert (await raw(bob, path))[0] == 200
    await ada.delete(f"{chat}/members/{bob.id}")
    assert (await raw(bob, path))[0] == 404
    assert (await raw(town.nobody(), path))[0] == 404


async def test_a_stranger_neither_sends_up_nor_touches_what_others_do(town: Town):
    ada, _bob, eve, chat = await a_chat(town)
    upload = (await begin(ada, chat, "a.bin", 3)).body
    path = f"{chat}/attachments/{upload['id']}"

    assert (await begin(eve, chat, "a.bin", 3)).status == 404
    assert (await eve.ask("PATCH", path, b"abc", upload_offset="0", **BYTES)).status == 404
    assert (await eve.get(path)).status == 404
    assert (await eve.delete(path)).status == 404
    assert (await ada.get(path)).body["received"] == 0
