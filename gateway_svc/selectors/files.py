"""Files in a chat, as its pages show them."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gateway_svc.selectors import times
from gateway_svc.selectors.api import Json

# A picture in the timeline is at most so long at its longer side; the page's script says the same (message_files.js).
SHOWN_SIDE = 320
KINDS = ("image", "audio", "file")
UNITS = ((1024**3, "GB"), (1024**2, "MB"), (1024, "kB"))


@dataclass(frozen=True)
class File:
    id: str
    kind: str
    name: str
    url: str
    size_text: str
    width: int | str
    height: int | str
    placeholder: str
    duration_text: str

    @property
    def thumb_url(self) -> str:
        return f"{self.url}?variant=thumb"

    @property
    def large_url(self) -> str:
        return f"{self.url}?variant=large"


@dataclass(frozen=True)
class SentFile:
    """`url`: of the place in the chat where it was sent."""

    file: File
    sender_name: str
    time: str
    time_text: str
    url: str


@dataclass(frozen=True)
class FileList:
    images: list[SentFile] = field(default_factory=list)
    others: list[SentFile] = field(default_factory=list)
    more_url: str = ""
    is_unavailable: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.images or self.others or self.is_unavailable)


def files(item: Json) -> list[File]:
    """Of a message."""
    return [file(attachment, item["chat"]) for attachment in item["attachments"]]


def file(attachment: Json, chat_id: str) -> File:
    width, height = _shown_size(attachment["width"], attachment["height"])
    return File(
        id=attachment["id"],
        kind=attachment["kind"],
        name=attachment["name"],
        url=f"/api/chats/{chat_id}/attachments/{attachment['id']}/content",
        size_text=size_text(attachment["size"]),
        width=width,
        height=height,
        placeholder=attachment["placeholder"],
        duration_text=duration_text(attachment["duration_ms"]),
    )


def blank_files() -> list[File]:
    """One of each kind, which the page's script copies."""
    return [File("", kind, "", "#", "", "", "", "", "") for kind in KINDS]


def _shown_size(width: int | None, height: int | None) -> tuple[int | str, int | str]:
    if not width or not height:
        return "", ""
    scale = min(1.0, SHOWN_SIDE / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def size_text(size: int) -> str:
    for unit, name in UNITS:
        if size >= unit:
            return f"{size / unit:.1f}".rstrip("0").rstrip(".") + f" {name}"
    return ngettext("%(count)d byte", "%(count)d bytes", size) % {"count": size}


def duration_text(milliseconds: int | None) -> str:
    if milliseconds is None:
        return ""
    seconds = max(1, round(milliseconds / 1000))
    return f"{seconds // 60}:{seconds % 60:02}"


def spoken_of(item: Json) -> str:
    """What a message of files alone is called in one line."""
    if not item["attachments"]:
        return ""
    first = item["attachments"][0]
    if first["kind"] == "image":
        return _("Photo")
    return _("Voice message") if first["duration_ms"] is not None else str(first["name"])


def file_list(answer: Json | None, *, chat_url: str) -> FileList:
    """`answer` of the files' API, newest first; None while the chat service is away."""
    if answer is None:
        return FileList(is_unavailable=True)
    shown = [_sent(item, chat_url) for item in answer["items"]]
    return FileList(
        images=[one for one in shown if one.file.kind == "image"],
        others=[one for one in shown if one.file.kind != "image"],
        more_url=f"{chat_url}/files?before={answer['next']}" if answer["next"] else "",
    )


def _sent(item: dict[str, Any], chat_url: str) -> SentFile:
    return SentFile(
        file=file(item, item["chat"]),
        sender_name=item["sender"]["display_name"],
        time=item["created_at"],
        time_text=times.short(item["created_at"]),
        url=f"{chat_url}?before={item['seq'] + 1}",
    )
