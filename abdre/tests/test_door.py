"""What every request meets first: its id, its true sender, its limits, the headers of every answer."""

import asyncio
import json
import re
import time
from typing import Any

import pytest

from abdre import door
from abdre.door import Door
from abdre.errors import NotFound
from abdre.settings import base


class Inside:
    """Stands for the role behind the door."""

    def __init__(self, answer: Any = None) -> None:
        self.scope: dict[str, Any] = {}
        self.body = b""
        self.answer = answer

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        more = True
        while more:
            message = await receive()
            self.body += message.get("body", b"")
            more = message.get("more_body", False)
        if self.answer:
            raise self.answer
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-frame-options", b"SAMEORIGIN")]})
        await send({"type": "http.response.body", "body": b"ok"})


async def knock(
    inside: Inside, *, headers: dict[str, str] | None = None, body: list[bytes] | None = None, path: str = "/api/x"
):
    chunks = list(body or [b""])
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "scheme": "http",
        "client": ("10.0.0.9", 5),
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
    }
    await Door(inside)(scope, receive, send)
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"]


async def test_every_answer_has_a_request_id_and_the_security_headers():
    inside = Inside()

    _, headers, _ = await knock(inside)

    assert headers[b"x-request-id"].decode() == inside.scope["request_id"]
    assert b"default-src 'none'" in headers[b"content-security-policy"]
    assert b"unsafe" not in headers[b"content-security-policy"]
    assert headers[b"x-content-type-options"] == b"nosniff"


async def test_an_answers_own_header_wins():
    _, headers, _ = await knock(Inside())

    assert headers[b"x-frame-options"] == b"SAMEORIGIN"


async def test_what_a_client_says_of_itself_is_dropped(settings):
    settings.TRUSTED_PROXIES = 0
    inside = Inside()

    await knock(
        inside,
        headers={
            "X-Forwarded-For": "1.2.3.4",
            "X-Request-ID": "mine",
            "X-Forwarded-Proto": "https",
            "Forwarded": "for=1",
        },
    )

    names = dict(inside.scope["headers"])
    assert inside.scope["client"][0] == "10.0.0.9"
    assert inside.scope["request_id"] != "mine"
    assert names[b"x-forwarded-proto"] == b"http"
    assert b"forwarded" not in names


async def test_a_name_that_some_take_for_another_is_dropped():
    inside = Inside()

    await knock(inside, headers={"X_Forwarded_For": "6.6.6.6", "X-Forwarded_Proto": "https", "X-Own": "1"})

    names = {name for name, _ in inside.scope["headers"]}
    assert b"x-own" in names
    assert not [name for name in names if b"_" in name]


async def test_one_trusted_proxy_is_believed_for_one_hop(settings):
    settings.TRUSTED_PROXIES = 1
    inside = Inside()

    await knock(inside, headers={"X-Forwarded-For": "6.6.6.6, 198.51.100.7", "X-Request-ID": "from-the-gateway"})

    assert inside.scope["client"][0] == "198.51.100.7"
    assert inside.scope["request_id"] == "from-the-gateway"


async def test_a_body_said_to_be_too_large_is_refused_before_it_is_read(settings):
    settings.BODY_LIMIT_BYTES = 10
    inside = Inside()

    status, _, body = await knock(inside, headers={"Content-Length": "11"}, body=[b"x" * 11])

    assert (status, json.loads(body)["error"]["code"]) == (413, "too_large")
    assert inside.body == b""


async def test_where_files_are_sent_a_body_may_be_larger(settings):
    settings.BODY_LIMIT_BYTES = 10
    settings.LARGER_BODIES = [("/api/x/picture", 20)]

    async def status(path: str, size: int) -> int:
        return (await knock(Inside(), headers={"content-length": str(size)}, body=[b"x" * size], path=path))[0]

    sizes = [("/api/x/picture", 20), ("/api/x/picture", 21), ("/api/x/picture/more", 20), ("/api/x", 20)]
    assert [await status(*asked) for asked in sizes] == [200, 413, 413, 413]


async def test_a_role_that_passes_no_files_on_takes_no_form_of_them():
    path = "/chats/11111111-1111-4111-8111-111111111111/messages"

    assert re.fullmatch(base.MESSAGE_FORM, path)
    assert not [pattern for pattern, _ in base.LARGER_BODIES if re.fullmatch(pattern, path)]


