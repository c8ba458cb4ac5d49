"""A file as an answer: in pieces, a range of it where one is asked for, and so that nothing in it can run."""

import asyncio
import re
from collections.abc import AsyncIterator

from django.core.files import File
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from chat_svc.errors import AttachmentNotFound, RangeRefused
from chat_svc.files import store
from chat_svc.selectors import Served

READ_BYTES = 64 * 1024
# RFC 9110, 14.1.2; of several ranges, which nobody needs here, the whole file is the answer, as it may be.
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
HEADERS = {
    # Opened by itself it is a page without scripts, forms, an origin, or anything from elsewhere.
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    # In this person's browser only, and as long as the address itself opens.
    "Cache-Control": "private, max-age=300",
    "Accept-Ranges": "bytes",
}


def served_file(served: Served, asked: str) -> StreamingHttpResponse:
    """`asked`: the header `Range`. Raises AttachmentNotFound, RangeRefused."""
    try:
        file = store.opened(served.attachment_id, served.stored_as)
    except FileNotFoundError as problem:  # erased since its row was read
        raise AttachmentNotFound from problem
    try:
        first, last = _range(asked, file.size)
    except RangeRefused:
        file.close()
        raise
    is_part = (first, last) != (0, file.size - 1)
    answer = StreamingHttpResponse(
        Pieces(file, first, last), status=206 if is_part else 200, content_type=served.content_type, headers=HEADERS
    )
    answer["Content-Length"] = str(last - first + 1)
    answer["Content-Disposition"] = content_disposition_header(not served.is_shown, served.name) or "inline"
    if is_part:
        answer["Content-Range"] = f"bytes {first}-{last}/{file.size}"
    return answer


def _range(asked: str, size: int) -> tuple[int, int]:
    """The first and the last byte. Raises RangeRefused."""
    match = RANGE.fullmatch(asked)
    if match is None or match[0] == "bytes=-":
        return 0, size - 1
    if not match[1]:  # so many at the end
        first, last = max(0, size - int(match[2])), size - 1
    else:
        first, last = int(match[1]), min(int(match[2] or size), size - 1)
    if first > last or first >= size:
        raise RangeRefused
    return first, last


class Pieces:
    """Read as fast as they are taken; Django would take a plain iterator whole before it sends the first."""

    def __init__(self, file: File[bytes], first: int, last: int) -> None:
        self._file = file
        self._first = first
        self._left = last - first + 1

    async def __aiter__(self) -> AsyncIterator[bytes]:
        await asyncio.to_thread(self._file.seek, self._first)
        while self._left > 0 and (piece := await asyncio.to_thread(self._file.read, min(self._left, READ_BYTES))):
            self._left -= len(piece)
            yield piece

    def close(self) -> None:
        """Called with the answer's end, also where nobody has taken a piece."""
        self._file.close()
