"""Changed key files are taken up while the process runs; what cannot be read changes nothing."""

import json
import os
from pathlib import Path
from uuid import uuid4

import jwt
import pytest

from abdre import key_set, tokens
from abdre.errors import Unauthenticated
from abdre.key_set import LOOK_EVERY_S, LOOK_FOR_UNKNOWN_EVERY_S, Keyring
from abdre.keys import generate_pem, jwks, load_signing_keys

OLD, NEW = generate_pem(), generate_pem()
OLD_KID, NEW_KID = (load_signing_keys(pem)[0].kid for pem in (OLD, NEW))


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(key_set, "time", clock)
    return clock


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "signing.pem"
    path.write_text(OLD)
    return path


@pytest.fixture
def ring(file: Path, clock: Clock) -> Keyring:
    return Keyring(key_set._from_pem, path=str(file))


def replace(file: Path, text: str) -> None:
    draft = file.with_name("draft")
    draft.write_text(text)
    draft.replace(file)


def kids(ring: Keyring) -> list[str]:
    return list(ring.keys().verifying)


def test_a_changed_file_is_taken_up_within_seconds(ring: Keyring, file: Path, clock: Clock):
    replace(file, NEW + OLD)

    assert kids(ring) == [OLD_KID]
    clock.now += LOOK_EVERY_S
    assert kids(ring) == [NEW_KID, OLD_KID]
    signing = ring.keys().signing
    assert signing is not None
    assert signing.kid == NEW_KID


def test_for_an_unknown_key_the_file_is_looked_at_at_once_but_not_each_time(ring: Keyring, file: Path, clock: Clock):
    replace(file, NEW + OLD)
    assert list(ring.keys_now().verifying) == [OLD_KID]  # looked at a moment ago

    clock.now += LOOK_FOR_UNKNOWN_EVERY_S

    assert list(ring.keys_now().verifying) == [NEW_KID, OLD_KID]


@pytest.mark.parametrize("broken", ["", "half a", NEW[: len(NEW) // 2], NEW.replace("M", "?")])
def test_a_file_that_is_not_understood_changes_nothing_and_is_read_again(
    ring: Keyring, file: Path, clock: Clock, broken: str
):
    replace(file, broken)
    clock.now += LOOK_EVERY_S
    assert kids(ring) == [OLD_KID]

    replace(file, NEW)
    clock.now += LOOK_EVERY_S

    assert kids(ring) == [NEW_KID]


def test_a_file_that_is_gone_changes_nothing(ring: Keyring, file: Path, clock: Clock):
    file.unlink()
    clock.now += LOOK_EVERY_S

    assert kids(ring) == [OLD_KID]


def test_a_mounted_secret_changes_by_a_turned_link(tmp_path: Path, clock: Clock):
    for name, pem in (("one", OLD), ("two", NEW)):
        (tmp_path / name).mkdir()
        public = [key.private.public_key() for key in load_signing_keys(pem)]
        (tmp_path / name / "verifying.json").write_text(json.dumps(jwks(public)))
        os.utime(tmp_path / name / "verifying.json", (1, 1))
    (tmp_path / "..data").symlink_to("one")
    (tmp_path / "verifying.json").symlink_to("..data/verifying.json")
    ring = Keyring(key_set._from_jwks, path=str(tmp_path / "verifying.json"))

    (tmp_path / "turned").symlink_to("two")
    (tmp_path / "turned").replace(tmp_path / "..data")
    clock.now += LOOK_EVERY_S

    assert kids(ring) == [NEW_KID]


def test_a_text_stays_what_it_is(clock: Clock):
    ring = Keyring(key_set._from_pem, text=OLD)
    clock.now += LOOK_EVERY_S

    assert kids(ring) == [OLD_KID]
    assert list(ring.keys_now().verifying) == [OLD_KID]


@pytest.fixture
def house_keys(ring: Keyring, monkeypatch: pytest.MonkeyPatch) -> Keyring:
    """The house signs and verifies with the ring of these tests."""
    monkeypatch.setattr(key_set, "_keyring", lambda: ring)
    return ring


def test_a_dropped_keys_token_is_refused_though_it_was_believed_a_moment_ago(
    house_keys: Keyring, file: Path, clock: Clock
):
    token = tokens.AccessToken.issue(user_id=uuid4(), session_id=uuid4())
    replace(file, NEW + OLD)
    clock.now += LOOK_EVERY_S
    tokens.read(token)

    replace(file, NEW)
    clock.now += LOOK_EVERY_S

    with pytest.raises(Unauthenticated):
        tokens.read(token)


def test_a_token_of_a_key_that_was_just_added_is_believed_at_once(house_keys: Keyring, file: Path, clock: Clock):
    elsewhere = load_signing_keys(NEW)[0]
    claims = jwt.decode(
        tokens.AccessToken.issue(user_id=uuid4(), session_id=uuid4()), options={"verify_signature": False}
    )
    token = jwt.encode(claims, elsewhere.private, algorithm="RS256", headers={"kid": elsewhere.kid})
    replace(file, OLD + NEW)
    clock.now += LOOK_FOR_UNKNOWN_EVERY_S

    assert str(tokens.read(token).id) == claims["sub"]
