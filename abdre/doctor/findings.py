"""What a check says: what is wrong, and what to do about it."""

from typing import Literal, NamedTuple

Level = Literal["wrong", "note"]


class Finding(NamedTuple):
    """A `note` is worth knowing and may be meant so; what is `wrong` will hurt."""

    check: str
    level: Level
    what: str
    do: str

    def __str__(self) -> str:
        return f"{self.level}: {self.check}: {self.what}. {self.do}."
