"""A token that is not ours says nothing of who somebody is: to no role, by no way, over no socket."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from abdre.keys import SigningKey, generate_pem, load_signing_keys
from deploy.tests.conftest import House
from deploy.tests.people import SUBPROTOCOL, TIMEOUT, Town

# What each role answers to somebody who is signed in. Of oauth everybody may read the list, but a wrong token is one.
SIGNED_IN = {"auth": "/api/auth/sessions", "user": "/api/users/me", "chat": "/api/chats"}
BY_BEARER = {**SIGNED_IN, "oauth": "/api/oauth/providers"}
NOT_SIGNED_IN = 4501


@dataclass
class Forger:
    """Knows a person's own token, our keys (as if stolen, so that only what is tried is wrong), and one of its own."""

    token: str
    refresh_secret: str
    ours: SigningKey

    def __post_init__(self) -> None:
        self.other = load_signing_keys(generate_pem())[0]
        self.claims: dict[str, Any] = jwt.decode(self.token, options={"verify_signature": False})

    def sign(self, key: SigningKey | None = None, headers: dict[str, Any] | None = None, **claims: Any) -> str:
        key = key or self.ours
        changed = {name: value for name, value in {**self.claims, **claims}.items() if value is not None}
        return jwt.encode(changed, key.private, algorithm="RS256", headers=headers or {"kid": key.kid})

    def unsigned(self, **header: str) -> str:
        return jwt.encode(self.claims, "", algorithm="none", headers=header)

    def hs256(self) -> str:
        """By hand: the library refuses to sign with a public key."""
        public = self.ours.private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        parts = [{"alg": "HS256", "kid": self.ours.kid}, self.claims]
        text = b".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
        signature = base64.urlsafe_b64encode(hmac.digest(public, text, hashlib.sha256)).rstrip(b"=")
        return (text + b"." + signature).decode()

    def with_its_own_key_inside(self) -> str:
        jwk = jwt.algorithms.RSAAlgorithm.to_jwk(self.other.private.public_key(), as_dict=True)
        return self.sign(self.other, headers={"jwk": jwk, "kid": self.ours.kid, "jku": "https://eve.example/keys"})


FORGERIES: dict[str, Callable[[Forger], str]] = {
    "alg none": lambda forger: forger.unsigned(),
    "alg none under our kid": lambda forger: forger.unsigned(kid=forger.ours.kid),
    "HS256 with the public key": lambda forger: forger.hs256(),
    "another key under our kid": lambda forger: forger.sign(forger.other, headers={"kid": forger.ours.kid}),
    "another key under its own kid": lambda forger: forger.sign(forger.other),
    "another key, in the token itself": lambda forger: forger.with_its_own_key_inside(),
    "our key under an unknown kid": lambda forger: forger.sign(headers={"kid": "../../etc/passwd"}),
    "our key without a kid": lambda forger: forger.sign(headers={"typ": "JWT"}),
    "expired": lambda forger: forger.sign(exp=int(time.time()) - 15),
    "without an end": lambda forger: forger.sign(exp=None),
    "for somebody else": lambda forger: forger.sign(aud="elsewhere"),
    "by somebody else": lambda forger: forger.sign(iss="elsewhere"),
    "of another type": lambda forger: forger.sign(token_type="refresh"),
    "of no session": lambda forger: forger.sign(session=None),
    "a refresh secret": lambda forger: forger.refresh_secret,
    "nonsense": lambda forger: "a.b.c",
}


@pytest.fixture
def house_key(house: House) -> SigningKey:
    return load_signing_keys(house.signing_pem)[0]


async def forger_of(town: Town, house_key: SigningKey) -> Forger:
    ada = await town.guest("Ada")
    return Forger(ada.token, ada.refresh_token, house_key)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def cookie(token: str) -> dict[str, str]:
    return {"Cookie": f"abdre_access={token}"}


async def status(town: Town, url: str, headers: dict[str, str]) -> int:
    forwarded = {"X-Forwarded-For": town.nobody().address}
    async with town.http.get(url, headers={**headers, **forwarded}, allow_redirects=False, timeout=TIMEOUT) as answer:
        return answer.status


async def statuses(town: Town, house: House, token: str) -> dict[str, int]:
    """By each way, from each role itself and through the gateway."""
    ways = [(bearer, BY_BEARER), (cookie, SIGNED_IN)]
    asked = [
        (f"{way.__name__} at {door}{path}", door + path, way(token))
        for way, paths in ways
        for role, path in paths.items()
        for door in {house.url, house.door_of(role)}
    ]
    return {name: await status(town, url, headers) for name, url, headers in asked}


async def close_codes(house: House, token: str) -> dict[str, int | None]:
    """By each way that a socket can bring a token; None where the server says hello."""
    offered = [SUBPROTOCOL, f"bearer.{token}"]
    ways: dict[str, dict[str, Any]] = {
        "header": {"additional_headers": bearer(token), "subprotocols": [SUBPROTOCOL]},
        "cookie": {"additional_headers": cookie(token), "subprotocols": [SUBPROTOCOL]},
        "subprotocol": {"subprotocols": offered},
    }
    return {f"{name} at {door}": await close_code(door, **way) for door in house.doors for name, way in ways.items()}


async def close_code(door: str, **way: Any) -> int | None:
    async with connect(door.replace("http", "ws") + "/ws", proxy=None, open_timeout=5, **way) as socket:
        try:
            assert '"hello"' in str(await socket.recv())
        except ConnectionClosed:
            return socket.close_code
    return None


async def test_the_forger_of_these_tests_can_make_a_good_one(town: Town, house: House, house_key: SigningKey):
    forger = await forger_of(town, house_key)

    good = forger.sign()

    assert set((await statuses(town, house, good)).values()) == {200}
    assert set((await close_codes(house, good)).values()) == {None}
    assert await status(town, f"{house.url}/chats", cookie(good)) == 200


@pytest.mark.parametrize("kind", FORGERIES)
async def test_a_token_that_is_not_ours_is_nobody_s(town: Town, house: House, house_key: SigningKey, kind: str):
    token = FORGERIES[kind](await forger_of(town, house_key))

    assert set((await statuses(town, house, token)).values()) == {401}
    assert set((await close_codes(house, token)).values()) == {NOT_SIGNED_IN}
    assert await status(town, f"{house.url}/chats", cookie(token)) == 303


async def test_an_access_token_renews_nothing(town: Town, house: House):
    ada = await town.guest("Ada")
    nobody = town.nobody()

    assert (await nobody.post("/api/auth/refresh", {"refresh_token": ada.token})).status == 401
    assert await status(town, f"{house.url}/api/users/me", {"Cookie": f"abdre_refresh={ada.token}"}) == 401
    assert (await ada.get("/api/users/me")).status == 200
