"""Sockets at the edge: the handshake, the commands, and the refusal of every other path."""

from realtime_svc.consumers.lost import NoSuchPath
from realtime_svc.consumers.socket import ChatSocket

__all__ = ["ChatSocket", "NoSuchPath"]
