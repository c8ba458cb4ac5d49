"""Name or e-mail and a password; who guesses is slowed down, and nobody else is."""

import pytest
from django.contrib.auth import get_user_model, hashers
from django.utils import timezone
from pytest_django import Settings

from abdre.store import StoreAway, store
from auth_svc.tests.people import PASSWORD, Visitor, code_of
from chat_svc.selectors import members
from chat_svc.services import create_chat, open_direct_chat
from user_svc.selectors import has_blocked
from user_svc.services import block, create_member


@pytest.mark.parametrize("login", ["ada", "ADA", "ada@example.org", "Ada@Example.org"])
def test_a_member_signs_in_by_name_or_address_in_any_case(ada: Visitor, somebody: Visitor, login: str):
    response = somebody.login(login)

    assert response.status_code == 200
    assert response.json()["user"]["id"] == str(ada.id)
    assert {"access_token", "refresh_token", "expires_in"} <= set(response.json())
    assert somebody.signed_in_by(response).is_signed_in()


@pytest.mark.parametrize(
    ("login", "password"),
    [("ada", "not her password"), ("nobody", PASSWORD), ("nobody@example.org", PASSWORD), ("Гость", PASSWORD)],
)
def test_a_wrong_name_and_a_wrong_password_look_alike(
    ada: Visitor, guest: Visitor, somebody: Visitor, login: str, password: str
):
    response = somebody.login(login, password)

    assert (response.status_code, code_of(response)) == (401, "wrong_credentials")
    assert response["WWW-Authenticate"] == "Bearer"


def test_no_answer_tells_whose_address_that_is(ada: Visitor, somebody: Visitor):
    logins = ["ada", "nobody@example.org", "ada@example.org"]

    told = [somebody.login(login, "not her password") for login in logins]

    assert {answer["RateLimit-Policy"] for answer in told} == {told[0]["RateLimit-Policy"]}
    assert all("failure" not in answer["RateLimit"] for answer in told)


@pytest.mark.parametrize("login", ["ada", "nobody"])
def test_an_unknown_name_costs_as_much_work_as_a_wrong_password(
    ada: Visitor, somebody: Visitor, login: str, monkeypatch: pytest.MonkeyPatch
):
    worked: list[str] = []
    encode = hashers.MD5PasswordHasher.encode

    def counted(self: hashers.MD5PasswordHasher, password: str, salt: str) -> str:
        worked.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", counted)

    somebody.login(login, "not the password")

    assert len(worked) == 1


def test_a_guesser_must_wait_but_the_owner_at_home_and_the_rest_of_the_cafe_need_not(
    ada: Visitor, bob: Visitor, visitor
):
    guesser, neighbour, home = visitor(), visitor(), visitor()
    neighbour.address = guesser.address

    guesses = [guesser.login("ada", f"guess {number}").status_code for number in range(7)]

    assert guesses == [401] * 5 + [429] * 2
    refused = guesser.login("ada")
    assert (refused.status_code, code_of(refused)) == (429, "too_many")
    assert int(refused["Retry-After"]) > 0
    assert neighbour.login("bob").status_code == 200
    assert home.login("ada").status_code == 200
    assert ada.is_signed_in()


@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_guesses_at_a_name_tell_nothing_of_whose_an_address_is(ada: Visitor, somebody: Visitor, name: str):
    assert [somebody.login(name, f"guess {number}").status_code for number in range(6)] == [401] * 5 + [429]

    addresses = ("ada@example.org", "nobody@example.org")

    assert [somebody.login(email, "a guess").status_code for email in addresses] == [401, 401]


@pytest.mark.parametrize(
    "spellings",
    [
        ["ada", "Ada", "ADA", "ａｄａ", "aDa", "ada"],
        ["nobody", "Nobody", "NOBODY", "ｎobody", "noBody", "nobody"],
        [
            "ada@example.org",
            "Ada@Example.org",
            "ADA@EXAMPLE.ORG",
            "ada@example.ORG",
            "aDa@example.org",
            "ada@example.org",
        ],
        ["no@example.org", "No@Example.org", "NO@EXAMPLE.ORG", "no@example.ORG", "nO@example.org", "no@example.org"],
    ],
)
def test_spelling_it_otherwise_gives_no_further_try(ada: Visitor, somebody: Visitor, spellings: list[str]):
    assert [somebody.login(login, "a guess").status_code for login in spellings] == [401] * 5 + [429]


def test_guesses_at_a_name_that_does_not_exist_are_slowed_down_alike(somebody: Visitor):
    guesses = [somebody.login("nobody", f"guess {number}").status_code for number in range(6)]

    assert guesses == [401] * 5 + [429]


def guessed_at_from_everywhere(visitor, login: str) -> list[int]:
    """The answers to three guesses from each of twelve networks."""
    guessers = [visitor() for _ in range(12)]
    return [guesser.login(login, "a guess").status_code for guesser in guessers for _ in range(3)]


@pytest.mark.parametrize("login", ["ada", "ada@example.org", "nobody-at-all", "nobody-at-all@example.org"])
def test_who_guesses_from_many_networks_is_slowed_down_alike_for_names_that_do_not_exist(
    ada: Visitor, visitor, login: str
):
    # Twenty anywhere; from then on each network has two in an hour.
    assert guessed_at_from_everywhere(visitor, login) == [401] * 20 + [401] * 1 + [401, 401, 429] * 5


