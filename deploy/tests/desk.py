"""A desk on which browsers lay notifications, by the D-Bus of freedesktop.org: what lies there, and a press on it."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jeepney import DBusAddress, HeaderFields, Message, MessageType, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import DBusConnection, open_dbus_connection

NAME = "org.freedesktop.Notifications"
DESK = DBusAddress("/org/freedesktop/Notifications", interface=NAME)


class Desk:
    """`lying`: title and text of each notification, by its number, until it is taken away."""

    def __init__(self, address: str, line: DBusConnection) -> None:
        self.address, self._line = address, line
        self.lying: dict[int, tuple[str, str]] = {}
        self._laid = 0

    def press(self, title: str) -> None:
        """On the notification of that title."""
        number = next(number for number, (other, _text) in self.lying.items() if other == title)
        self._line.send(new_signal(DESK, "ActionInvoked", "us", (number, "default")))

    def serve(self) -> None:
        """Until the bus is gone."""
        while True:
            try:
                asked = self._line.receive()
            except (OSError, EOFError):
                return
            if asked.header.message_type == MessageType.method_call:
                self._answer(asked)

    def _answer(self, asked: Message) -> None:
        def answer(signature: str, *told: Any) -> None:
            self._line.send(new_method_return(asked, signature, told))

        match asked.header.fields[HeaderFields.member]:
            case "GetServerInformation":
                answer("ssss", NAME, "tests", "1", "1.2")
            case "GetCapabilities":
                answer("as", ["actions", "body"])
            case "Notify":
                _app, replaces, _icon, title, text, *_rest = asked.body
                self._laid += 1
                number = replaces or self._laid
                answer("u", number)
                # Only now: who presses it before its owner knows the number presses nobody's.
                self.lying[number] = (title, text)
            case _:  # CloseNotification
                self.lying.pop(asked.body[0], None)
                answer("")


@contextmanager
def desk() -> Iterator[Desk]:
    """On a bus of its own."""
    command = ["dbus-daemon", "--session", "--nofork", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as bus:
        assert bus.stdout
        address = bus.stdout.readline().strip()
        line = open_dbus_connection(address)
        line.send_and_get_reply(message_bus.RequestName(NAME))
        made = Desk(address, line)
        threading.Thread(target=made.serve, daemon=True).start()
        yield made
        bus.terminate()
        line.close()
