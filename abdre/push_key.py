"""The key by which push services know whose messages these are (VAPID): `python -m abdre.push_key DIR` writes push.pem.

Browsers' subscriptions hang on it: whoever replaces it has everybody switch notifications on anew.
"""

import sys
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from abdre.keys import keep

PUSH_FILE = "push.pem"
CURVE = ec.SECP256R1()


def first_push_pem() -> str:
    private = ec.generate_private_key(CURVE)
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


@cache
def load_push_key(pem: str) -> ec.EllipticCurvePrivateKey:
    """Raises ValueError."""
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != CURVE.name:
        raise ValueError("not a private key of the curve P-256")
    return key


def main(directory: str) -> None:
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    keep(folder / PUSH_FILE, first_push_pem)


if __name__ == "__main__":
    main(*sys.argv[1:])
