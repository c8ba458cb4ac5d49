"""A network between pages and the server that loses what tests want lost."""

import json
from collections.abc import Callable

from playwright.sync_api import BrowserContext, WebSocketRoute


class Line:
    """Carries every socket that a browser opens from now on."""

    def __init__(self, browser: BrowserContext) -> None:
        self.sockets: list[WebSocketRoute] = []
        self.dead: set[int] = set()
        self.is_down = False
        browser.route_web_socket("**/ws", self._carry)

    def lose_answers(self) -> None:
        """What the server says on the present socket is lost from now on; it still hears."""
        self.dead.add(len(self.sockets) - 1)

    def say(self, items: list[dict[str, object]]) -> None:
        """As if the server said it."""
        self.sockets[-1].send(json.dumps(items))

    def cut(self) -> None:
        self.sockets[-1].close(code=4000)

    def _carry(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        if self.is_down:
            return
        socket.connect_to_server().on_message(self._to_page(len(self.sockets) - 1))

    def _to_page(self, number: int) -> Callable[[str | bytes], None]:
        return lambda frame: None if number in self.dead else self.sockets[number].send(frame)
