"""The files that a key rotation changes: private keys, and the published set where other roles read one."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from abdre.key_rotation import Confused, Key, Pauses, Standing, parse, render, step
from abdre.keys import jwks, load_jwks, load_signing_keys, overwrite


@dataclass(frozen=True)
class KeyFiles:
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

    def keys(self) -> list[Key]:
        return parse(self.signing.read_text(encoding="utf-8"))

    def published(self) -> set[str] | None:
        if self.verifying is None:
            return None
        try:
            return set(load_jwks(json.loads(self.verifying.read_text(encoding="utf-8"))))
        except (ValueError, KeyError, AttributeError) as problem:
            raise Confused(f"{self.verifying} is no key set: {problem}") from problem

    def write(self, keys: list[Key]) -> None:
        """The published set first: broken off between the two, no key signs or waits that the others do not know."""
        text = render(keys)
        public = [key.private.public_key() for key in load_signing_keys(text)]
        published = {self.verifying: json.dumps(jwks(public))} if self.verifying else {}
        overwrite({**published, self.signing: text})


def take_step(files: KeyFiles, pauses: Pauses, now: datetime) -> tuple[list[Key], str]:
    """Do what is due. Raises NotYet, Confused, OSError."""
    with files.locked():
        keys, told = step(files.keys(), pauses, now, published=files.published())
        files.write(keys)
    return keys, told


def replace_leaked(files: KeyFiles, now: datetime) -> str:
    """A new key in place of all others, at once: their tokens are refused from now on. Raises OSError."""
    with files.locked():
        key = Key.fresh(Standing.SIGNING, now)
        files.write([key])
    return f"{key.kid} is the only one; every access token of before is refused, and renewed by its session"
