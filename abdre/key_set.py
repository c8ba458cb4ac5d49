"""The keys that the role signs and verifies with, as they stand in its file now: changed ones need no restart."""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from abdre.keys import SigningKey, load_jwks, load_signing_keys

log = logging.getLogger(__name__)

# Each look is one `stat`; the file is read only when it has changed.
LOOK_EVERY_S = 2.0
# A key that we do not know may have been added a moment ago. Strangers name any key they like, so not every time.
LOOK_FOR_UNKNOWN_EVERY_S = 0.2
# What a file, or what it once held, may be wrong by.
UNREADABLE = (OSError, ValueError, TypeError, KeyError, AttributeError)


@dataclass(frozen=True, eq=False)
class KeySet:
    """Compared by identity: whoever remembers what a set has verified forgets it with the set."""

    signing: SigningKey | None
    verifying: Mapping[str, RSAPublicKey]


def _from_pem(text: str) -> KeySet:
    keys = load_signing_keys(text)
    return KeySet(keys[0], {key.kid: key.private.public_key() for key in keys})


def _from_jwks(text: str) -> KeySet:
    return KeySet(None, load_jwks(json.loads(text)))


class Keyring:
    """What a file holds, or a text that never changes where there is no file."""

    def __init__(self, read: Callable[[str], KeySet], *, path: str = "", text: str = "") -> None:
        self._read = read
        self._path = Path(path) if path else None
        self._looking = threading.Lock()
        self._stamp = self._stamp_now()
        self._looked_at = time.monotonic()
        self._keys = read(self._path.read_text(encoding="utf-8") if self._path else text)

    def keys(self) -> KeySet:
        """As they stood at most `LOOK_EVERY_S` ago. Asked for each token, so nobody waits for whoever looks."""
        if self._is_older_than(LOOK_EVERY_S) and self._looking.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._looking.release()
        return self._keys

    def keys_now(self) -> KeySet:
        """As they stand, for a token whose key was not among them."""
        with self._looking:
            if self._is_older_than(LOOK_FOR_UNKNOWN_EVERY_S):
                self._look()
        return self._keys

    def _is_older_than(self, age_s: float) -> bool:
        return self._path is not None and time.monotonic() - self._looked_at >= age_s

    def _look(self) -> None:
        """What cannot be read changes nothing: a file may be half copied, and will be whole at the next look."""
        self._looked_at = time.monotonic()
        try:
            stamp = self._stamp_now()
            if stamp == self._stamp or self._path is None:
                return
            self._keys = self._read(self._path.read_text(encoding="utf-8"))
        except UNREADABLE as problem:
            log.error("changed keys are not understood; the old ones stay", extra={"problem": str(problem)})
            return
        self._stamp = stamp
        log.info("keys have changed", extra={"kids": ",".join(self._keys.verifying)})

    def _stamp_now(self) -> tuple[int, ...]:
        # Through links, since Kubernetes changes a mounted secret by turning one; and by inode, since times may repeat.
        if self._path is None:
            return ()
        seen = self._path.stat()
        return seen.st_mtime_ns, seen.st_ino, seen.st_size


@cache
def _keyring() -> Keyring:
    """Raises ImproperlyConfigured with the variable's name."""
    signs = bool(settings.SIGNING_PEM)
    try:
        if signs:
            return Keyring(_from_pem, path=settings.SIGNING_KEYS_FILE, text=settings.SIGNING_PEM)
        return Keyring(_from_jwks, path=settings.VERIFYING_KEYS_FILE, text=json.dumps(settings.VERIFYING_JWKS))
    except UNREADABLE as problem:
        raise ImproperlyConfigured(f"ABDRE_{'SIGNING' if signs else 'VERIFYING'}_KEYS: {problem}") from problem


def key_set() -> KeySet:
    """The role's keys. Raises ImproperlyConfigured with the variable's name."""
    return _keyring().keys()


def verifying_key(kid: str) -> RSAPublicKey | None:
    return key_set().verifying.get(kid) or _keyring().keys_now().verifying.get(kid)
