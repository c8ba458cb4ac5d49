"""Only a token that we signed, for us, unexpired and of a living session says who somebody is."""

import json
import time
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from abdre.key_set import key_set
from abdre.keys import generate_pem, load_signing_keys
from abdre.tokens import LEEWAY_S
from auth_svc.tests.people import Visitor, code_of

OURS = object()


def forge(token: str, *, key: Any = OURS, algorithm: str = "RS256", kid: Any = OURS, **claims: Any) -> str:
    """The person's own token, signed anew with other facts in it."""
    signing = key_set().signing
    assert signing
    own = jwt.decode(token, options={"verify_signature": False})
    changed = {name: value for name, value in {**own, **claims}.items() if value is not None}
    headers = {"kid": signing.kid if kid is OURS else kid} if kid is not None else {}
    return jwt.encode(changed, signing.private if key is OURS else key, algorithm=algorithm, headers=headers)


def seen_with(person: Visitor, token: str) -> int:
    response = person.get("/api/auth/sessions", Authorization=f"Bearer {token}")
    if response.status_code == 401:
        assert code_of(response) == "not_signed_in"
        assert response["WWW-Authenticate"] == "Bearer"
    return int(response.status_code)


def test_the_forger_of_these_tests_can_make_a_good_one(ada: Visitor):
    assert seen_with(ada, forge(ada.token)) == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - LEEWAY_S - 1},
        {"exp": None},
        {"aud": "somebody-else"},
        {"aud": None},
        {"iss": "somebody-else"},
        {"iss": None},
        {"token_type": "refresh"},
        {"token_type": None},
        {"sub": None},
        {"sub": "no id"},
        {"session": None},
        {"session": "no id"},
    ],
    ids=str,
)
def test_a_well_signed_token_with_a_wrong_claim_is_nobody(ada: Visitor, claims: dict[str, Any]):
    assert seen_with(ada, forge(ada.token, **claims)) == 401


def test_a_token_of_another_key_is_nobody_under_our_kid_and_under_its_own(ada: Visitor):
    other = load_signing_keys(generate_pem())[0]

    assert seen_with(ada, forge(ada.token, key=other.private)) == 401
    assert seen_with(ada, forge(ada.token, key=other.private, kid=other.kid)) == 401


@pytest.mark.parametrize("kid", [None, "", "../../etc/passwd", "x" * 10_000])
def test_a_token_without_a_known_key_id_is_nobody(ada: Visitor, kid: Any):
    assert seen_with(ada, forge(ada.token, kid=kid)) == 401


def test_alg_none_is_nobody(ada: Visitor):
    unsigned = forge(ada.token, key=None, algorithm="none")

    assert seen_with(ada, unsigned) == 401
    assert seen_with(ada, unsigned + "AAAA") == 401


def test_hs256_with_the_public_key_as_secret_is_nobody(ada: Visitor):
    signing = key_set().signing
    assert signing
    public = signing.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    header = {"alg": "HS256", "typ": "JWT", "kid": signing.kid}
    claims = jwt.decode(ada.token, options={"verify_signature": False})

    assert seen_with(ada, hs256(header, claims, public)) == 401


def hs256(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """By hand: the library refuses to sign with a public key."""
    import hashlib
    import hmac

    from jwt.utils import base64url_encode

    signed = b".".join(base64url_encode(json.dumps(part).encode()) for part in (header, claims))
    return (signed + b"." + base64url_encode(hmac.digest(secret, signed, hashlib.sha256))).decode()


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "..", "\N{SNOWMAN}", "x" * 5_000])
def test_nonsense_is_nobody(ada: Visitor, token: str):
    assert seen_with(ada, token.encode("utf-8").decode("latin-1")) == 401


def test_a_changed_byte_is_nobody(ada: Visitor):
    head, body, signature = ada.token.split(".")

    assert seen_with(ada, f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}") == 401
    assert seen_with(ada, f"{head}.{body[:-2]}AA.{signature}") == 401


def test_the_identity_is_the_tokens_never_the_bodys(ada: Visitor, eve: Visitor):
    eve.ask("POST", "/api/auth/logout", {"user": str(ada.id), "sub": str(ada.id), "session": str(uuid4())})

    assert ada.is_signed_in()
    assert not eve.is_signed_in()


def test_anybody_can_verify_our_tokens_by_the_published_keys(ada: Visitor, somebody: Visitor):
    response = somebody.get("/api/auth/.well-known/jwks.json")

    keys = {key["kid"]: jwt.PyJWK(key) for key in response.json()["keys"]}
    header = jwt.get_unverified_header(ada.token)
    claims = jwt.decode(ada.token, keys[header["kid"]], algorithms=["RS256"], audience="abdre", issuer="abdre")
    assert claims["sub"] == str(ada.id)
    assert claims["exp"] - time.time() <= 600
    assert "public" in response["Cache-Control"]


def test_the_published_keys_are_public_parts_only(somebody: Visitor):
    keys = somebody.get("/api/auth/.well-known/jwks.json").json()["keys"]

    assert keys
    assert all(set(key) == {"kty", "use", "alg", "kid", "n", "e"} for key in keys)
