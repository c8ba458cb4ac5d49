"""uvicorn's protocol for requests, with bounds: odd heads are refused, slow clients are let go."""

import asyncio
import socket
from typing import Any, cast

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from abdre.heads import MALFORMED, has_body, refusal_of

# nginx gives a head 60 s and 32 KiB; a browser's takes one packet or two.
HEAD_WITHIN_S = 20.0
HEAD_LIMIT_BYTES = 64 * 1024
TOO_LARGE = b"431 Request Header Fields Too Large"
TOO_LATE = b"408 Request Timeout"
# RFC 9110, 15.5.9: "if the client has an outstanding request in transit, the client MAY repeat that request". Browsers,
# Go's proxies and our own gateway do.
UNREAD = b"HTTP/1.1 " + TOO_LATE + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
# A body that was refused is still read for so long: closed at once, the line might lose the answer too.
LINGER_S = 2.0
# Who opens a line because of a request sends it within so long.
NEW_S = 1.0
# A client that takes nothing of what it is sent for so long is gone, whatever its line says. The kernel looks, as long
# as anything is unsaid: also when nobody here waits for it, or the line is closed but for the rest.
READER_PATIENCE_S = 60.0


class RefusedHead(Exception):
    """Ends the parser's work."""


class BoundedHttpProtocol(HttpToolsProtocol):
    """Who sends a head byte by byte, or without end, is let go: uvicorn would wait, and keep all of it.

    Heads that are not beyond doubt are refused before anybody sees them.
    """

    _waiting: asyncio.TimerHandle | None = None  # for the end of a head
    _bytes_between = 0  # bodies: of a head, of what stands between chunks, of trailers
    _has_head = False
    _is_handshake = False
    _was_asked = False  # if only for the first letters of a request
    _is_deaf = False
    _refusal: bytes | None = None
    _lingering: asyncio.TimerHandle | None = None  # for the end of a body that was refused

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._made_at = self.loop.time()
        self._await_head()
        self._wait_for_reader(READER_PATIENCE_S)

    def _wait_for_reader(self, patience_s: float) -> None:
        """0: for as long as it takes."""
        line: socket.socket = self.transport.get_extra_info("socket")
        if line.family in (socket.AF_INET, socket.AF_INET6) and hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux has it
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(patience_s * 1000))

    def handle_websocket_upgrade(self) -> None:
        # A socket that does not read is told so (4008), and shall find that whenever it reads again.
        self._wait_for_reader(0)
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._was_asked = True
        self._has_head = self._is_handshake = False
        self._await_head(late=TOO_LATE)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._has_head:  # else it is a trailer, which uvicorn would take for a header that came late
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._has_head = True
        self._stop_waiting()
        method, version = self.parser.get_method(), self.parser.get_http_version()
        self._refusal = refusal_of(method=method, version=version, target=self.url, headers=self.headers)
        if self._refusal is not None:
            raise RefusedHead
        self._is_handshake = super()._should_upgrade() and self._may_be_handshake
        if not self._comes_again:
            super().on_headers_complete()

    @property
    def _comes_again(self) -> bool:
        """Without the upgrade that it asks for in vain."""
        return bool(self.parser.should_upgrade()) and not self._is_handshake

    @property
    def _may_be_handshake(self) -> bool:
        return not self._is_answering and self.parser.get_method() == b"GET" and not has_body(self.headers)

    def _should_upgrade(self) -> bool:
        return self._is_handshake

    def on_body(self, body: bytes) -> None:
        self._bytes_between = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self._lingering is not None:
            self._lingering.cancel()
            self._lingering = None
        if not self._comes_again:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        if self.cycle.more_body and not self.pipeline:
            # Refused before it was here; who goes on sending it is not listened to.
            self._lingering = self.loop.call_later(LINGER_S, self.transport.close)
        super().on_response_complete()

    def data_received(self, data: bytes) -> None:
        if self._is_deaf:
            return
        self._bytes_between += len(data)
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self._refuse(self._refusal or MALFORMED)
        except httptools.HttpParserUpgrade as stop:
            self._pass_upgrade(data[stop.args[0] :])
            return
        if self._bytes_between > HEAD_LIMIT_BYTES:
            self._refuse(TOO_LARGE)
        elif self._waiting is None and self._is_between_requests:
            self._await_head()  # an empty line, for which uvicorn forgets its own clock

    def _pass_upgrade(self, rest: bytes) -> None:
        """`rest`: what came after the head."""
        if self._is_handshake:
            self.handle_websocket_upgrade()
            self.parser = cast(Any, None)  # each would hold the other for the collector
            if rest:
                cast(asyncio.Protocol, self.transport.get_protocol()).data_received(rest)
        else:
            self._read_without_upgrade(rest)

    def _read_without_upgrade(self, rest: bytes) -> None:
        """The parser takes no body after an upgrade, and would read it as the next request, as somebody may wish."""
        first = b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
        lines = [first, *(b"%b: %b" % (name, value) for name, value in self.headers if name != b"upgrade")]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn does: it is passed over
        self.data_received(b"\r\n".join([*lines, b"", rest]))

    @property
    def _is_between_requests(self) -> bool:
        is_at_rest = self.cycle is not None and self.cycle.response_complete
        is_ours = self.transport.get_protocol() is self and not self.transport.is_closing()
        return is_at_rest and self.timeout_keep_alive_task is None and is_ours

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _await_head(self, *, late: bytes = b"") -> None:
        """`late`: what is said when it does not come. Nothing where none has begun: a browser that had opened the line
        for later would take it for the answer to its next request."""
        self._stop_waiting()
        self._bytes_between = 0
        self._waiting = self.loop.call_later(HEAD_WITHIN_S, self._refuse, late)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _refuse(self, status: bytes) -> None:
        """Nothing more is listened to; what was asked before is still answered, and then the line ends."""
        self._stop_waiting()
        self._is_deaf = True
        if self._is_answering and not self.cycle.more_body:
            self.cycle.keep_alive = False
            return
        if status and self._may_speak:
            self.transport.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()

    def shutdown(self) -> None:
        """The server ends. A request may be on its way on a line at rest, and its client has to know what became of it:
        it was not read. The line is closed when that is heard; at once, what comes meanwhile would take the word back.

        Nothing is said where nothing was ever asked: see `_await_head`.
        """
        if self._is_answering or not self._was_asked or self.transport.is_closing():
            super().shutdown()
            return
        self._stop_waiting()
        self._is_deaf = True
        self.transport.write(UNREAD)
        self.transport.write_eof()
        self._lingering = self.loop.call_later(LINGER_S, self.transport.close)

    @property
    def is_new(self) -> bool:
        """It came a moment ago, and its first request is on the way."""
        return not self._was_asked and self.loop.time() - self._made_at < NEW_S

    @property
    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    @property
    def _may_speak(self) -> bool:
        """Nothing may stand amid another answer, or before it; but it may be the answer to a body that is no good."""
        is_first_word = not self._is_answering or not (self.cycle.response_started or self.pipeline)
        return is_first_word and not self.transport.is_closing()
