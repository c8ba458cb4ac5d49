"""Sockets that were opened where there is nothing."""

from typing import Any

from realtime_svc.consumers.base import SocketConsumer
from realtime_svc.protocol.codes import Close


class NoSuchPath(SocketConsumer):
    async def websocket_connect(self, message: Any) -> None:
        await self.accept()
        await self.refuse(Close.NO_SUCH_PATH)
