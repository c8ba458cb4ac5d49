"""Whose tokens are believed, and whose are not."""

import hashlib
import hmac
import json
import time
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from django.conf import settings
from django.test import RequestFactory
from rest_framework.request import Request

from abdre import tokens
from abdre.errors import Forbidden, Unauthenticated
from abdre.keys import generate_pem, load_signing_keys
from abdre.store import store
from abdre.store.redis import RedisStore
from abdre.tests.signing import access_token, private_pem

USER, SESSION = uuid4(), uuid4()


def claims(**changed: object) -> dict[str, object]:
    now = int(time.time())
    given = {
        "token_type": "access",
        "sub": str(USER),
        "session": str(SESSION),
        "jti": "x",
        "iat": now,
        "exp": now + 60,
        "aud": settings.TOKEN_AUDIENCE,
        "iss": settings.TOKEN_ISSUER,
        **changed,
    }
    return {name: value for name, value in given.items() if value is not None}


def signed(payload: dict[str, object], *, pem: str = "", kid: str | None = "") -> str:
    key = load_signing_keys(pem or private_pem())[0]
    headers = {} if kid is None else {"kid": kid or key.kid}
    return jwt.encode(payload, key.private, algorithm="RS256", headers=headers)


def test_a_good_token_names_the_person_and_the_session():
    person = tokens.read(access_token(USER, session_id=SESSION))

    assert (person.id, person.session_id) == (USER, SESSION)


def test_a_token_that_was_good_is_not_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch):
    token = access_token(USER, session_id=SESSION)
    person = tokens.read(token)

    monkeypatch.setattr(time, "time", lambda: person.expires_at + tokens.LEEWAY_S)

    assert person.token_lasts_s() == 0
    with pytest.raises(Unauthenticated):
        tokens.read(token)


@pytest.mark.parametrize("skew_s", [-0.5, 0.5])
def test_a_clock_that_is_a_little_ahead_or_behind_refuses_nobody(skew_s: float):
    """The signer's clock shows `skew_s` leeways more than ours: its tokens look unborn, or already over."""
    now = time.time() + skew_s * tokens.LEEWAY_S

    assert tokens.read(signed(claims(iat=int(now), nbf=int(now), exp=int(now) + 600))).id == USER
    if skew_s < 0:
        assert tokens.read(signed(claims(iat=int(now) - 600, exp=int(now)))).id == USER


def test_a_token_within_the_leeway_is_believed_and_no_longer_fresh():
    late = signed(claims(exp=int(time.time()) - 1))

    assert tokens.read(late).token_lasts_s() > 0
    assert not tokens.is_fresh(late)


def hs256_with_the_public_key() -> str:
    """The classical confusion: the public key's text as the secret of an HMAC."""
    key = load_signing_keys(private_pem())[0]
    public = key.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    header = {"alg": "HS256", "kid": key.kid}
    parts = [jwt.utils.base64url_encode(json.dumps(part).encode()) for part in (header, claims())]
    signature = hmac.digest(public, b".".join(parts), hashlib.sha256)
    return b".".join([*parts, jwt.utils.base64url_encode(signature)]).decode()


FORGERIES = {
    "another key under our kid": lambda: signed(
        claims(), pem=generate_pem(), kid=load_signing_keys(private_pem())[0].kid
    ),
    "another key under its own kid": lambda: signed(claims(), pem=generate_pem()),
    "no kid": lambda: signed(claims(), kid=None),
    "alg none": lambda: jwt.encode(claims(), "", algorithm="none"),
    "HS256 with the public key": hs256_with_the_public_key,
    "expired": lambda: signed(claims(exp=int(time.time()) - 60)),
    "expired just beyond the leeway": lambda: signed(claims(exp=int(time.time()) - tokens.LEEWAY_S - 1)),
    "issued beyond the leeway from now": lambda: signed(claims(iat=int(time.time()) + tokens.LEEWAY_S + 5)),
    "not yet valid beyond the leeway": lambda: signed(claims(nbf=int(time.time()) + tokens.LEEWAY_S + 5)),
    "no expiry": lambda: signed(claims(exp=None)),
    "another audience": lambda: signed(claims(aud="elsewhere")),
    "no audience": lambda: signed(claims(aud=None)),
    "another issuer": lambda: signed(claims(iss="elsewhere")),
    "a refresh token as access": lambda: signed(claims(token_type="refresh")),
    "no type": lambda: signed(claims(token_type=None)),
    "no session": lambda: signed(claims(session=None)),
    "a person that is no id": lambda: signed(claims(sub="admin")),
    "a changed payload": lambda: signed(claims()).replace(".", ".e", 1),
    "nonsense": lambda: "nonsense",
    "empty": lambda: "",
    "not even ASCII": lambda: "токен",
}


