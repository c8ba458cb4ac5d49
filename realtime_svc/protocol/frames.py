"""Frames: JSON arrays of items, built once for all sockets that are written the same."""

import struct
from collections.abc import Iterator, Sequence
from functools import cached_property

from realtime_svc.protocol.items import Item
from realtime_svc.protocol.limits import FRAME_JOIN_BYTES

# The extension of the ASGI scope under which our own server lends its transport, to write frames past `send`.
DIRECT = "abdre.direct"
# RFC 6455, section 5.2: the last frame of a text message, unmasked as everything that a server says.
_TEXT = 0x81


class Frame:
    """`payload` for a server that frames itself, `wire` for a transport that is written to directly."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items

    @cached_property
    def payload(self) -> bytes:
        return b"[" + b",".join([item.data for item in self.items]) + b"]"

    @cached_property
    def wire(self) -> bytes:
        size = len(self.payload)
        if size < 126:
            return struct.pack("!BB", _TEXT, size) + self.payload
        if size < 65536:
            return struct.pack("!BBH", _TEXT, 126, size) + self.payload
        return struct.pack("!BBQ", _TEXT, 127, size) + self.payload


def framed(items: Sequence[Item]) -> Iterator[Frame]:
    """As few frames as keep each at a good size."""
    begin = size = 0
    for position, item in enumerate(items):
        if position > begin and size + item.size > FRAME_JOIN_BYTES:
            yield Frame(items[begin:position])
            begin, size = position, 0
        size += item.size + 1
    if begin < len(items):
        yield Frame(items[begin:] if begin else items)
