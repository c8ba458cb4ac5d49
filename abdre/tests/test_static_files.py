"""Static files go out compressed, are kept for ever under the name of their content, and nothing outside is served."""

import gzip
import posixpath
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import brotli
import pytest
from django.templatetags.static import static

from abdre.static_files import StaticFiles
from abdre.static_storage import _without_comments, storage

PLAIN = "/static/css/tokens.css"
FOR_EVER = b"public, max-age=31536000, immutable"
REFERENCES = {
    ".js": r"""^(?:import|export)\b[^"';]*?["'](\.\.?/[^"']+)["']|\bimport\(\s*["']([^"']+)["']""",
    ".css": r"""\burl\(\s*["']?([^"')]+)()""",
}
COMMENT_LINE = re.compile(r"^\s*(?://|/\*|\*).*$", re.MULTILINE)  # types are written as imports there


async def inner(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture(scope="module")
def files() -> StaticFiles:
    return StaticFiles(inner)


async def fetch(files: StaticFiles, path: str, method: str = "GET", **headers: str):
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    await files({"type": "http", "method": method, "path": path, "headers": named}, None, send)
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent[1:])


def references(path: str, content: bytes) -> Iterator[str]:
    kind = posixpath.splitext(path)[1]
    if kind in REFERENCES:
        text = COMMENT_LINE.sub("", content.decode()) if kind == ".js" else content.decode()
        for found in re.findall(REFERENCES[kind], text, re.MULTILINE):
            reference = "".join(found)
            if not reference.startswith(("data:", "#")):
                yield urljoin(path, reference.partition("#")[0].partition("?")[0])


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("name", ["css/tokens.css", "js/main.js", "img/icon-180.png", "admin/css/base.css"])
async def test_what_pages_name_may_be_kept_for_ever(files: StaticFiles, settings: Any, debug: bool, name: str):
    settings.DEBUG = debug

    status, headers, body = await fetch(files, static(name))

    assert (status, headers[b"cache-control"]) == (200, FOR_EVER)
    assert body == (await fetch(files, f"/static/{name}"))[2]


async def test_a_plain_name_is_kept_for_a_short_time(files: StaticFiles):
    status, headers, _ = await fetch(files, PLAIN)

    assert (status, headers[b"cache-control"]) == (200, b"public, max-age=60")


@pytest.mark.parametrize("other", ["tokens.0123456789ab.css", "tokens.ffffffffffff.css"])
async def test_the_name_that_another_release_gave_brings_what_there_is_now(files: StaticFiles, other: str):
    status, headers, body = await fetch(files, f"/static/css/{other}")

    assert (status, headers[b"cache-control"]) == (200, b"no-cache")
    assert body == (await fetch(files, PLAIN))[2]


def test_whatever_a_file_refers_to_may_be_kept_for_ever():
    hashed = {static(name): storage().file(name).content for name in storage().sources}

    followed = {reference for path, content in hashed.items() for reference in references(path, content)}

    assert len(followed) > 80
    assert followed - hashed.keys() == set()


def test_comments_stay_at_home_and_what_runs_stays_on_its_line():
    text = "/** One\n * @param {X} y\n */\nrun();\n  // two\n.brand { color: red; }\n"

    assert _without_comments(text) == "\n\n\nrun();\n\n.brand { color: red; }\n"
    assert b"/*" not in storage().file("css/base.css").content
    assert b"/*" in storage().file("admin/css/base.css").content


@pytest.mark.parametrize(
    "text",
    [
        'const url = "https://example.org"; // a comment after code\n',
        "/** @type {X} */ (one).two();\nthree(); /* four */\n/** @type {X} */ (five).six();\n",
        "const [a] = [1]; /**/\n",
    ],
)
def test_code_beside_a_comment_is_left_as_it_is(text: str):
    assert _without_comments(text) == text


async def test_opened_by_itself_a_file_may_do_nothing(files: StaticFiles):
    _, headers, _ = await fetch(files, PLAIN)

    assert headers[b"content-security-policy"] == b"default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize(
    ("accepted", "encoding", "decompress"),
    [
        ("gzip, deflate, br, zstd", b"br", brotli.decompress),
        ("gzip, deflate", b"gzip", gzip.decompress),
        ("", None, bytes),
    ],
)
async def test_it_goes_out_as_small_as_the_browser_understands(files: StaticFiles, accepted, encoding, decompress):
    _, _, plain = await fetch(files, static("css/tokens.css"))
    _, headers, packed = await fetch(files, static("css/tokens.css"), accept_encoding=accepted)

    assert decompress(packed) == plain
    assert headers.get(b"content-encoding") == encoding
    assert headers[b"content-length"] == str(len(packed)).encode()
    assert headers[b"vary"] == b"Accept-Encoding"
    assert (len(packed) < len(plain)) == (encoding is not None)


async def test_what_is_compressed_already_stays_as_it_is(files: StaticFiles):
    _, headers, _ = await fetch(files, static("img/icon-180.png"), accept_encoding="gzip, br")

    assert headers[b"content-type"] == b"image/png"
    assert b"content-encoding" not in headers
    assert b"vary" not in headers


@pytest.mark.parametrize("path", [PLAIN, "/static/css/tokens.ffffffffffff.css"])
async def test_a_file_that_has_not_changed_is_not_sent_again(files: StaticFiles, path: str):
    _, first, _ = await fetch(files, path)

    for _ in range(2):
        status, headers, body = await fetch(files, path, if_none_match=first[b"etag"].decode(), accept_encoding="gzip")
        assert (status, body) == (304, b"")
        assert headers[b"cache-control"] == first[b"cache-control"]


async def test_a_head_request_has_no_body(files: StaticFiles):
    _, got, _ = await fetch(files, PLAIN, accept_encoding="br")

    status, headers, body = await fetch(files, PLAIN, method="HEAD", accept_encoding="br")

    assert (status, headers, body) == (200, got, b"")


async def test_a_part_can_be_asked_for(files: StaticFiles):
    _, _, whole = await fetch(files, PLAIN)

    status, headers, part = await fetch(files, PLAIN, range="bytes=10-19")

    assert (status, part) == (206, whole[10:20])
    assert headers[b"content-range"] == f"bytes 10-19/{len(whole)}".encode()


async def test_a_part_beyond_the_end_is_refused_and_not_kept(files: StaticFiles):
    status, headers, _ = await fetch(files, static("css/tokens.css"), range="bytes=9999999-")

    assert status == 416
    assert b"cache-control" not in headers


async def test_a_range_that_is_none_brings_the_whole(files: StaticFiles):
    assert (await fetch(files, PLAIN, range="lines=1-2"))[0] == 200


async def test_nothing_can_be_posted(files: StaticFiles):
    status, headers, _ = await fetch(files, PLAIN, method="POST")

    assert (status, headers[b"allow"]) == (405, b"GET, HEAD")


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/nothing.css",
        "/static/nothing.0123456789ab.css",
        "/static/css/tokens.0123456789.css",
        "/static/css.0123456789ab/tokens.css",
        "/static/../manage.py",
        "/static/css/../../manage.py",
        "/static/css/../../manage.0123456789ab.py",
    ],
)
async def test_nothing_else_is_there(files: StaticFiles, path: str):
    assert (await fetch(files, path))[0] == 404


async def test_other_paths_go_on(files: StaticFiles):
    assert (await fetch(files, "/chats"))[0] == 299
