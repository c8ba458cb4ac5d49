"""The RSA key set behind access tokens: the private keys sign, the published JWKS verifies.

`python -m abdre.keys DIR` writes `DIR/signing.pem` (private) and `DIR/verifying.json` (JWKS).
"""

import base64
import hashlib
import json
import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    RSAPublicNumbers,
    generate_private_key,
)

SIGNING_FILE = "signing.pem"
VERIFYING_FILE = "verifying.json"
END = "-----END PRIVATE KEY-----"
MOMENT = "%Y-%m-%dT%H:%M:%SZ"


class SigningKey(NamedTuple):
    kid: str
    private: RSAPrivateKey


def _number(value: int) -> str:
    data = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _from_number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")


def key_id(public: RSAPublicKey) -> str:
    """The JWK thumbprint (RFC 7638), so that a key names itself the same everywhere."""
    numbers = public.public_numbers()
    canonical = f'{{"e":"{_number(numbers.e)}","kty":"RSA","n":"{_number(numbers.n)}"}}'
    return base64.urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode()


def load_signing_keys(pem: str) -> list[SigningKey]:
    """One or more private PEM blocks; the first signs. Raises ValueError when a block is no RSA private key."""
    keys = []
    for block in pem.split(END)[:-1]:
        private = serialization.load_pem_private_key((block + END).encode(), password=None)
        if not isinstance(private, RSAPrivateKey):
            raise ValueError("not an RSA private key")
        keys.append(SigningKey(key_id(private.public_key()), private))
    if not keys:
        raise ValueError("no private key in PKCS#8 PEM found")
    return keys


class KeyJson(TypedDict):
    kty: str
    use: str
    alg: str
    kid: str
    n: str
    e: str


class KeySetJson(TypedDict):
    keys: list[KeyJson]


def jwks(public_keys: list[RSAPublicKey]) -> KeySetJson:
    """The published key set (RFC 7517)."""
    return {"keys": [_jwk(key) for key in public_keys]}


def _jwk(public: RSAPublicKey) -> KeyJson:
    numbers = public.public_numbers()
    return {
        "kty": "RSA",
        "use": "sig",
        "alg": "RS256",
        "kid": key_id(public),
        "n": _number(numbers.n),
        "e": _number(numbers.e),
    }


def load_jwks(document: dict[str, Any]) -> dict[str, RSAPublicKey]:
    """Public keys by `kid`. Raises ValueError when the document holds none."""
    keys = {
        jwk["kid"]: RSAPublicNumbers(e=_from_number(jwk["e"]), n=_from_number(jwk["n"])).public_key()
        for jwk in document.get("keys", [])
        if jwk.get("kty") == "RSA"
    }
    if not keys:
        raise ValueError("no RSA key in the key set")
    return keys


def generate_pem() -> str:
    private = generate_private_key(public_exponent=65537, key_size=2048)
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def first_pem() -> str:
    """The key of a first start, under the line by which `abdre.key_rotation` knows how old it is."""
    return f"# signing since {datetime.now(UTC):{MOMENT}}\n{generate_pem()}"


def keep(path: Path, make: Callable[[], str]) -> str:
    """What `path` holds; on the first run that is what `make` answers, readable by the owner only.

    Written beside and linked into place, so that two processes starting at once agree and none reads half a key.
    """
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(make())
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="utf-8")


def overwrite(texts: dict[Path, str]) -> None:
    """Put each text in the place of what its file holds, for the same readers as before. Raises OSError.

    All drafts are written before the first takes its place, so that a folder that refuses one changes none.
    """
    drafts = {path: _draft(path, text) for path, text in texts.items()}
    for path, draft in drafts.items():
        draft.replace(path)


def _draft(path: Path, text: str) -> Path:
    before = path.stat()
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        os.fchmod(file.fileno(), stat.S_IMODE(before.st_mode))
        if os.geteuid() == 0:
            os.fchown(file.fileno(), before.st_uid, before.st_gid)
    return draft


def main(directory: str) -> None:
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    pem = keep(folder / SIGNING_FILE, first_pem)
    public = [key.private.public_key() for key in load_signing_keys(pem)]
    (folder / VERIFYING_FILE).write_text(json.dumps(jwks(public)), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
