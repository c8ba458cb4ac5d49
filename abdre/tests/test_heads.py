"""Which heads are beyond doubt."""

from typing import Any

import pytest

from abdre.heads import MALFORMED, UNKNOWN_METHOD, UNKNOWN_VERSION, has_body, refusal_of

HOST = (b"host", b"chat.example.org")
PLAIN: dict[str, Any] = {"method": b"POST", "version": "1.1", "target": b"/x?y=1", "headers": [HOST]}


def with_host(value: bytes) -> dict[str, Any]:
    return {**PLAIN, "headers": [(b"host", value)]}


def coded(*values: bytes, version: str = "1.1") -> dict[str, Any]:
    return {**PLAIN, "version": version, "headers": [HOST, *((b"transfer-encoding", value) for value in values)]}


@pytest.mark.parametrize(
    "head",
    [
        PLAIN,
        {**PLAIN, "version": "1.0"},
        with_host(b"chat.example.org:8000"),
        with_host(b"a_b"),
        with_host(b"[::1]:80"),
        coded(b"chunked"),
        coded(b"Chunked"),
    ],
)
def test_a_plain_head_is_read(head: dict[str, Any]):
    assert refusal_of(**head) is None


@pytest.mark.parametrize(
    "head",
    [
        {**PLAIN, "headers": []},
        {**PLAIN, "headers": [HOST, HOST]},
        *(with_host(value) for value in (b"", b"a/b", b"a@b", b"a, b", b"a b", b"a:b", b"a:", b"[::1", b"a\xff")),
        *({**PLAIN, "target": target} for target in (b"http://y/", b"y:80", b"*", b"x", b"/x#y")),
        *(coded(value) for value in (b"gzip, chunked", b"chunked, chunked", b"identity", b"")),
        coded(b"chunked", b"chunked"),
        coded(b"chunked", version="1.0"),
    ],
)
def test_what_has_two_meanings_is_malformed(head: dict[str, Any]):
    assert refusal_of(**head) == MALFORMED


@pytest.mark.parametrize("method", [b"CONNECT", b"TRACE", b"PROPFIND"])
def test_a_method_that_nobody_here_speaks_is_said_to_be_unknown(method: bytes):
    assert refusal_of(**{**PLAIN, "method": method}) == UNKNOWN_METHOD


@pytest.mark.parametrize("version", ["0.9", "2.0"])
def test_another_version_is_said_to_be_unknown(version: str):
    assert refusal_of(**{**PLAIN, "version": version}) == UNKNOWN_VERSION


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ([], False),
        ([(b"content-length", b"0")], False),
        ([(b"content-length", b"1")], True),
        ([(b"transfer-encoding", b"chunked")], True),
    ],
)
def test_a_head_says_whether_a_body_follows(headers: list[tuple[bytes, bytes]], said: bool):
    assert has_body(headers) is said
