"""The one writer of messages in a process: one thread with its own connection, one transaction a batch."""

import atexit

from chat_svc.writer.posts import Held, Post, Sent
from chat_svc.writer.queue import Writer

__all__ = ["Held", "Post", "Sent", "Writer", "writer"]

writer = Writer()
atexit.register(writer.stop)