def test_while_somebody_guesses_from_everywhere_the_owner_can_still_sign_in(ada: Visitor, visitor):
    guessed_at_from_everywhere(visitor, "ada")
    neighbour, traveller = visitor(), visitor()
    neighbour.address = ada.address

    assert [neighbour.login("ada", "mistyped").status_code for _ in range(4)] == [401] * 4
    assert neighbour.login("ada").status_code == 200
    assert traveller.login("ada", "mistyped").status_code == 401
    assert traveller.login("ada").status_code == 200
    assert [traveller.login("ada", "mistyped").status_code for _ in range(4)] == [401] * 4  # the place is known now
    assert ada.is_signed_in()


def test_guesses_at_one_account_slow_nobody_elses_sign_in_down(ada: Visitor, bob: Visitor, visitor):
    guesser = visitor()
    guessed_at_from_everywhere(visitor, "ada")
    assert [guesser.login("ada", "a guess").status_code for _ in range(3)] == [401, 401, 429]

    assert [guesser.login("bob", "mistyped").status_code for _ in range(4)] == [401] * 4
    assert guesser.login("bob").status_code == 200


def test_a_right_password_forgives_the_wrong_ones_before_it(ada: Visitor, somebody: Visitor):
    for _ in range(3):
        tries = [somebody.login("ada", "wrong").status_code for _ in range(4)]
        assert tries == [401] * 4
        assert somebody.login("ada").status_code == 200


def test_a_right_password_forgives_what_was_tried_by_name_and_by_address(ada: Visitor, somebody: Visitor):
    for login in ("ada", "ada@example.org"):
        assert [somebody.login(login, "wrong").status_code for _ in range(4)] == [401] * 4

    assert somebody.login("ada").status_code == 200

    for login in ("ada", "ada@example.org"):
        assert [somebody.login(login, "wrong").status_code for _ in range(4)] == [401] * 4


def test_while_the_store_is_away_people_still_sign_in(ada: Visitor, somebody: Visitor, monkeypatch: pytest.MonkeyPatch):
    def away(*_: object, **__: object) -> int:
        raise StoreAway

    monkeypatch.setattr(store, "hit", away)
    monkeypatch.setattr(store, "get", away)
    monkeypatch.setattr(store, "delete", away)

    assert somebody.signed_in_by(somebody.login("ada")).is_signed_in()


@pytest.mark.parametrize("closed", [{"banned_at": timezone.now()}, {"is_active": False}])
def test_a_closed_account_is_told_so_only_to_who_knows_its_password(
    ada: Visitor, somebody: Visitor, closed: dict[str, object]
):
    get_user_model().objects.filter(id=ada.id).update(**closed)

    right, wrong = somebody.login("ada"), somebody.login("ada", "wrong")

    assert (right.status_code, code_of(right)) == (403, "account_closed")
    assert (wrong.status_code, code_of(wrong)) == (401, "wrong_credentials")


def test_a_guest_who_signs_in_brings_the_chats_along(ada: Visitor, guest: Visitor):
    chat = create_chat(creator_id=guest.id, kind="temporary", title="Tea", ttl_s=3600)
    token_of_guest = guest.token

    response = guest.login("ada")

    assert response.json()["user"]["id"] == str(ada.id)
    assert [member["user"]["id"] for member in members(chat_id=chat.id, user_id=ada.id)] == [str(ada.id)]
    assert guest.get("/api/auth/sessions", Authorization=f"Bearer {token_of_guest}").status_code == 401


def test_a_block_is_not_shaken_off_by_signing_in(ada: Visitor, bob: Visitor, guest: Visitor):
    open_direct_chat(host_id=bob.id, user_id=guest.id)
    block(user_id=bob.id, other_id=guest.id)

    guest.login("ada")

    assert has_blocked(user_id=bob.id, other_id=ada.id)


def test_a_guest_with_a_wrong_password_keeps_everything(ada: Visitor, guest: Visitor):
    chat = create_chat(creator_id=guest.id, kind="temporary", title="Tea", ttl_s=3600)

    response = guest.login("ada", "wrong")

    assert response.status_code == 401
    assert guest.is_signed_in()
    assert [member["user"]["id"] for member in members(chat_id=chat.id, user_id=guest.id)] == [str(guest.id)]


def test_a_member_who_signs_in_as_somebody_else_brings_nothing(ada: Visitor, bob: Visitor):
    chat = create_chat(creator_id=bob.id, kind="group", title="Bob's")

    assert bob.login("ada").status_code == 200

    assert [member["user"]["id"] for member in members(chat_id=chat.id, user_id=bob.id)] == [str(bob.id)]
    assert bob.is_signed_in()


@pytest.mark.django_db
def test_passwords_are_kept_as_argon2id(settings: Settings):
    settings.PASSWORD_HASHERS = ["abdre.passwords.Argon2"]

    user = create_member(username="carol", password=PASSWORD)

    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert user.check_password(PASSWORD)
    assert not user.check_password(PASSWORD + "x")
