"""Tokens of a rotating code, which live for a minute or ten: made of the invitation's secret, and stored nowhere.

A *turn* is what the screen shows for one step of time; a *hold* is what whoever opened a turn in time may join by, so
that there is time for thinking of a name.
"""

from __future__ import annotations

import base64
import hmac
import struct
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

TURN, HOLD = 1, 2
HOLD_LIFETIME = timedelta(minutes=10)

HEAD = struct.Struct(">B16sI")  # the kind, the invitation, and a number: a turn's step, or the second a hold ends in
MAC_BYTES = 24  # 192 bits, as of a lasting token
LENGTH = 60  # of the whole in base64url, without padding
SALT = "auth_svc.invitation.short"


@dataclass(frozen=True)
class ShortToken:
    kind: int
    invitation_id: UUID
    number: int
    mac: bytes

    def is_genuine(self, nonce: bytes) -> bool:
        """Whether we made it, whenever that was."""
        keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        return any(hmac.compare_digest(self.mac, _mac(self._head, nonce, key)) for key in keys)

    def is_over(self, now: datetime) -> bool:
        """A turn holds while it is shown and for one step more: a phone takes its time to focus."""
        if self.kind == TURN:
            return self.number < turn_of(now) - 1
        return self.number <= now.timestamp()

    @property
    def _head(self) -> bytes:
        return HEAD.pack(self.kind, self.invitation_id.bytes, self.number)


def turn_of(now: datetime) -> int:
    return int(now.timestamp()) // settings.INVITATION_ROTATION_S


def turn_ends_at(now: datetime) -> datetime:
    return datetime.fromtimestamp((turn_of(now) + 1) * settings.INVITATION_ROTATION_S, tz=UTC)


def write_token(kind: int, invitation_id: UUID, number: int, *, nonce: bytes, secret_key: str | bytes) -> str:
    head = HEAD.pack(kind, invitation_id.bytes, number)
    return base64.urlsafe_b64encode(head + _mac(head, nonce, secret_key)).decode()


def read_token(text: str) -> ShortToken | None:
    """None where it is none by its looks; nothing is proven yet."""
    if len(text) != LENGTH or not text.isascii():
        return None
    try:
        raw = base64.b64decode(text, altchars=b"-_", validate=True)
    except NotBase64:
        return None
    kind, invitation_id, number = HEAD.unpack(raw[: HEAD.size])
    return ShortToken(kind, UUID(bytes=invitation_id), number, raw[HEAD.size :]) if kind in (TURN, HOLD) else None


def _mac(head: bytes, nonce: bytes, secret_key: str | bytes) -> bytes:
    return salted_hmac(SALT, nonce + head, secret=secret_key, algorithm="sha256").digest()[:MAC_BYTES]
