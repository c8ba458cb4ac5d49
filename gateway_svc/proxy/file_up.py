"""One file on its way up to the chat service while it still comes: how long it is, shows at its end.

An upload begins with the most that the file can be, and its last part says what it was. So no more than a part of it
and what has just come are held, and nothing is laid down.
"""

from django.conf import settings
from django.utils.translation import gettext as _

from gateway_svc.errors import Refused
from gateway_svc.selectors.api import Api


class FileUp:
    def __init__(self, api: Api, path: str, *, name: str, length_at_most: int) -> None:
        """`path`: of the chat's attachments."""
        self._api, self._path = api, path
        self._facts = {"name": name, "size": min(length_at_most, settings.ATTACHMENT_LIMIT_BYTES)}
        self.id = ""  # the attachment's, once it has begun
        self._held = bytearray()
        self._part_bytes = 0
        self._sent_bytes = 0

    async def add(self, data: bytes) -> None:
        """Raises Refused, ServiceAway."""
        self._held += data
        if self._sent_bytes + len(self._held) > settings.ATTACHMENT_LIMIT_BYTES:
            megabytes = f"{settings.ATTACHMENT_LIMIT_BYTES / 1024**2:g}"
            raise Refused(413, "file_too_large", _("A file has at most %(megabytes)s MB.") % {"megabytes": megabytes})
        if not self.id:
            await self._begin()
        while len(self._held) > self._part_bytes:  # the last one is held back
            await self._send(bytes(self._held[: self._part_bytes]))
            del self._held[: self._part_bytes]

    async def end(self) -> None:
        """Raises as `add`."""
        if not self._held:
            raise Refused(422, "empty_file", _("There is nothing in this file."))
        await self._send(bytes(self._held), length=self._sent_bytes + len(self._held))

    async def _begin(self) -> None:
        begun = await self._api.post("chat", self._path, self._facts)
        self.id, self._part_bytes = begun["id"], begun["chunk_bytes"]

    async def _send(self, part: bytes, *, length: int | None = None) -> None:
        headers = {"content-type": "application/octet-stream", "upload-offset": str(self._sent_bytes)}
        if length is not None:
            headers["upload-length"] = str(length)
        await self._api.patch_file("chat", f"{self._path}/{self.id}", part, headers)
        self._sent_bytes += len(part)
