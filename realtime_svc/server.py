"""The server of this role: uvicorn, and a protocol that hangs up well. `python -m realtime_svc.server`."""

import asyncio
import random
from collections.abc import Callable
from typing import Any, cast

from abdre import server
from abdre.handshakes import AnsweringProtocol
from abdre.sockets import LEAVE
from realtime_svc.protocol.codes import REASONS, Close
from realtime_svc.protocol.frames import DIRECT, Frame
from realtime_svc.protocol.limits import FRAME_HARD_LIMIT_BYTES

# In which the application does what was said before, and hangs up.
LEAVE_WITHIN_S = 5.0
# What may wait for the application before the network has to: so many frames, of so many bytes together, and the one
# with which that is reached, which may be as large as FRAME_HARD_LIMIT_BYTES. uvicorn's own limit is one frame.
READ_AHEAD = 64
READ_AHEAD_BYTES = 128 * 1024


class SocketProtocol(AnsweringProtocol):
    """uvicorn's leanest. It lends its transport to the hub, and hangs up on those who do not read either."""

    is_clear = True
    on_change: Callable[[], None] | None = None
    _ahead_bytes = 0  # read since the queue was last empty
    _leaving: asyncio.TimerHandle | None = None
    _was_told = False
    _close_sent = False

    @property
    def write_wire(self) -> Callable[[bytes], None]:
        """The transport's own: a thousand sockets are written within a few milliseconds, and no call is for nothing."""
        return self.transport.write

    @property
    def close_sent(self) -> bool:
        return self._close_sent

    @close_sent.setter
    def close_sent(self, sent: bool) -> None:
        self._close_sent = sent
        if sent:
            self._set_clear(is_clear=False)

    def handle_close(self, event: Any) -> None:
        goodbye = self.conn.close_rcvd
        if goodbye is not None and goodbye.code == Close.GOING_AWAY and not self.close_sent:
            # A gateway ends, and says so in its client's place, who still wants to hear the answers: ours comes last.
            self.stop_keepalive()
            self._let_application_leave()
            return
        super().handle_close(event)
        self._set_clear(is_clear=False)

    def connection_lost(self, exc: Exception | None) -> None:
        self._set_clear(is_clear=False)
        if self._leaving is not None:
            self._leaving.cancel()
        super().connection_lost(exc)
        self._let_go_of_itself()

    def _let_go_of_itself(self) -> None:
        """Two circles that would wait for the collector, 14 KB and the application's part with each."""
        if hasattr(self, "scope"):
            extensions: Any = self.scope["extensions"]
            extensions.pop(DIRECT, None)
        self.conn.parser.close()

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):  # not where the handshake was wrong
            extensions: Any = self.scope["extensions"]
            extensions[DIRECT] = self

    def write(self, frame: Frame) -> None:
        """A frame of the hub's, past `send`: no wait, no task, and the same bytes for everybody."""
        if not self.close_sent and not self.transport.is_closing():
            self.transport.write(frame.wire)

    def detach(self) -> None:
        self.on_change = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._set_clear(is_clear=False)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._set_clear(is_clear=not self.close_sent and not self.transport.is_closing())

    def _set_clear(self, *, is_clear: bool) -> None:
        self.is_clear = is_clear
        if self.on_change is not None:
            self.on_change()

    def send_receive_event_to_app(self) -> None:
        self._ahead_bytes += sum(map(len, self.frames))
        super().send_receive_event_to_app()
        if self.read_paused and self.queue.qsize() < READ_AHEAD and self._ahead_bytes < READ_AHEAD_BYTES:
            self.read_paused = False
            self.transport.resume_reading()

    async def receive(self) -> Any:
        message = await super().receive()
        if self.queue.empty():
            self._ahead_bytes = 0
        return message

    async def send(self, message: Any) -> None:
        if message["type"] == "websocket.close" and self.handshake_complete:
            # The close goes out past what the reader has not taken, and the buffer is freed if it never does.
            self.writable.set()
            self.loop.call_later(self.close_timeout, self.transport.abort)
            if self._owes_goodbye:
                self._say_goodbye()
                return
        await super().send(message)
        if message["type"] == "websocket.accept":
            self._forget_handshake()

    def _forget_handshake(self) -> None:
        """Cookies and tokens are a kilobyte or two, on every idle socket, and nobody looks at them again."""
        self.request = self.response = cast(Any, None)
        self.scope["headers"] = []

    def keepalive_timeout(self) -> None:
        """No pong came. A line that is cut takes no close either, so it is not waited for."""
        super().keepalive_timeout()
        self.loop.call_later(self.close_timeout, self.transport.abort)

    def leave(self, within_s: float) -> None:
        """At a moment of its own the application is told, behind all that its client has said already."""
        if self._was_told:
            return
        if self._leaving is not None:
            self._leaving.cancel()
        moment_s = random.uniform(0, within_s)  # noqa: S311  # a spread, not a secret
        self._leaving = self.loop.call_later(moment_s, self._let_application_leave)

    def _let_application_leave(self) -> None:
        if self.close_sent:  # it is turning the client away already
            return
        self._was_told = True
        self.queue.put_nowait(cast(Any, {"type": LEAVE}))
        self._leaving = self.loop.call_later(LEAVE_WITHIN_S, self.shutdown)

    def shutdown(self) -> None:
        """The application has not hung up."""
        if not self.handshake_complete or self.close_sent or self.transport.is_closing():
            super().shutdown()
            return
        self.stop_keepalive()
        self._say_goodbye()

    @property
    def _owes_goodbye(self) -> bool:
        return self.conn.close_rcvd is not None and not self.close_sent

    def _say_goodbye(self) -> None:
        code, reason = int(Close.GOING_AWAY), REASONS[Close.GOING_AWAY]
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        if not self._owes_goodbye:  # else it has been written, and waits
            self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)
        if self.conn.close_rcvd is not None:
            self.transport.close()


# How every process that holds sockets is to be started, whoever starts it.
OPTIONS: dict[str, Any] = {**server.OPTIONS, "ws": SocketProtocol, "ws_max_size": FRAME_HARD_LIMIT_BYTES}

if __name__ == "__main__":
    server.serve("realtime_svc.settings")
