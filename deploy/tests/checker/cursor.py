"""Up to which version a client has been told of a chat without a gap."""


class Cursor:
    """Moves over versions that follow one another, by the ack of a resume, or by a reset."""

    def __init__(self) -> None:
        self.version = 0
        self._ahead: set[int] = set()

    def see(self, version: int) -> None:
        if version > self.version:
            self._ahead.add(version)
            self._advance()

    def settle(self, version: int) -> None:
        self.version = version
        self._ahead = {ahead for ahead in self._ahead if ahead > version}
        self._advance()

    def _advance(self) -> None:
        while self.version + 1 in self._ahead:
            self.version += 1
            self._ahead.discard(self.version)
