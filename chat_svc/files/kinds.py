"""What a file is, by its first bytes: its name and its sender's word say nothing."""

from enum import StrEnum
from typing import NamedTuple

import filetype

# Enough for every signature, and for the head of what a browser records.
HEAD_BYTES = 8192
UNKNOWN = "application/octet-stream"

# Made anew from their pixels; by their names among the decoder's formats.
IMAGES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/gif": "GIF"}
# What browsers play, in the spelling they know.
SOUNDS = {
    "audio/aac": "audio/aac",
    "audio/m4a": "audio/mp4",
    "audio/mp4": "audio/mp4",
    "audio/mpeg": "audio/mpeg",
    "audio/ogg": "audio/ogg",
    "audio/wav": "audio/wav",
    "audio/x-wav": "audio/wav",
    "audio/x-flac": "audio/flac",
}
# Containers of films that a browser records a voice into: which of the two it is, the codecs in its head say.
WEBM_SOUND, WEBM_FILM = (b"A_OPUS", b"A_VORBIS"), (b"V_VP8", b"V_VP9", b"V_AV1", b"V_MPEG")
MP4_SOUND, MP4_FILM = (b"soun",), (b"vide",)


class FileKind(StrEnum):
    IMAGE = "image"
    AUDIO = "audio"
    FILE = "file"  # shown as nothing: it can be saved


class Found(NamedTuple):
    kind: FileKind
    content_type: str


def found_in(head: bytes) -> Found:
    """`head`: the first HEAD_BYTES of the file, or all of it."""
    content_type = str(filetype.guess_mime(head) or UNKNOWN)
    if content_type in IMAGES:
        return Found(FileKind.IMAGE, content_type)
    if content_type in SOUNDS:
        return Found(FileKind.AUDIO, SOUNDS[content_type])
    if content_type == "video/webm" and _holds_only(head, WEBM_SOUND, WEBM_FILM):
        return Found(FileKind.AUDIO, "audio/webm")
    if content_type == "video/mp4" and _holds_only(head, MP4_SOUND, MP4_FILM):
        return Found(FileKind.AUDIO, "audio/mp4")
    return Found(FileKind.FILE, content_type)


def _holds_only(head: bytes, sound: tuple[bytes, ...], film: tuple[bytes, ...]) -> bool:
    return any(codec in head for codec in sound) and not any(codec in head for codec in film)
