"""The server of this role, uvicorn with sockets that can be taken over: `python -m gateway_svc.server`."""

from typing import TYPE_CHECKING, Any

from abdre import server
from abdre.handshakes import AnsweringProtocol
from abdre.sockets import TUNNEL

if TYPE_CHECKING:  # the proxy itself needs Django, which the server starts
    from gateway_svc.proxy.ends import End

# What a client may say before its handshake is answered; more of it waits in the network.
EARLY_LIMIT_BYTES = 64 * 1024


class TunnelProtocol(AnsweringProtocol):
    """What follows a handshake is kept until that is answered: it may be somebody else's to read."""

    _end: "End | None" = None
    _leaves_within_s: float | None = None

    def connection_made(self, transport: Any) -> None:
        self._early = bytearray()
        super().connection_made(transport)

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):  # not where the handshake was wrong
            extensions: Any = self.scope["extensions"]
            extensions[TUNNEL] = self

    def data_received(self, data: bytes) -> None:
        if not self.handshake_initiated or self.handshake_complete:
            super().data_received(data)
            return
        self._early += data
        if len(self._early) > EARLY_LIMIT_BYTES:
            self.transport.pause_reading()

    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.close" and self._early:  # nobody has taken over
            self.transport.resume_reading()
            super().data_received(bytes(self._early))
            self._early = bytearray()

    def take_over(self, end: "End") -> bytes:
        self.stop_keepalive()
        self._end = end
        end.connection_made(self.transport)
        self._let_go_of_itself()
        end.ended.add_done_callback(lambda _: self.connections.discard(self))
        self.transport.set_protocol(end)
        if self._leaves_within_s is not None:  # asked to while the service was still thinking
            end.leave(self._leaves_within_s)
        self.transport.resume_reading()
        early, self._early = bytes(self._early), bytearray()
        return early

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._let_go_of_itself()

    def _let_go_of_itself(self) -> None:
        """Two circles that would wait for the collector."""
        if hasattr(self, "scope"):
            extensions: Any = self.scope["extensions"]
            extensions.pop(TUNNEL, None)
        self.conn.parser.close()

    def leave(self, within_s: float) -> None:
        self._leaves_within_s = within_s
        if self._end is not None:
            self._end.leave(within_s)

    def shutdown(self) -> None:
        if self._end is None:
            super().shutdown()
        else:
            self._end.abort()


OPTIONS: dict[str, Any] = {**server.OPTIONS, "ws": TunnelProtocol}

if __name__ == "__main__":
    server.serve("gateway_svc.settings")
