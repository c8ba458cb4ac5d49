"""Requests that two readers may understand differently: the service sees exactly those that are beyond doubt.

After each one the same line is asked for something else, as somebody would be who shares it behind an edge: that is
answered as itself, or the line has ended.
"""

import time
from typing import NamedTuple

import pytest

from deploy.tests.line import Heard, Line
from deploy.tests.system.conftest import Lone

pytestmark = pytest.mark.all_in_one  # about the gateway alone

HOST = b"Host: chat.example.org\r\n"
GET = b"GET /api/chats/case HTTP/1.1\r\n" + HOST
POST = b"POST /api/chats/case HTTP/1.1\r\n" + HOST
CHUNKED = b"Transfer-Encoding: chunked\r\n"
X = b"Content-Length: 1\r\n\r\nx"
SMUGGLED = b"GET /api/chats/smuggled HTTP/1.1\r\n" + HOST + b"\r\n"
SOCKET = (
    b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)
H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
LONG = b"Content-Length: %d\r\n\r\n" % len(SMUGGLED)
MANY = 100
ONE_GET, ONE_POST = ("GET case",), ("POST case",)
GET_AND_SMUGGLED, POST_AND_SMUGGLED = (*ONE_GET, "GET smuggled"), (*ONE_POST, "GET smuggled")
GOES_ON, ENDS = True, False


class Case(NamedTuple):
    name: str
    said: bytes | tuple[bytes, ...]  # parts are read apart
    answers: tuple[int, ...]
    seen: tuple[str, ...] = ()
    goes_on: bool = ENDS


