"""A message with files from a browser without scripts: taken apart as it comes, and nothing typed is lost."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID, uuid4

import pytest
from django.core.handlers.asgi import ASGIHandler

from abdre.door import Door
from abdre.errors import TooSlow
from abdre.tests.signing import access_token
from abdre.tokens import ACCESS_COOKIE
from gateway_svc.proxy.form_files import FilesOfForms, FormFiles
from gateway_svc.tests.conftest import ADA, CHAT, Services, chat

PATH = f"/chats/{CHAT}/messages"
UPLOADS = f"/api/chats/{CHAT}/attachments"
PART = 8
CSRF = "c" * 32
LIMIT = 5000
TEXT = {"body": "Look – два\r\nчая", "csrfmiddlewaretoken": CSRF}


def multipart(fields: dict[str, str], *files: tuple[str, bytes]) -> bytes:
    parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    parts += [f'name="files"; filename="{name}"\r\n\r\n'.encode() + data for name, data in files]
    return b"".join(b"--edge\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--edge--\r\n"


async def post(
    inner: Any,
    body: bytes,
    *,
    piece_bytes: int = 7,
    method: str = "POST",
    path: str = PATH,
    end: Callable[[], Any] | None = None,
    **headers: str,
) -> list[Any]:
    """In small pieces, as over a slow line. `end`: of a body that is broken off."""
    named = {
        "host": "testserver",
        "content-type": "multipart/form-data; boundary=edge",
        "content-length": str(len(body)),
        "cookie": f"{ACCESS_COOKIE}={access_token(UUID(ADA))}; csrftoken={CSRF}",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    pieces = [body[at : at + piece_bytes] for at in range(0, len(body), piece_bytes)]
    answer: list[Any] = []

    async def receive() -> Any:
        if pieces:
            return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces or end)}
        return end() if end else await asyncio.Event().wait()  # nobody hangs up

    async def send(message: Any) -> None:
        answer.append(message)

    scope = {
        "type": "http", "method": method, "path": path, "query_string": b"", "root_path": "", "scheme": "http",
        "request_id": "1", "client": ("203.0.113.9", 1), "server": ("testserver", 80),
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
    }  # fmt: skip
    await Door(FilesOfForms(inner))(scope, receive, send)
    return answer


class Inner:
    """What comes after it: the form that it is given, and what became of the files."""

    form: dict[str, list[str]]
    files: FormFiles

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.form = parse_qs((await receive())["body"].decode())
        self.files = scope["form_files"]
        await send({"type": "http.response.start", "status": 303, "headers": []})


@pytest.fixture
def uploads(services: Services, browser_of: Callable[..., Any]) -> Services:
    browser_of(ADA)
    services.answer("chat", "POST", UPLOADS, {"id": "one", "chunk_bytes": PART}, status=201)
    services.answer("chat", "PATCH", f"{UPLOADS}/one", {})
    services.answer("chat", "DELETE", f"{UPLOADS}/one", status=204)
    services.answer("chat", "GET", f"/api/chats/{CHAT}", chat())
    services.answer("chat", "GET", f"/api/chats/{CHAT}/messages", {"items": [], "has_more": False})
    services.answer("chat", "POST", f"/api/chats/{CHAT}/messages", {}, status=201)
    return services


@pytest.mark.parametrize("size", [1, PART - 1, PART, PART + 1, 3 * PART])
@pytest.mark.parametrize("piece_bytes", [1, 64, 100_000])
async def test_a_file_goes_up_part_by_part_and_its_length_with_the_last_one(
    uploads: Services, size: int, piece_bytes: int
) -> None:
    inner, data = Inner(), bytes(range(size))
    body = multipart(TEXT, ("чай.txt", data))

    await post(inner, body, piece_bytes=piece_bytes)

    parts = uploads.calls("chat", "PATCH", f"{UPLOADS}/one")
    assert uploads.call("chat", "POST", UPLOADS).json == {"name": "чай.txt", "size": len(body)}
    assert b"".join(part.json for part in parts) == data
    assert [part.headers["upload-offset"] for part in parts] == [str(at) for at in range(0, size, PART)]
    assert [part.headers.get("upload-length", "") for part in parts] == [""] * (len(parts) - 1) + [str(size)]
    assert (inner.files, inner.form) == (FormFiles(("one",)), {name: [text] for name, text in TEXT.items()})


async def test_a_form_without_files_is_a_form_as_any(uploads: Services) -> None:
    inner = Inner()

    await post(inner, multipart(TEXT, ("", b"")))

    assert (inner.files, inner.form["body"], uploads.asked) == (FormFiles(), [TEXT["body"]], [])


async def test_the_message_is_sent_with_its_files(uploads: Services) -> None:
    answer = await post(ASGIHandler(), multipart(TEXT, ("a.txt", b"tea")))

    sent = uploads.call("chat", "POST", f"/api/chats/{CHAT}/messages").json
    assert (answer[0]["status"], sent["body"], sent["attachments"]) == (303, "Look – два\nчая", ["one"])


def refused_file(services: Services) -> tuple[str, bytes]:
    services.refuse("chat", "PATCH", f"{UPLOADS}/one", 422, "kind_refused")
    return "The service said kind_refused.", b"MZ"


def large_file(services: Services) -> tuple[str, bytes]:
    return "A file has at most 1.90735e-05 MB.", b"x" * 21


def empty_file(services: Services) -> tuple[str, bytes]:
    return "There is nothing in this file.", b""


def service_away(services: Services) -> tuple[str, bytes]:
    services.refuse("chat", "POST", UPLOADS, 503)
    return "The service said .", b"x"


@pytest.mark.parametrize("trouble", [refused_file, large_file, empty_file, service_away])
async def test_what_cannot_be_sent_is_said_on_the_page_and_the_text_is_kept(
    uploads: Services, settings: Any, trouble: Callable[[Services], tuple[str, bytes]]
) -> None:
    settings.ATTACHMENT_LIMIT_BYTES = 20
    said, data = trouble(uploads)

    answer = await post(ASGIHandler(), multipart(TEXT, ("a.bin", data), ("b.bin", data)))

    page = b"".join(message.get("body", b"") for message in answer[1:]).decode()
    assert (answer[0]["status"], said in page, "Look – два\nчая</textarea>" in page) == (422, True, True)
    assert len(uploads.calls("chat", "POST", UPLOADS)) <= 1
    assert uploads.calls("chat", "POST", f"/api/chats/{CHAT}/messages") == []


async def test_eleven_files_are_too_many_and_the_ten_are_dropped(uploads: Services) -> None:
    answer = await post(ASGIHandler(), multipart(TEXT, *[("a.txt", b"tea")] * 11))

    page = b"".join(message.get("body", b"") for message in answer[1:]).decode()
    assert (answer[0]["status"], "A message has at most 10 files." in page) == (422, True)
    assert len(uploads.calls("chat", "DELETE", f"{UPLOADS}/one")) == 11


async def test_files_of_a_message_that_is_refused_are_dropped_and_asked_for_again(uploads: Services) -> None:
    uploads.refuse("chat", "POST", f"/api/chats/{CHAT}/messages", 429, "slow_mode")

    answer = await post(ASGIHandler(), multipart(TEXT, ("a.txt", b"tea")))

    page = b"".join(message.get("body", b"") for message in answer[1:]).decode()
    assert "The service said slow_mode. Please choose the files again." in page
    assert uploads.call("chat", "DELETE", f"{UPLOADS}/one")


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (multipart(TEXT, ("a.txt", b"tea")), {"sec_fetch_site": "cross-site"}, 403),
        (multipart(TEXT, ("a.txt", b"tea")), {"origin": "https://eve.example"}, 403),
        (multipart(TEXT, ("a.txt", b"tea"))[:-8], {}, 400),
        (b"no form", {}, 400),
        (multipart({"a": "", **{str(n): "" for n in range(60)}}), {}, 400),
        (multipart({"body": "x" * 2 * LIMIT}), {}, 413),
    ],
)
async def test_what_is_no_form_of_ours_is_refused(
    uploads: Services, settings: Any, body: bytes, headers: dict[str, Any], status: int
) -> None:
    settings.BODY_LIMIT_BYTES = LIMIT

    answer = await post(ASGIHandler(), body, piece_bytes=64, **headers)

    assert answer[0]["status"] == status
    assert uploads.calls("chat", "POST", f"/api/chats/{CHAT}/messages") == []


@pytest.mark.parametrize("path", [PATH, "/chats/x/messages", f"/chats/{'-' * 36}/messages"])
@pytest.mark.parametrize(
    ("method", "content_type"),
    [
        ("PUT", "multipart/form-data; boundary=edge"),
        ("GET", "multipart/form-data; boundary=edge"),
        ("POST", "application/x-www-form-urlencoded"),
        ("POST", "text/plain"),
    ],
)
async def test_what_brings_no_files_is_as_short_as_anywhere(
    uploads: Services, settings: Any, path: str, method: str, content_type: str
) -> None:
    settings.BODY_LIMIT_BYTES = LIMIT
    body = multipart(TEXT, ("a.txt", b"x" * LIMIT))

    answer = await post(ASGIHandler(), body, method=method, path=path, content_type=content_type)

    assert answer[0]["status"] == 413


class Reads:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass


async def test_a_body_that_does_not_say_its_length_is_refused_on_the_way(settings: Any) -> None:
    settings.BODY_LIMIT_BYTES = LIMIT

    answer = await post(Reads(), b"x" * 2 * LIMIT, content_length="0", content_type="text/plain")

    assert answer[0]["status"] == 413


@pytest.mark.parametrize("path", ["/chats/x/messages", f"/chats/{'-' * 36}/messages"])
async def test_what_brings_files_to_no_chat_is_as_short_as_anywhere(
    uploads: Services, settings: Any, path: str
) -> None:
    settings.BODY_LIMIT_BYTES = LIMIT

    answer = await post(ASGIHandler(), multipart(TEXT, ("a.txt", b"x" * LIMIT)), path=path)

    assert answer[0]["status"] == 413


def nobody() -> str:
    return f"csrftoken={CSRF}"


def stale() -> str:
    return f"{ACCESS_COOKIE}={access_token(UUID(ADA), session_id=uuid4(), lifetime_s=-60)}; csrftoken={CSRF}"


def forged() -> str:
    return f"{ACCESS_COOKIE}={access_token(UUID(ADA))[:-8]}AAAAAAAA; csrftoken={CSRF}"


@pytest.mark.parametrize("cookie", [nobody, stale, forged])
async def test_who_is_not_signed_in_sends_no_files(uploads: Services, settings: Any, cookie: Callable[[], str]) -> None:
    settings.BODY_LIMIT_BYTES = LIMIT

    answer = await post(ASGIHandler(), multipart(TEXT, ("a.txt", b"tea")), cookie=cookie())
    longer = await post(ASGIHandler(), multipart(TEXT, ("a.txt", b"x" * LIMIT)), cookie=cookie())

    assert (answer[0]["status"], dict(answer[0]["headers"])[b"location"].decode().split("?")[0]) == (303, "/login")
    assert longer[0]["status"] == 413
    assert [asked for asked in uploads.asked if asked.path == UPLOADS] == []


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_whose_files_the_chat_refuses_may_send_little_more(uploads: Services, settings: Any, status: int) -> None:
    settings.BODY_LIMIT_BYTES = LIMIT
    uploads.refuse("chat", "POST", UPLOADS, status, "refused")
    inner = Inner()

    await post(inner, multipart({}, ("a.txt", b"x" * (LIMIT // 2))), piece_bytes=64)
    longer = await post(Inner(), multipart({}, ("a.txt", b"x" * 2 * LIMIT)), piece_bytes=64)

    assert (inner.files.problem, longer[0]["status"]) == ("The service said refused.", 413)


async def test_what_is_neither_a_file_nor_a_field_is_no_longer_than_any_form(uploads: Services, settings: Any) -> None:
    settings.BODY_LIMIT_BYTES = LIMIT
    form = multipart(TEXT, ("a.txt", b"x" * 2 * LIMIT))

    others = [
        await post(Inner(), form.replace(b'name="files"', b'name="others"'), piece_bytes=64),
        await post(Inner(), b" " * 2 * LIMIT + b"\r\n" + form, piece_bytes=64),
        await post(Inner(), form + b" " * 2 * LIMIT, piece_bytes=64),
    ]

    assert [answer[0]["status"] for answer in others] == [413, 413, 413]


FORM = multipart(TEXT, ("a.txt", b"x" * PART), ("b.txt", b"x" * 3 * PART))


def said_no_more() -> Any:
    return {"type": "http.disconnect"}


def too_slow() -> Any:
    raise TooSlow


def stopped() -> Any:
    raise asyncio.CancelledError


@pytest.mark.parametrize("end", [said_no_more, too_slow, stopped])
async def test_what_is_broken_off_leaves_nothing_behind(uploads: Services, end: Callable[[], Any]) -> None:
    inner = Inner()

    with suppress(asyncio.CancelledError):
        await post(inner, FORM[: -PART * 2], end=end)

    begun = uploads.calls("chat", "POST", UPLOADS)
    assert (hasattr(inner, "form"), len(begun)) == (False, 2)
    assert len(uploads.calls("chat", "DELETE", f"{UPLOADS}/one")) == 2


@pytest.mark.parametrize(
    "body",
    [
        FORM[:-8],
        FORM + b" " * LIMIT,
        multipart({}, ("a.txt", b"tea"), ("b.txt", b"tea")),  # no CSRF token
    ],
)
async def test_files_of_a_form_that_is_refused_are_dropped(uploads: Services, settings: Any, body: bytes) -> None:
    settings.BODY_LIMIT_BYTES = LIMIT

    answer = await post(ASGIHandler(), body)

    assert answer[0]["status"] in (400, 403, 413)
    assert len(uploads.calls("chat", "DELETE", f"{UPLOADS}/one")) == 2


async def test_files_of_a_message_that_is_sent_stay(uploads: Services) -> None:
    await post(ASGIHandler(), FORM)

    assert uploads.calls("chat", "DELETE", f"{UPLOADS}/one") == []


async def test_whoever_stops_it_does_not_stop_the_dropping(uploads: Services) -> None:
    """As a server that ends does while the client has just hung up."""
    sending = asyncio.create_task(post(Inner(), FORM[: -PART * 2], end=said_no_more))
    async with asyncio.timeout(5):
        while not uploads.calls("chat", "DELETE", f"{UPLOADS}/one"):
            await asyncio.sleep(0)
        sending.cancel()
        while len(uploads.calls("chat", "DELETE", f"{UPLOADS}/one")) < 2:
            await asyncio.sleep(0)
