"""Web Push: what a browser is told while no page of ours is open, by way of the push service that it has chosen.

The message is encrypted for that browser alone (RFC 8291, aes128gcm), and signed with a key of our own (VAPID, RFC
8292), so no account is needed anywhere. The push service learns when somebody is told something, and not what.
"""

import base64
import json
import os
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from yarl import URL

from abdre.fetching import fetch
from abdre.push_key import CURVE, load_push_key

POINT_BYTES, AUTH_BYTES = 65, 16
RECORD_BYTES = 4096  # one record, which is also the most that push services take
SIGNED_FOR_S = 12 * 3600  # they take 24 hours at most, and clocks differ
TIMEOUT_S = 10.0
GONE = (404, 410)


class PushFailed(Exception):
    """The push service did not take it; worth another try."""


class SubscriptionGone(PushFailed):
    """The browser does not want it any more; no other try."""


@dataclass(frozen=True)
class Target:
    """Where a browser is told, and the keys by which it alone reads; both in base64url, as browsers give them."""

    endpoint: str
    p256dh: str
    auth: str

    def check(self) -> None:
        """Raises ValueError."""
        if len(decoded(self.auth)) != AUTH_BYTES:
            raise ValueError("auth is not of 16 bytes")
        _point(decoded(self.p256dh))


def public_key() -> str:
    """What a page gives its browser, which then takes messages signed by the private one only."""
    return encoded(_bytes_of(load_push_key(settings.PUSH_PEM).public_key()))


def send(target: Target, message: Mapping[str, Any], *, topic: str, ttl_s: int, is_urgent: bool) -> None:
    """`topic`: of several that wait for a browser that is off, the last one stays. Raises PushFailed, FetchFailed."""
    content = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "Authorization": _authorization(target.endpoint),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(ttl_s),
        "Topic": topic,
        "Urgency": "high" if is_urgent else "normal",
    }
    answer = fetch(
        target.endpoint,
        method="POST",
        headers=headers,
        body=encrypted(content, target),
        timeout_s=TIMEOUT_S,
        limit_bytes=1024,
    )
    if answer.status in GONE:
        raise SubscriptionGone(str(answer.status))
    if not 200 <= answer.status < 300:
        raise PushFailed(str(answer.status))


def _authorization(endpoint: str) -> str:
    contact = settings.PUBLIC_ORIGIN
    if not contact.startswith("https:"):
        contact = f"mailto:{settings.DEFAULT_FROM_EMAIL.rpartition('<')[2].rstrip('>')}"
    claims = {"aud": str(URL(endpoint).origin()), "exp": int(time.time()) + SIGNED_FOR_S, "sub": contact}
    token = jwt.encode(claims, settings.PUSH_PEM, algorithm="ES256")
    return f"vapid t={token}, k={public_key()}"


def encrypted(
    content: bytes, target: Target, *, salt: bytes = b"", sender: ec.EllipticCurvePrivateKey | None = None
) -> bytes:
    """One record. `salt` and `sender` are new ones each time, but for the example of the RFC."""
    salt, sender = salt or os.urandom(16), sender or ec.generate_private_key(CURVE)
    theirs, ours = decoded(target.p256dh), _bytes_of(sender.public_key())
    shared = sender.exchange(ec.ECDH(), _point(theirs))
    secret = _derived(shared, decoded(target.auth), b"WebPush: info\0" + theirs + ours, 32)
    key = _derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(secret, salt, b"Content-Encoding: nonce\0", 12)
    # 2 says that this is the last record.
    sealed = AESGCM(key).encrypt(nonce, content + b"\2", None)
    return salt + struct.pack("!IB", RECORD_BYTES, len(ours)) + ours + sealed


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def _point(content: bytes) -> ec.EllipticCurvePublicKey:
    if len(content) != POINT_BYTES:
        raise ValueError("not an uncompressed point of P-256")
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, content)


def _bytes_of(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Raises ValueError."""
    return base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
