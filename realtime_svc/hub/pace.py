"""How fast a socket, and a person with all their sockets here, may speak."""

import time

from django.conf import settings

from realtime_svc.errors import TooFast
from realtime_svc.protocol.limits import BURST_S, COMMAND_CHARS, TYPING_EVERY_S, WARNINGS


class Pace:
    """A bucket of commands that refills; whoever goes on after the warnings is too fast."""

    __slots__ = ("_at_once", "_counted_at", "_left", "_per_s", "_warnings")

    def __init__(self, *, sockets: int = 1) -> None:
        """For so many sockets together."""
        self._per_s = float(settings.COMMANDS_PER_S * sockets)
        self._left = self._at_once = self._per_s * BURST_S
        self._counted_at = time.monotonic()
        self._warnings = 0

    @property
    def is_lost(self) -> bool:
        return self._warnings > WARNINGS

    def count(self, frame_chars: int) -> None:
        """One more command; a long one, which takes long to read and to do, counts as several. Raises TooFast."""
        now = time.monotonic()
        self._left = min(self._left + (now - self._counted_at) * self._per_s, self._at_once)
        self._counted_at = now
        if self._left == self._at_once:
            self._warnings = 0
        if self._left < 1:
            self._warnings += 1
            raise TooFast(retry_after_s=1)
        self._left -= 1 + frame_chars // COMMAND_CHARS


class TypingPace:
    """Typing is told again only after a while; in between it is known anyway."""

    def __init__(self) -> None:
        self._told_at: dict[object, float] = {}

    def is_due(self, chat: object) -> bool:
        now = time.monotonic()
        if now - self._told_at.get(chat, -TYPING_EVERY_S) < TYPING_EVERY_S:
            return False
        self._told_at = {known: at for known, at in self._told_at.items() if now - at < TYPING_EVERY_S}
        self._told_at[chat] = now
        return True
