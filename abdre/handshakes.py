"""uvicorn's leanest WebSocket protocol, which also answers the handshakes that its library refuses for their size."""

from http import HTTPStatus
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from abdre import stopping


class AnsweringProtocol(WebSocketsSansIOProtocol):
    def handle_connect(self, event: Any) -> None:
        if stopping.is_stopping():  # it would have to go at once; another process has room
            self._refuse()
        else:
            super().handle_connect(event)

    def _refuse(self) -> None:
        self.handshake_initiated = self.handshake_complete = self.close_sent = True
        self.conn.send_response(self.conn.reject(HTTPStatus.SERVICE_UNAVAILABLE, "stopping"))
        output: Any = self.conn.data_to_send()
        self.transport.write(b"".join(output))
        self.transport.close()

    def leave(self, within_s: float) -> None:
        """Ask the client to come back elsewhere, at a moment of its own within so many seconds. May be repeated."""
        raise NotImplementedError

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # The library has its refusal ready, but tells of no event, and uvicorn would keep the line for ever.
        if not self.handshake_initiated and self.conn.handshake_exc is not None:
            output: Any = self.conn.data_to_send()
            self.transport.write(b"".join(output))
            self.transport.close()