async def test_a_body_that_grows_too_large_is_refused_on_the_way(settings):
    settings.BODY_LIMIT_BYTES = 10

    status, _, _ = await knock(Inside(), body=[b"x" * 6, b"x" * 6])

    assert status == 413


async def test_a_length_that_is_no_number_is_malformed():
    status, _, body = await knock(Inside(), headers={"Content-Length": "ten"})

    assert (status, json.loads(body)["error"]["code"]) == (400, "malformed")


async def test_a_refusal_from_within_is_rendered_in_the_one_shape():
    status, _, body = await knock(Inside(NotFound()))

    assert (status, json.loads(body)["error"]["code"]) == (404, "not_found")


async def test_a_probe_is_let_in_whatever_its_host(settings):
    settings.ALLOWED_HOSTS = ["chat.example.org", settings.PROBE_HOST]
    inside = Inside()

    await knock(inside, headers={"Host": "10.0.0.7:8001"}, path="/readyz")
    assert dict(inside.scope["headers"])[b"host"].decode() in settings.ALLOWED_HOSTS

    await knock(inside, headers={"Host": "10.0.0.7:8001"}, path="/chats")
    assert dict(inside.scope["headers"])[b"host"] == b"10.0.0.7:8001"


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = f"00-{TRACE}-00f067aa0ba902b7-00"


def traced(inside: Inside) -> list[str]:
    [header] = [value.decode() for name, value in inside.scope["headers"] if name == b"traceparent"]
    return header.split("-")


async def test_a_trace_goes_on_behind_the_gateway_with_a_span_of_its_own(settings):
    settings.TRUSTED_PROXIES = 1
    inside = Inside()

    await knock(inside, headers={"traceparent": CALLER, "tracestate": "x=1"})

    version, trace_id, span_id, flags = traced(inside)
    assert (version, trace_id, flags) == ("00", TRACE, "00")
    assert span_id != "00f067aa0ba902b7"
    assert inside.scope["trace_id"] == TRACE
    assert "tracestate" not in {name.decode() for name, _ in inside.scope["headers"]}


async def test_nobody_outside_begins_our_traces(settings):
    settings.TRUSTED_PROXIES = 0
    inside = Inside()

    await knock(inside, headers={"traceparent": CALLER})

    assert traced(inside)[1] != TRACE


@pytest.mark.parametrize(
    "header",
    ["", "00", f"00-{'0' * 32}-00f067aa0ba902b7-01", f"00-{TRACE}-{'0' * 16}-01", f"ff-{TRACE}-00f067aa0ba902b7-01"],
)
async def test_a_trace_that_is_not_understood_begins_anew(settings, header: str):
    settings.TRUSTED_PROXIES = 1
    inside = Inside()

    await knock(inside, headers={"traceparent": header})

    version, trace_id, _, flags = traced(inside)
    assert (version, flags) == ("00", "01")
    assert len(trace_id) == 32
    assert trace_id not in (TRACE, "0" * 32)


async def test_who_sends_a_byte_now_and_then_is_let_go(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(door, "BODY_GRACE_S", 0.2)
    began = time.monotonic()
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/x", "scheme": "http", "client": ("10.0.0.9", 5), "headers": []}
    await Door(Inside())(scope, receive, send)

    assert sent[0]["status"] == 408
    assert time.monotonic() - began < 2


async def test_who_has_said_everything_may_take_its_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(door, "BODY_GRACE_S", 0.05)
    heard: list[str] = []

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        heard.extend([(await receive())["type"], (await receive())["type"]])
        await send({"type": "http.response.start", "status": 200, "headers": []})

    whole: dict[str, Any] = {"type": "http.request", "body": b"all", "more_body": False}
    messages = [whole, {"type": "http.disconnect"}]

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0 if len(messages) == 2 else 0.2)
        return messages.pop(0)

    async def send(message: dict[str, Any]) -> None:
        pass

    scope = {"type": "http", "method": "POST", "path": "/x", "scheme": "http", "client": ("10.0.0.9", 5), "headers": []}
    await Door(inside)(scope, receive, send)

    assert heard == ["http.request", "http.disconnect"]
