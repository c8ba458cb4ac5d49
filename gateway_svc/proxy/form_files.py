"""The files of a message sent without scripts: on to the chat service as they come, and the form without them."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.utils import translation
from django.utils.translation import gettext as _
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from abdre import service_client, tokens
from abdre.errors import Malformed, TooLarge, Unauthenticated
from abdre.service_client import ServiceAway
from gateway_svc.errors import Refused
from gateway_svc.proxy.file_up import FileUp
from gateway_svc.selectors.api import Api
from gateway_svc.services import drop_uploads

FILES = "files"  # the name of their field
FILES_MOST = 10  # of one message; the chat service would say so after all of them had come up
SEGMENTS_MOST = 50
STRANGERS = (401, 403, 404)  # what they are told who may send no file there, however small


@dataclass(frozen=True)
class FormFiles:
    """What has become of them: the ids of those that are there, or why none is."""

    ids: tuple[str, ...] = ()
    problem: str = ""


class ClientGone(Exception):
    """The client hung up in the middle; there is nobody to answer."""


class FilesOfForms:
    """ASGI middleware, further in than what renews sign-ins. The view finds a `FormFiles` in its scope."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        match = re.fullmatch(settings.MESSAGE_FORM, scope["path"]) if scope["type"] == "http" else None
        if match is None:
            await self._inner(scope, receive, send)
            return
        kind, options = parse_options_header(_header(scope, b"content-type"))
        if scope["method"] != "POST" or kind != "multipart/form-data" or not _is_of_somebody(scope):
            await self._inner(scope, _bounded(scope, receive), send)
            return
        form, answer = _Form(scope, f"/api/chats/{match[1]}/attachments"), _Answer(send)
        try:
            await form.take(receive, options.get("boundary", ""))
            body = urlencode(form.fields).encode()
            await self._inner(_folded(scope, body, form.files), _saying(body, receive), answer.send)
        except ClientGone:
            return
        finally:
            if not answer.is_yes:  # what is in a message all the same, the chat service keeps
                await asyncio.shield(form.drop())


def _header(scope: Any, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _is_of_somebody(scope: Any) -> bool:
    """As the pages see it; the chat service looks anew at each file."""
    try:
        tokens.read(ASGIRequest(scope, BytesIO()).COOKIES.get(tokens.ACCESS_COOKIE, ""))
    except Unauthenticated:
        return False
    return True


def _bounded(scope: Any, receive: Any) -> Any:
    """The door lets more in here, but for files alone. Raises TooLarge, as what it gives does."""
    if int(_header(scope, b"content-length") or 0) > settings.BODY_LIMIT_BYTES:
        raise TooLarge
    received = 0

    async def wrapped() -> Any:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > settings.BODY_LIMIT_BYTES:
            raise TooLarge
        return message

    return wrapped


def _folded(scope: Any, body: bytes, files: FormFiles) -> Any:
    theirs = (b"content-type", b"content-length", b"transfer-encoding")
    ours = [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", str(len(body)).encode())]
    headers = [(name, value) for name, value in scope["headers"] if name not in theirs]
    return {**scope, "headers": [*headers, *ours], "form_files": files}


def _saying(body: bytes, receive: Any) -> Any:
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def wrapped() -> Any:
        return messages.pop() if messages else await receive()

    return wrapped


class _Answer:
    def __init__(self, send: Any) -> None:
        self._send = send
        self.is_yes = False

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.is_yes = message["status"] < 400
        await self._send(message)


async def _chunks(receive: Any) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        more = message.get("more_body", False)
        if message.get("body"):
            yield message["body"]


class _Form:
    """One form on its way. After the first trouble with a file no other is sent on, but all that was typed is kept."""

    def __init__(self, scope: Any, path: str) -> None:
        self.fields: list[tuple[str, bytes]] = []
        self._request = ASGIRequest(scope, BytesIO())
        self._api = Api(partial(service_client.call, request=self._request))
        self._path = path
        self._length = int(_header(scope, b"content-length") or settings.ATTACHMENT_LIMIT_BYTES)
        self._name = ""
        self._field: bytearray | None = None
        self._file: FileUp | None = None
        self._all: list[FileUp] = []
        self._problem = ""
        self._takes_files = True
        self._other_bytes = 0  # of all that is in no file which is taken: as many as in any other form

    @property
    def files(self) -> FormFiles:
        """Of a form that is here. The first that cannot come takes the others with it: the person chooses anew."""
        return FormFiles((), self._problem) if self._problem else FormFiles(tuple(file.id for file in self._all))

    async def drop(self) -> None:
        """Else they would count against the person for a day."""
        await drop_uploads(self._api, self._path, [file.id for file in self._all if file.id])

    async def take(self, receive: Any, boundary: str) -> None:
        """Raises ClientGone, Malformed, TooLarge, Forbidden."""
        tokens.refuse_foreign_page(self._request)
        parser = PushMultipartParser(boundary, max_segment_count=SEGMENTS_MOST)
        with translation.override(translation.get_language_from_request(self._request)):
            try:
                async for chunk in _chunks(receive):
                    self._other_bytes += len(chunk)
                    for event in parser.parse(chunk):
                        await self._meet(event)
                    if self._other_bytes > settings.BODY_LIMIT_BYTES:
                        raise TooLarge
                parser.close()
            except MultipartError as problem:
                raise Malformed from problem

    async def _meet(self, event: Any) -> None:
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif event is None:
            await self._end()
        elif self._field is not None:
            self._field += event
        elif self._file is not None and self._takes_files:
            self._other_bytes -= len(event)
            if not self._problem:
                await self._guarded(self._file.add(event))

    def _begin(self, segment: MultipartSegment) -> None:
        """A field for files of which none was chosen comes as one without a name."""
        self._name, self._field, self._file = segment.name, None, None
        if segment.filename is None:
            self._field = bytearray()
        elif segment.filename and segment.name == FILES:
            self._file = FileUp(self._api, self._path, name=segment.filename, length_at_most=self._length)
            self._all.append(self._file)

    async def _end(self) -> None:
        if self._field is not None:
            self.fields.append((self._name, bytes(self._field)))
        elif self._file is not None and not self._problem:
            await self._guarded(self._finish(self._file))

    async def _finish(self, file: FileUp) -> None:
        if len(self._all) > FILES_MOST:
            raise Refused(422, "too_many_files", _("A message has at most {count} files.").format(count=FILES_MOST))
        await file.end()

    async def _guarded(self, deed: Awaitable[None]) -> None:
        try:
            await deed
        except Refused as refusal:
            self._problem = refusal.text or _("The files could not be sent. Please try again.")
            self._takes_files = refusal.status not in STRANGERS
        except ServiceAway:
            self._problem = _("The files could not be sent. Please try again.")
