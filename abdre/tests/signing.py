"""Access tokens for tests, signed by the run's private key, which most roles' settings never see."""

import os
import uuid
from functools import cache
from pathlib import Path
from typing import Any

import jwt
from django.conf import settings
from django.utils import timezone

from abdre.keys import SigningKey, load_signing_keys
from abdre.store import store
from abdre.tokens import ALIVE, session_key


def private_pem() -> str:
    """The all-in-one holds its own key; the roles of the split get theirs from the run's surroundings."""
    if settings.SIGNING_PEM:
        return str(settings.SIGNING_PEM)
    return os.environ.get("ABDRE_SIGNING_KEYS") or Path(os.environ["ABDRE_SIGNING_KEYS_FILE"]).read_text()


@cache
def _signing_key(pem: str) -> SigningKey:
    """Reading a key proves its numbers, which takes longer than most tests."""
    return load_signing_keys(pem)[0]


def access_token(
    user_id: uuid.UUID, *, session_id: uuid.UUID | None = None, lifetime_s: int = 600, **claims: Any
) -> str:
    """The session is said to live, as if its row had just been asked."""
    key = _signing_key(private_pem())
    session = session_id or uuid.uuid4()
    if session_id is None:
        store.put(session_key(session), ALIVE, ttl_s=lifetime_s)
    now = int(timezone.now().timestamp())
    payload = {
        "token_type": "access",
        "sub": str(user_id),
        "session": str(session),
        "jti": uuid.uuid4().hex,
        "iat": now,
        "exp": now + lifetime_s,
        "aud": settings.TOKEN_AUDIENCE,
        "iss": settings.TOKEN_ISSUER,
        **claims,
    }
    return jwt.encode(payload, key.private, algorithm="RS256", headers={"kid": key.kid})


def bearer(user_id: uuid.UUID, **options: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {access_token(user_id, **options)}"}