CASES = (
    # What is beyond doubt goes through.
    Case("a plain GET", GET + b"\r\n", (200,), ONE_GET, GOES_ON),
    Case("a body with its length", POST + X, (200,), ONE_POST, GOES_ON),
    Case("a body in chunks", POST + CHUNKED + b"\r\n1\r\nx\r\n0\r\n\r\n", (200,), ONE_POST, GOES_ON),
    Case("chunks with leading zeros", POST + CHUNKED + b"\r\n0001\r\nx\r\n000\r\n\r\n", (200,), ONE_POST, GOES_ON),
    Case("chunk extensions", POST + CHUNKED + b'\r\n1;a=b;c="d"\r\nx\r\n0;e\r\n\r\n', (200,), ONE_POST, GOES_ON),
    Case("a GET with a body", GET + X, (200,), ONE_GET, GOES_ON),
    Case("two requests at once", GET + b"\r\n" + SMUGGLED, (200, 200), GET_AND_SMUGGLED, GOES_ON),
    Case("a body, then a request", POST + X + SMUGGLED, (200, 200), POST_AND_SMUGGLED, GOES_ON),
    Case("empty lines before", b"\r\n\r\n" + GET + b"\r\n", (200,), ONE_GET, GOES_ON),
    # Two lengths, or one that is none.
    Case("length and chunks", POST + b"Content-Length: 6\r\n" + CHUNKED + b"\r\n0\r\n\r\nX", (400,)),
    Case("chunks and length", POST + CHUNKED + b"Content-Length: 4\r\n\r\n1\r\nx\r\n0\r\n\r\n", (400,)),
    Case("two lengths", POST + b"Content-Length: 0\r\nContent-Length: 1\r\n\r\nx", (400,)),
    Case("the same length twice", POST + b"Content-Length: 1\r\n" + X, (400,)),
    Case("a list of lengths", POST + b"Content-Length: 1, 1\r\n\r\nx", (400,)),
    Case("a negative length", POST + b"Content-Length: -1\r\n\r\n", (400,)),
    Case("a length with a plus", POST + b"Content-Length: +1\r\n\r\nx", (400,)),
    Case("a hexadecimal length", POST + b"Content-Length: 0x1\r\n\r\nx", (400,)),
    Case("a length with a space in it", POST + b"Content-Length: 1 1\r\n\r\nx", (400,)),
    Case("an underscored length", POST + b"Content-Length: 1_0\r\n\r\nx", (400,)),
    Case("an empty length", POST + b"Content-Length:\r\n\r\n", (400,)),
    Case("a length beyond 64 bits", POST + b"Content-Length: 18446744073709551617\r\n\r\nx", (400,)),
    Case("a request in a body beyond the limit", POST + b"Content-Length: 99999999999\r\n\r\n" + SMUGGLED, (413,)),
    # Codings that one reader sees and another does not.
    Case("xchunked", POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED, (400,)),
    Case("chunkedx", POST + b"Transfer-Encoding: chunkedx\r\n\r\n0\r\n\r\n", (400,)),
    Case("identity", POST + b"Transfer-Encoding: identity\r\n\r\n", (400,)),
    Case("identity and length", POST + b"Transfer-Encoding: identity\r\n" + X, (400,)),
    Case("gzip, chunked", POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", (400,)),
    Case("chunked, identity", POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", (400,)),
    Case("chunked, chunked", POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", (400,)),
    Case("chunked twice", POST + CHUNKED + CHUNKED + b"\r\n0\r\n\r\n", (400,)),
    Case("chunked, then identity", POST + CHUNKED + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n", (400,)),
    Case("quoted chunked", POST + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n', (400,)),
    Case("an empty coding", POST + b"Transfer-Encoding:\r\n\r\n0\r\n\r\n", (400,)),
    Case("a second space", POST + b"Transfer-Encoding:  chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", (200,), ONE_POST, GOES_ON),
    Case("a tab before it", POST + b"Transfer-Encoding:\tchunked\r\n\r\n0\r\n\r\n", (200,), ONE_POST, GOES_ON),
    Case("ChUnKeD", POST + b"Transfer-Encoding: ChUnKeD\r\n\r\n0\r\n\r\n", (200,), ONE_POST, GOES_ON),
    Case("a space before the colon", POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", (400,)),
    Case("a tab before the colon", POST + b"Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n", (400,)),
    Case("a space before the name", POST + b" Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (400,)),
    Case("a vertical tab before it", POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", (400,)),
    Case("chunked on a second line", POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", (400,)),
    Case("underscored", POST + b"Transfer_Encoding: chunked\r\n" + X, (200,), ONE_POST, GOES_ON),
    Case("chunks in HTTP/1.0", POST.replace(b"1.1", b"1.0") + CHUNKED + b"\r\n0\r\n\r\n", (400,)),
    # Chunks that end somewhere else.
    Case("a chunk size beyond 64 bits", POST + CHUNKED + b"\r\n1" + b"0" * 16 + b"\r\nx", (400,)),
    Case("a chunk size with 0x", POST + CHUNKED + b"\r\n0x1\r\nx\r\n0\r\n\r\n", (400,)),
    Case("a negative chunk size", POST + CHUNKED + b"\r\n-1\r\nx\r\n0\r\n\r\n", (400,)),
    Case("a plus before the chunk size", POST + CHUNKED + b"\r\n+1\r\nx\r\n0\r\n\r\n", (400,)),
    Case("a space before the chunk size", POST + CHUNKED + b"\r\n 1\r\nx\r\n0\r\n\r\n", (400,)),
    Case("a space after the chunk size", POST + CHUNKED + b"\r\n1 \r\nx\r\n0\r\n\r\n", (400,)),
    Case("an empty chunk size", POST + CHUNKED + b"\r\n\r\nx\r\n0\r\n\r\n", (400,)),
    Case("a chunk longer than it says", POST + CHUNKED + b"\r\n1\r\nxx\r\n0\r\n\r\n", (400,)),
    Case("a chunk that ends in LF", POST + CHUNKED + b"\r\n1\r\nx\n0\r\n\r\n", (400,)),
    Case("a chunk size that ends in LF", POST + CHUNKED + b"\r\n1\nx\r\n0\r\n\r\n", (400,)),
    Case("a bare LF in a chunk extension", POST + CHUNKED + b"\r\n1;a\nx\r\n0\r\n\r\n", (400,)),
    Case("a bare CR in a chunk extension", POST + CHUNKED + b"\r\n1;a\rb\r\nx\r\n0\r\n\r\n", (400,)),
    Case("a chunk that ends in CR", POST + CHUNKED + b"\r\n1\r\nx\r0\r\n\r\n", (400,)),
    Case(
        "trailers",
        POST + CHUNKED + b"\r\n0\r\nX-Forwarded-For: 6.6.6.6\r\nHost: evil\r\n\r\n",
        (200,),
        ONE_POST,
        GOES_ON,
    ),
    Case("a length among the trailers", POST + CHUNKED + b"\r\n0\r\nContent-Length: 9\r\n\r\n" + SMUGGLED, (400,)),
    Case("a trailer that is none", POST + CHUNKED + b"\r\n0\r\n" + SMUGGLED, (400,)),
    # Lines that end, or go on, for some.
    Case("bare LF after the request line", b"GET /api/chats/case HTTP/1.1\n" + HOST + b"\r\n", (400,)),
    Case("bare LF after a header", GET + b"X-A: b\n\r\n", (400,)),
    Case("bare LF at the end of the head", GET + b"\n", (400,)),
    Case("bare CR in a value", GET + b"X-A: b\rX-B: c\r\n\r\n", (400,)),
    Case("bare CR in the target", b"GET /api/chats/case\rx HTTP/1.1\r\n" + HOST + b"\r\n", (400,)),
    Case("a folded line", GET + b"X-A: b\r\n c\r\n\r\n", (400,)),
    Case("a first line that is folded", GET.replace(HOST, b" X-A: b\r\n" + HOST) + b"\r\n", (400,)),
    Case("NUL in a value", GET + b"X-A: b\0c\r\n\r\n", (400,)),
    Case("a control character in a value", GET + b"X-A: b\x01c\r\n\r\n", (400,)),
    Case("DEL in a value", GET + b"X-A: b\x7fc\r\n\r\n", (400,)),
    Case("NUL in a name", GET + b"X\0A: b\r\n\r\n", (400,)),
    Case("a space in a name", GET + b"X A: b\r\n\r\n", (400,)),
    Case("a letter beyond ASCII in a name", GET + b"X-\xd2\x9b: b\r\n\r\n", (400,)),
    Case("an empty name", GET + b": b\r\n\r\n", (400,)),
    Case("a line without a colon", GET + b"X-A\r\n\r\n", (400,)),
    Case("letters beyond ASCII in a value", GET + b"X-A: \xd2\x9b\xff\r\n\r\n", (200,), ONE_GET, GOES_ON),
    # Whom it is for, and what is asked.
    Case("no Host", b"GET /api/chats/case HTTP/1.1\r\n\r\n", (400,)),
    Case("two Hosts", GET + b"Host: evil.example\r\n\r\n", (400,)),
    Case("the same Host twice", GET + HOST + b"\r\n", (400,)),
    Case("an empty Host", b"GET /api/chats/case HTTP/1.1\r\nHost:\r\n\r\n", (400,)),
    Case("a Host with a path", b"GET /api/chats/case HTTP/1.1\r\nHost: a/b\r\n\r\n", (400,)),
    Case("a Host with a user", b"GET /api/chats/case HTTP/1.1\r\nHost: a@b\r\n\r\n", (400,)),
    Case("a Host with a list", b"GET /api/chats/case HTTP/1.1\r\nHost: a, b\r\n\r\n", (400,)),
    Case("a Host with a space", b"GET /api/chats/case HTTP/1.1\r\nHost: a b\r\n\r\n", (400,)),
    Case("a Host with a port that is none", b"GET /api/chats/case HTTP/1.1\r\nHost: a:b\r\n\r\n", (400,)),
    Case("an IPv6 Host", b"GET /api/chats/case HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", (200,), ONE_GET, GOES_ON),
    Case("another host in the target", b"GET http://evil.example/api/chats/case HTTP/1.1\r\n" + HOST + b"\r\n", (400,)),
    Case(
        "the host in the target too",
        b"GET http://chat.example.org/api/chats/case HTTP/1.1\r\n" + HOST + b"\r\n",
        (400,),
    ),
    Case("only a host in the target", b"GET chat.example.org:80 HTTP/1.1\r\n" + HOST + b"\r\n", (400,)),
    Case("a star for a target", b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", (400,)),
    Case("a target without a slash", b"GET api/chats/case HTTP/1.1\r\n" + HOST + b"\r\n", (400,)),
    Case("a space in the target", b"GET /api/chats/case x HTTP/1.1\r\n" + HOST + b"\r\n", (400,)),
    Case("a tab in the target", b"GET /api/chats/case\tx HTTP/1.1\r\n" + HOST + b"\r\n", (400,)),
    Case("NUL in the target", b"GET /api/chats/case\0 HTTP/1.1\r\n" + HOST + b"\r\n", (400,)),
    Case("letters beyond ASCII in the target", b"GET /api/chats/\xd2\x9b HTTP/1.1\r\n" + HOST + b"\r\n", (400,)),
    Case(
        "two spaces before the version", b"GET /api/chats/case  HTTP/1.1\r\n" + HOST + b"\r\n", (200,), ONE_GET, GOES_ON
    ),
    Case("a fragment", b"GET /api/chats/case#x HTTP/1.1\r\n" + HOST + b"\r\n", (400,)),
    Case(
        "dots in the path",
        b"GET /api/chats/../%2e%2e/case HTTP/1.1\r\n" + HOST + b"\r\n",
        (200,),
        ("GET ../%2e%2e/case",),
        GOES_ON,
    ),
    Case("an unknown method", GET.replace(b"GET", b"BREW") + b"\r\n", (400,)),
    Case("a method in small letters", GET.replace(b"GET", b"get") + b"\r\n", (400,)),
    Case("TRACE", GET.replace(b"GET", b"TRACE") + b"\r\n", (501,)),
    Case("CONNECT to a host", b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", (501,)),
    Case("CONNECT to a path", GET.replace(b"GET", b"CONNECT") + b"\r\n" + SMUGGLED, (501,)),
    Case("a method of WebDAV", GET.replace(b"GET", b"PROPFIND") + b"\r\n", (501,)),
    Case("HTTP/0.9", b"GET /api/chats/case\r\n\r\n", (505,)),
    Case("HTTP/1.0", GET.replace(b"1.1", b"1.0") + b"\r\n" + SMUGGLED, (200,), ONE_GET),
    Case("HTTP/1.2", GET.replace(b"HTTP/1.1", b"HTTP/1.2") + b"\r\n", (400,)),
    Case("HTTP/2.0", GET.replace(b"HTTP/1.1", b"HTTP/2.0") + b"\r\n", (505,)),
    Case("HTTP/3.1", GET.replace(b"HTTP/1.1", b"HTTP/3.1") + b"\r\n", (400,)),
    Case("http/1.1", GET.replace(b"HTTP/1.1", b"http/1.1") + b"\r\n", (400,)),
    Case("HTTP/2's preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400,)),
    Case("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", (400,)),
    # What is said of the connection alone.
    Case("close, then a request", GET + b"Connection: close\r\n\r\n" + SMUGGLED, (200,), ONE_GET),
    Case("a wish to be told to continue", POST + b"Expect: 100-continue\r\n" + X, (100, 200), ONE_POST, GOES_ON),
    Case("a wish that nobody knows", POST + b"Expect: 200-maybe\r\n" + X, (200,), ONE_POST, GOES_ON),
    # Upgrades that we do not do are passed over, and handshakes are handshakes alone.
    Case("an upgrade to h2c", GET + H2C + b"\r\n" + SMUGGLED, (200, 200), GET_AND_SMUGGLED, GOES_ON),
    Case("the same, with a body", (POST + H2C, X + SMUGGLED), (200, 200), POST_AND_SMUGGLED, GOES_ON),
    Case("an upgrade whose body is a request", (POST + H2C, LONG, SMUGGLED), (200,), ONE_POST, GOES_ON),
    Case("a handshake by POST", (POST + SOCKET, LONG, SMUGGLED), (200,), ONE_POST, GOES_ON),
    Case("a handshake with a body", (GET + SOCKET, LONG, SMUGGLED), (200,), ONE_GET, GOES_ON),
    Case("a handshake with chunks", GET + SOCKET + CHUNKED + b"\r\n0\r\n\r\n", (200,), ONE_GET, GOES_ON),
    Case("a handshake amid an answer", GET + b"\r\n" + GET + SOCKET + b"\r\n", (200, 200), 2 * ONE_GET, GOES_ON),
    Case("a handshake of another version", GET + SOCKET.replace(b": 13", b": 12") + b"\r\n" + SMUGGLED, (400,)),
    Case("a handshake without a key", GET + SOCKET.replace(b"Sec-WebSocket-Key", b"X") + b"\r\n" + SMUGGLED, (400,)),
    Case("a refused handshake", GET + SOCKET + b"\r\n" + SMUGGLED, (403,), ONE_GET),
    Case("a refused handshake, then a request", (GET + SOCKET + b"\r\n", SMUGGLED), (403,), ONE_GET),
    Case("a handshake with another host", b"GET http://evil.example/ws HTTP/1.1\r\n" + HOST + SOCKET + b"\r\n", (400,)),
    Case("a handshake with two Hosts", GET + HOST + SOCKET + b"\r\n" + SMUGGLED, (400,)),
    Case("an upgrade that is not asked for", GET + b"Upgrade: websocket\r\n\r\n", (200,), ONE_GET, GOES_ON),
)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_request_is_seen_as_it_is_or_not_at_all(lone: Lone, case: Case):
    lone.echo.seen()
    with Line(lone.gateway.port) as line:
        say(line, case.said)
        heard = [line.hear() for _ in case.answers]
        after = next_on(line)

    assert tuple(answer and answer.status for answer in heard) == case.answers
    assert seen_by(lone) == [*case.seen, *(["GET next"] if case.goes_on else [])]
    if case.goes_on:
        assert after is not None
        assert after.json["target"] == "/api/chats/next"
    else:
        assert after is None


def say(line: Line, said: bytes | tuple[bytes, ...]) -> None:
    first, *more = said if isinstance(said, tuple) else (said,)
    line.say(first)
    for part in more:
        time.sleep(0.05)
        line.say(part)


def next_on(line: Line) -> Heard | None:
    try:
        line.say(b"GET /api/chats/next HTTP/1.1\r\nHost: chat.example.org\r\n\r\n")
    except (BrokenPipeError, ConnectionResetError):
        return None
    return line.hear()


def seen_by(lone: Lone) -> list[str]:
    return [
        f"{request['method']} {request['target'].removeprefix('/api/chats/')}" if "method" in request else str(request)
        for request in lone.echo.seen()
    ]


def test_many_requests_at_once_are_answered_in_their_order(lone: Lone):
    with Line(lone.gateway.port) as line:
        line.say(b"".join(b"GET /api/chats/%d HTTP/1.1\r\n%b\r\n" % (number, HOST) for number in range(MANY)))
        answers = [line.hear() for _ in range(MANY)]

    assert [answer and answer.json["target"] for answer in answers] == [
        f"/api/chats/{number}" for number in range(MANY)
    ]


def one_seen(lone: Lone, headers: bytes, *, target: bytes = b"/api/chats/case") -> dict[str, list[str]]:
    """What the service saw of these, by name."""
    lone.echo.seen()
    with Line(lone.gateway.port) as line:
        line.say(b"GET " + target + b" HTTP/1.1\r\n" + HOST + headers + b"\r\n")
        answer = line.hear()
    assert answer is not None
    assert answer.status == 200
    [request] = lone.echo.seen()
    named: dict[str, list[str]] = {}
    for name, value in request["headers"]:
        named.setdefault(name, []).append(value)
    return named


CLAIMED = ("x-forwarded-for", "x-forwarded-proto", "x-request-id", "traceparent")
CLAIMS = (
    b"X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 7.7.7.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil\r\n"
    b"X-Forwarded-Port: 1\r\nForwarded: for=6.6.6.6\r\nX-Request-ID: mine\r\ntracestate: a=b\r\n"
    b"traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n"
)


@pytest.mark.parametrize(
    "connection", [b"", b"Connection: " + b", ".join(name.encode() for name in CLAIMED) + b", host\r\n"]
)
def test_what_a_client_says_of_itself_is_replaced(lone: Lone, connection: bytes):
    seen = one_seen(lone, CLAIMS + connection)

    assert seen["x-forwarded-for"] == ["127.0.0.1"]
    assert seen["x-forwarded-proto"] == ["http"]
    assert seen["host"] == ["chat.example.org"]
    assert {len(seen[name]) for name in CLAIMED} == {1}
    assert "mine" not in seen["x-request-id"]
    assert "4bf92f3577b34da6a3ce929d0e0e4736" not in seen["traceparent"][0]
    assert not {"x-forwarded-host", "x-forwarded-port", "forwarded", "tracestate"} & set(seen)


def test_a_name_that_some_take_for_another_is_not_passed_on(lone: Lone):
    seen = one_seen(lone, b"X_Forwarded_For: 6.6.6.6\r\nX-Forwarded_Proto: https\r\nX-Own: 1\r\n")

    assert not [name for name in seen if "_" in name]
    assert seen["x-own"] == ["1"]


def test_what_is_said_of_the_connection_stays_there(lone: Lone):
    own = b"Keep-Alive: 5\r\nTE: trailers\r\nTrailer: X\r\nProxy-Connection: close\r\nProxy-Authorization: x\r\n"

    seen = one_seen(lone, own + b"Connection: keep-alive, X-Private\r\nX-Private: 1\r\nX-Own: 1\r\n")

    assert not {"keep-alive", "te", "trailer", "proxy-connection", "proxy-authorization", "x-private"} & set(seen)
    assert seen["x-own"] == ["1"]


def test_a_part_of_the_whole_is_asked_for_and_given(lone: Lone):
    with Line(lone.gateway.port) as line:
        line.say(b"GET /api/chats/case?status=206 HTTP/1.1\r\n" + HOST + b"Range: bytes=1-2\r\n\r\n")
        answer = line.hear()

    assert answer is not None
    assert answer.status == 206
    assert ["range", "bytes=1-2"] in answer.json["headers"]


@pytest.mark.parametrize(("method", "status"), [(b"HEAD", 200), (b"DELETE", 204), (b"GET", 304), (b"HEAD", 404)])
def test_an_answer_without_a_body_has_none_whatever_its_length_says(lone: Lone, method: bytes, status: int):
    with Line(lone.gateway.port) as line:
        line.say(method + b" /api/chats/case?status=%d HTTP/1.1\r\n" % status + HOST + b"\r\n")
        answer = line.hear(to_head=method == b"HEAD")
        after = next_on(line)

    assert answer is not None
    assert answer.status == status
    assert not answer.all("transfer-encoding")
    assert after is not None
    assert after.json["target"] == "/api/chats/next"
