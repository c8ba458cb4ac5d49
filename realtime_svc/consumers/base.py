"""Channels' consumer without what one socket does not need: no channel of its own, no thread hop per message."""

from typing import Any

from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer

from abdre import metrics
from realtime_svc.protocol.codes import REASONS, Close, counted_as
from realtime_svc.protocol.limits import SUBPROTOCOL


class SocketConsumer(AsyncConsumer):
    """The hub listens to the channel layer, once for all sockets; a consumer listens to its client only."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        self.base_send = send
        try:
            while True:
                await self.dispatch(await receive())
        except StopConsumer:
            pass

    async def dispatch(self, message: Any) -> None:
        # Channels awaits aclose_old_connections() here, a hop to a thread per message: half of the tutorial's time.
        # Our way to the database (abdre.db.in_thread) gives its connections back itself.
        await getattr(self, get_handler_name(message))(message)

    async def accept(self) -> None:
        """Accepted even to be refused: a browser learns the code of an open socket only."""
        metrics.REALTIME_OPENED.add()
        offered = self.scope.get("subprotocols", [])
        await self.send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL if SUBPROTOCOL in offered else None})

    async def refuse(self, code: Close) -> None:
        metrics.REALTIME_CLOSED.add(1, counted_as(code))
        await self.send({"type": "websocket.close", "code": int(code), "reason": REASONS[code]})

    async def websocket_receive(self, message: Any) -> None:
        """What a refused client still says is not listened to."""

    async def websocket_disconnect(self, message: Any) -> None:
        raise StopConsumer

    async def websocket_leave(self, message: Any) -> None:
        """This process ends; what the client said before has been done."""
        await self.refuse(Close.GOING_AWAY)
