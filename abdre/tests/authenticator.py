"""A passkey in software, for tests: it does what it is told, also what a browser would not do.

It speaks the JSON that browsers make of the ceremonies of WebAuthn, with ES256 keys and no attestation.
"""

import hashlib
import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2 import cbor
from fido2.cose import ES256

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40

Json = dict[str, Any]


@dataclass
class Authenticator:
    """One passkey at most. The facts are what it says of itself and of the page; a test may make them false."""

    origin: str
    place: str = ""  # the relying party's id; empty: as asked
    is_verified: bool = True
    is_framed: bool = False
    sign_count: int = 0
    counts: bool = True
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    owner: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: Json) -> Json:
        """What `navigator.credentials.create` would answer."""
        asked = options["publicKey"]
        self.owner = decoded(asked["user"]["id"])
        public = cbor.encode(dict(ES256.from_cryptography_key(self.key.public_key())))
        attested = b"\0" * 16 + struct.pack(">H", len(self.id)) + self.id + public
        seen = self._seen(asked["rp"]["id"], HAS_KEY) + attested
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": seen})
        said = self._said("webauthn.create", asked)
        return self._credential(clientDataJSON=said, attestationObject=attestation)

    def show(self, options: Json) -> Json:
        """What `navigator.credentials.get` would answer."""
        asked = options["publicKey"]
        seen, said = self._seen(asked["rpId"]), self._said("webauthn.get", asked)
        signature = self.key.sign(seen + hashlib.sha256(said).digest(), ec.ECDSA(SHA256()))
        return self._credential(clientDataJSON=said, authenticatorData=seen, signature=signature, userHandle=self.owner)

    def _seen(self, place: str, flags: int = 0) -> bytes:
        if self.counts:
            self.sign_count += 1
        flags |= PRESENT | (VERIFIED if self.is_verified else 0)
        return hashlib.sha256((self.place or place).encode()).digest() + struct.pack(">BI", flags, self.sign_count)

    def _said(self, kind: str, asked: Json) -> bytes:
        said = {"type": kind, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": self.is_framed}
        return json.dumps(said).encode()

    def _credential(self, **response: bytes) -> Json:
        answered = {name: encoded(value) for name, value in response.items()}
        return {"id": encoded(self.id), "rawId": encoded(self.id), "type": "public-key", "response": answered}


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
