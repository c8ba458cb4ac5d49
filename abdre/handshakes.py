"""uvicorn's leanest WebSocket protocol, which also answers the handshakes that its library refuses for their size."""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class AnsweringProtocol(WebSocketsSansIOProtocol):
    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        # The library has its refusal ready, but tells of no event, and uvicorn would keep the line for ever.
        if not self.handshake_initiated and self.conn.handshake_exc is not None:
            output: Any = self.conn.data_to_send()
            self.transport.write(b"".join(output))
            self.transport.close()
