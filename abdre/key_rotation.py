"""Changing the signing key while tokens of the old one are about: publish the next, sign with it, drop the old one.

Which step is due says the file of private keys itself: before each block stands a line like
`# signing since 2026-11-26T08:00:00Z` (PEM allows text there, RFC 7468).
"""

import re
from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Self

from abdre.keys import END, MOMENT, generate_pem, load_signing_keys

# Others keep the published set for five minutes; Kubernetes takes up to two to hand a changed file out.
PUBLISHED_FOR = timedelta(minutes=10)
# No access token lives longer than ten minutes, clocks differ by seconds, and handing out takes its time here too.
RETIRED_FOR = timedelta(minutes=15)
NOTE = re.compile(r"^# (signing|next|retired) since (\S+)$", re.MULTILINE)


class Standing(StrEnum):
    SIGNING = "signing"
    NEXT = "next"  # published, and signs nothing yet
    RETIRED = "retired"  # signs nothing any more, and its last tokens are about


class NotYet(Exception):
    """Nothing may be done before `at`."""

    def __init__(self, why: str, at: datetime) -> None:
        super().__init__(why)
        self.at = at


class Confused(Exception):
    """The files are not as a rotation leaves them."""


@dataclass(frozen=True)
class Key:
    pem: str
    standing: Standing
    since: datetime | None  # None: made before this was noted

    @classmethod
    def fresh(cls, standing: Standing, now: datetime) -> Self:
        return cls(generate_pem(), standing, now)

    @property
    def kid(self) -> str:
        return load_signing_keys(self.pem)[0].kid

    def turned(self, standing: Standing, now: datetime) -> Self:
        return replace(self, standing=standing, since=now)

    def must_have_stood(self, pause: timedelta, now: datetime, *, or_else: str) -> None:
        """Raises NotYet with the reason while the key has not stood as it does for so long."""
        if self.since is not None and now < self.since + pause:
            raise NotYet(or_else, self.since + pause)


@dataclass(frozen=True)
class Pauses:
    """How long the signing key lasts before it is changed, and each step of the change before the next."""

    signing: timedelta
    published: timedelta = PUBLISHED_FOR
    retired: timedelta = RETIRED_FOR


def parse(text: str) -> list[Key]:
    """Raises Confused."""
    blocks = [block + END for block in text.split(END)[:-1]]
    try:
        load_signing_keys(text)
        keys = [_parse_block(block, is_first=number == 0) for number, block in enumerate(blocks)]
    except ValueError as problem:
        raise Confused(str(problem)) from problem
    if [key.standing for key in keys] not in STAGES:
        raise Confused("the keys stand as " + ", ".join(key.standing for key in keys))
    return keys


def _parse_block(block: str, *, is_first: bool) -> Key:
    note = NOTE.search(block)
    pem = block[block.index("-----BEGIN") :] + "\n"
    if note:
        return Key(pem, Standing(note[1]), datetime.fromisoformat(note[2]))
    if is_first:
        return Key(pem, Standing.SIGNING, None)
    raise ValueError("a second key without a line that says what it is: `# next since …` or `# retired since …`")


STAGES = [[Standing.SIGNING], [Standing.SIGNING, Standing.NEXT], [Standing.SIGNING, Standing.RETIRED]]


def render(keys: list[Key]) -> str:
    return "".join(f"{_note(key)}{key.pem}" for key in keys)


def _note(key: Key) -> str:
    return f"# {key.standing} since {key.since.astimezone(UTC):{MOMENT}}\n" if key.since else ""


def step(
    keys: list[Key], pauses: Pauses, now: datetime, *, published: Container[str] | None = None
) -> tuple[list[Key], str]:
    """The keys after the step that is due, and the step in words. Raises NotYet, Confused.

    `published`: the ids that other roles know, where they read a file of their own.
    """
    known = [published is None or key.kid in published for key in keys]
    if not known[0]:
        raise Confused(f"{keys[0].kid} signs and is not published; `python -m abdre.keys` publishes it")
    match keys:
        case [signing, Key(standing=Standing.NEXT) as following] if not known[1]:
            return [signing, following.turned(Standing.NEXT, now)], f"{following.kid} was not published; it is now"
        case [signing, Key(standing=Standing.NEXT) as following]:
            following.must_have_stood(pauses.published, now, or_else="the next key is being published")
            changed = [following.turned(Standing.SIGNING, now), signing.turned(Standing.RETIRED, now)]
            return changed, f"{following.kid} signs now; {signing.kid} still verifies"
        case [signing, retired]:
            retired.must_have_stood(pauses.retired, now, or_else="the old key's last tokens are still about")
            return [signing], f"{retired.kid} is dropped; {signing.kid} is the only one"
        case _:
            signing = keys[0]
            signing.must_have_stood(pauses.signing, now, or_else="the signing key is young enough")
            following = Key.fresh(Standing.NEXT, now)
            return [signing, following], f"{following.kid} is published; {signing.kid} signs on"
