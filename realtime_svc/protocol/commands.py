"""What a client may say: one command per frame, every field named, nothing else."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from abdre.errors import AppError, Fields, Invalid, Malformed, TooLarge
from realtime_svc.protocol.limits import ATTACHMENTS_LIMIT, FRAME_LIMIT_CHARS, RESUME_LIMIT_CHATS


class UnknownType(AppError):
    status, code, message = 400, "unknown_type", _("The server does not know this type of command.")


@dataclass(frozen=True, slots=True)
class SendMessage:
    ref: str
    chat: UUID
    client_id: UUID
    body: str
    reply_to: int | None = None
    attachments: tuple[UUID, ...] = ()
    thread: int | None = None


@dataclass(frozen=True, slots=True)
class EditMessage:
    ref: str
    chat: UUID
    seq: int
    body: str


@dataclass(frozen=True, slots=True)
class DeleteMessage:
    ref: str
    chat: UUID
    seq: int


@dataclass(frozen=True, slots=True)
class React:
    ref: str
    chat: UUID
    seq: int
    emoji: str
    on: bool


@dataclass(frozen=True, slots=True)
class Resume:
    ref: str
    chats: dict[UUID, int]


@dataclass(frozen=True, slots=True)
class StartTyping:
    chat: UUID
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class ReadChat:
    chat: UUID
    seq: int
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class RefreshToken:
    ref: str
    token: str


@dataclass(frozen=True, slots=True)
class Ping:
    ref: str | None = None


Command = SendMessage | EditMessage | DeleteMessage | React | Resume | StartTyping | ReadChat | RefreshToken | Ping
T = TypeVar("T")

# 8-4-4-4-12 and nothing else that `UUID()` would take: braces, a urn, no hyphens.
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_NUMBER_LIMIT = 2**63 - 1
_REF_LIMIT = 64
_TOKEN_LIMIT = 4096


class _Wrong(Exception):
    """This value does not fit; the text says what would."""


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _Wrong("must be text")
    try:
        value.encode()
    except UnicodeEncodeError as problem:  # half of a surrogate pair: JSON can write it, no database can keep it
        raise _Wrong("is not valid Unicode") from problem
    return value


def _ref(value: object) -> str:
    if not 1 <= len(text := _text(value)) <= _REF_LIMIT:
        raise _Wrong(f"must have 1 to {_REF_LIMIT} characters")
    return text


def _token(value: object) -> str:
    if not 1 <= len(text := _text(value)) <= _TOKEN_LIMIT:
        raise _Wrong("is no token")
    return text


def _uuid(value: object) -> UUID:
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise _Wrong("must be a UUID")
    return UUID(value)


def _number(value: object, lowest: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= _NUMBER_LIMIT:
        raise _Wrong(f"must be a whole number from {lowest}")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Wrong("must be true or false")
    return value


def _seq(value: object) -> int:
    return _number(value, 1)


def _optional_seq(value: object) -> int | None:
    return None if value is None else _seq(value)


def _attachments(value: object) -> tuple[UUID, ...]:
    if not isinstance(value, list) or len(value) > ATTACHMENTS_LIMIT:
        raise _Wrong(f"must be a list of at most {ATTACHMENTS_LIMIT} ids")
    return tuple(_uuid(one) for one in value)


def _cursors(value: object) -> dict[UUID, int]:
    if not isinstance(value, dict) or len(value) > RESUME_LIMIT_CHATS:
        raise _Wrong(f"must be an object of at most {RESUME_LIMIT_CHATS} chats")
    return {_uuid(chat): _number(version, 0) for chat, version in value.items()}


@dataclass(frozen=True)
class _Shape:
    make: Callable[..., Command]
    required: Mapping[str, Callable[[object], object]]
    optional: Mapping[str, Callable[[object], object]]


_SHAPES = {
    "message.send": _Shape(
        SendMessage,
        {"ref": _ref, "chat": _uuid, "client_id": _uuid, "body": _text},
        {"reply_to": _optional_seq, "thread": _optional_seq, "attachments": _attachments},
    ),
    "message.edit": _Shape(EditMessage, {"ref": _ref, "chat": _uuid, "seq": _seq, "body": _text}, {}),
    "message.delete": _Shape(DeleteMessage, {"ref": _ref, "chat": _uuid, "seq": _seq}, {}),
    "message.react": _Shape(React, {"ref": _ref, "chat": _uuid, "seq": _seq, "emoji": _text, "on": _flag}, {}),
    "resume": _Shape(Resume, {"ref": _ref, "chats": _cursors}, {}),
    "typing.start": _Shape(StartTyping, {"chat": _uuid}, {"ref": _ref}),
    "chat.read": _Shape(ReadChat, {"chat": _uuid, "seq": _seq}, {"ref": _ref}),
    "token.refresh": _Shape(RefreshToken, {"ref": _ref, "token": _token}, {}),
    "ping": _Shape(Ping, {}, {"ref": _ref}),
}


def read_frame(text: str | None) -> dict[str, Any]:
    """The frame's object. Raises Malformed, TooLarge."""
    if text is None:
        raise Malformed("Frames are text, not binary.")
    if len(text) > FRAME_LIMIT_CHARS:
        raise TooLarge
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise Malformed("The frame is not JSON.") from problem
    if not isinstance(frame, dict):
        raise Malformed("The frame must be a JSON object.")
    return frame


def ref_of(frame: Mapping[str, object]) -> str | None:
    """The frame's `ref`, for the answer; None where there is none to answer to."""
    try:
        return _ref(frame.get("ref"))
    except _Wrong:
        return None


def command_of(frame: Mapping[str, object]) -> Command:
    """The command that the frame says. Raises UnknownType, Invalid with the fields."""
    kind = frame.get("type")
    shape = _SHAPES.get(kind) if isinstance(kind, str) else None
    if shape is None:
        raise UnknownType
    problems: Fields = {}
    values: dict[str, object] = {}
    readers = {**shape.required, **shape.optional}
    for name, value in frame.items():
        if name in readers:
            _take(name, value, readers[name], values, problems)
        elif name != "type":
            problems[_shown(name)] = ["is unknown here"]
    for name in shape.required.keys() - frame.keys():
        problems[name] = ["is missing"]
    if problems:
        raise Invalid("Some fields of this command are not right.", fields=problems)
    return shape.make(**values)


def _take(
    name: str, value: object, reader: Callable[[object], object], values: dict[str, object], problems: Fields
) -> None:
    try:
        values[name] = reader(value)
    except _Wrong as problem:
        problems[name] = [str(problem)]


def _shown(name: str) -> str:
    """A stranger's field name, fit for an answer."""
    return name[:64].encode(errors="replace").decode()