@pytest.mark.parametrize("kind", FORGERIES)
def test_a_token_that_is_not_ours_is_refused(kind: str):
    with pytest.raises(Unauthenticated):
        tokens.verify(FORGERIES[kind]())


def test_an_ended_sessions_token_is_refused_at_once():
    token = access_token(USER)
    session = tokens.verify(token).session_id

    tokens.mark_ended(session)

    with pytest.raises(Unauthenticated):
        tokens.verify(token)


def request(method: str, *, headers: dict[str, str] | None = None, cookie: str = "") -> Request:
    plain = RequestFactory().generic(method, "/api/x", headers=headers)
    if cookie:
        plain.COOKIES[tokens.ACCESS_COOKIE] = cookie
    return Request(plain)


def authenticate(asked: Request):
    found = tokens.TokenAuthentication().authenticate(asked)
    return found[0].id if found else None


def test_a_bearer_token_wins_over_the_cookie_and_needs_no_csrf():
    other = uuid4()
    headers = {"Authorization": f"Bearer {access_token(USER)}"}

    assert authenticate(request("POST", headers=headers, cookie=access_token(other))) == USER


def test_a_wrong_bearer_token_is_refused_even_beside_a_good_cookie():
    with pytest.raises(Unauthenticated):
        authenticate(request("GET", headers={"Authorization": "Bearer nonsense"}, cookie=access_token(USER)))


def test_a_cookie_reads_without_and_writes_with_the_csrf_token():
    assert authenticate(request("GET", cookie=access_token(USER))) == USER
    with pytest.raises(Forbidden):
        authenticate(request("POST", cookie=access_token(USER)))

    secret = "a" * 32
    with_token = request("POST", cookie=access_token(USER), headers={"X-CSRFToken": secret})
    with_token._request.COOKIES[settings.CSRF_COOKIE_NAME] = secret
    assert authenticate(with_token) == USER


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_an_unsafe_request_of_nobody_from_another_page_is_refused(headers: dict[str, str]):
    with pytest.raises(Forbidden):
        authenticate(request("POST", headers=headers))
    assert authenticate(request("GET", headers=headers)) is None


def test_an_unsafe_request_of_nobody_from_our_own_page_or_from_a_program_is_nobodys():
    own = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}

    assert authenticate(request("POST", headers=own)) is None
    assert authenticate(request("POST")) is None


def test_a_stale_cookie_does_not_stand_in_the_way_of_signing_in():
    assert authenticate(request("POST", cookie="stale")) is None


def test_a_token_about_to_end_is_not_fresh():
    assert tokens.is_fresh(access_token(USER))
    assert not tokens.is_fresh(access_token(USER, lifetime_s=3))
    assert not tokens.is_fresh("nonsense")


@pytest.mark.django_db
def test_what_the_store_has_forgotten_the_row_knows():
    token = access_token(USER, session_id=(session := uuid4()))
    store.put(tokens.session_key(session), tokens.ALIVE, ttl_s=60)
    tokens.verify(token)

    store.delete(tokens.session_key(session))

    with pytest.raises(Unauthenticated):  # there is no such row
        tokens.verify(token)


def test_a_session_that_ends_while_its_row_is_asked_is_believed_no_longer(monkeypatch: pytest.MonkeyPatch):
    token = access_token(USER, session_id=(session := uuid4()))

    def lived_a_moment_ago(_: object) -> bool:
        tokens.mark_ended(session)
        return True

    monkeypatch.setattr(tokens, "_row_lives", lived_a_moment_ago)
    tokens.verify(token)

    with pytest.raises(Unauthenticated):
        tokens.verify(token)


@pytest.mark.django_db
def test_while_the_store_is_away_the_row_is_asked(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tokens, "store", RedisStore("redis://127.0.0.1:1"))

    with pytest.raises(Unauthenticated):
        tokens.verify(access_token(USER, session_id=uuid4()))
