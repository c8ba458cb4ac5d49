"""Changing the signing key while tokens of the old one are about: publish the next, sign with it, drop the old one.

Which step is due says the file of private keys itself: before each block stands a line like
`# signing since 2026-11-26T08:00:00Z` (PEM allows text there, RFC 7468).
"""

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Self

from abdre.keys import END, MOMENT, generate_pem, jwks, load_jwks, load_signing_keys, overwrite

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


def step(keys: list[Key], pauses: Pauses, now: datetime) -> tuple[list[Key], str]:
    """The keys after the step that is due, and the step in words. Raises NotYet."""
    match keys:
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


@dataclass(frozen=True)
class KeyFiles:
    """Where the private keys stand, and the published set where other roles read one."""

    signing: Path
    verifying: Path | None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One rotation at a time; a second one waits and then finds nothing due."""
        folder = os.open(self.signing.resolve().parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def read(self) -> list[Key]:
        keys = parse(self.signing.read_text(encoding="utf-8"))
        self._check_published(keys)
        return keys

    def _check_published(self, keys: list[Key]) -> None:
        if self.verifying is None:
            return
        try:
            published = load_jwks(json.loads(self.verifying.read_text(encoding="utf-8")))
        except (ValueError, KeyError) as problem:
            raise Confused(f"{self.verifying} is no key set: {problem}") from problem
        missing = [key.kid for key in keys if key.kid not in published]
        if missing:
            raise Confused(
                f"{self.verifying} does not hold {', '.join(missing)}; `python -m abdre.keys` writes it anew"
            )

    def write(self, keys: list[Key]) -> None:
        """The published set first: broken off between the two, no key signs or waits that the others do not know."""
        text = render(keys)
        public = [key.private.public_key() for key in load_signing_keys(text)]
        published = {self.verifying: json.dumps(jwks(public))} if self.verifying else {}
        overwrite({**published, self.signing: text})


def take_step(files: KeyFiles, pauses: Pauses, now: datetime) -> tuple[list[Key], str]:
    """Do what is due. Raises NotYet, Confused, OSError."""
    with files.locked():
        keys, told = step(files.read(), pauses, now)
        files.write(keys)
    return keys, told


def replace_leaked(files: KeyFiles, now: datetime) -> str:
    """A new key in place of all others, at once: their tokens are refused from now on. Raises OSError."""
    with files.locked():
        key = Key.fresh(Standing.SIGNING, now)
        files.write([key])
    return f"{key.kid} is the only one; every access token of before is refused, and renewed by its session"
