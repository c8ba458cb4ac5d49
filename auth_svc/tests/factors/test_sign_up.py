"""An account that begins with a passkey and has no password."""

import pytest

from abdre.tests.authenticator import Authenticator
from auth_svc.tests.factors.conftest import ORIGIN
from auth_svc.tests.factors.ways import answer_of, has_shown_factor
from auth_svc.tests.people import Visitor, code_of
from chat_svc.selectors import members
from chat_svc.services import create_chat
from user_svc.selectors import user_by_id

REGISTER = "/api/auth/register/passkey"


def begin(person: Visitor, username: str = "carol", **names: str):
    return person.post(f"{REGISTER}/options", {"username": username, **names})


def finish(person: Visitor, asked, passkey: Authenticator, **more: str):
    credential = passkey.create(asked["options"])
    return person.post(REGISTER, {"credential": credential, "state": asked["state"], **more})


@pytest.fixture
def passkey() -> Authenticator:
    return Authenticator(ORIGIN)


def test_a_name_and_a_finger_make_an_account_that_the_finger_opens_again(
    somebody: Visitor, passkey: Authenticator, visitor
):
    asked = begin(somebody, display_name="Carol C.").json()
    made = finish(somebody, asked, passkey, email="carol@example.org")

    assert made.status_code == 201
    assert len(made.json()["recovery_codes"]) == 10
    carol = user_by_id(somebody.signed_in_by(made).id)
    assert (carol.username, carol.display_name) == ("carol", "Carol C.")
    security = somebody.get("/api/auth/security").json()
    assert (security["has_password"], security["passkeys"], security["second_factor_shown"]) == (False, 1, True)
    assert (security["email"], security["email_verified"]) == ("carol@example.org", False)
    phone = visitor()
    assert phone.signed_in_by(phone.post("/api/auth/login/passkey", answer_of(phone, passkey))).id == somebody.id


def test_no_password_opens_it(somebody: Visitor, passkey: Authenticator, visitor):
    somebody.signed_in_by(finish(somebody, begin(somebody).json(), passkey))

    assert [code_of(visitor().login("carol", word)) for word in ("x", "!", "None")] == ["wrong_credentials"] * 3


def test_the_only_way_in_stays_until_there_is_another(somebody: Visitor, passkey: Authenticator, monkeypatch):
    somebody.signed_in_by(finish(somebody, begin(somebody).json(), passkey))
    [item] = somebody.get("/api/auth/passkeys").json()["items"]
    path = f"/api/auth/passkeys/{item['id']}"

    refused = somebody.delete(path)
    assert (refused.status_code, code_of(refused)) == (409, "last_way_in")
    assert len(somebody.get("/api/auth/passkeys").json()["items"]) == 1

    monkeypatch.setattr("oauth_svc.selectors.can_log_in_elsewhere", lambda user_id: user_id == somebody.id)
    assert somebody.delete(path).status_code == 204


def test_a_taken_name_is_told_before_a_key_is_made_and_after(ada: Visitor, somebody: Visitor, passkey, visitor):
    early = begin(somebody, "Ada")
    asked = begin(somebody).json()
    visitor().register("carol")
    late = finish(somebody, asked, passkey)

    assert [(answer.status_code, code_of(answer)) for answer in (early, late)] == [(409, "username_taken")] * 2


@pytest.mark.parametrize("name", ["", "a", "no spaces", "x" * 31])
def test_a_bad_name_is_told_before_a_key_is_made(somebody: Visitor, name: str):
    assert begin(somebody, name).status_code == 422


def test_a_guest_becomes_a_member_in_the_same_session(guest: Visitor, passkey: Authenticator):
    chat = create_chat(creator_id=guest.id, kind="temporary", title="Tea", ttl_s=3600)
    before = guest.id

    made = finish(guest, begin(guest).json(), passkey)

    assert guest.signed_in_by(made).id == before
    assert made.json()["user"] == {"id": str(before), "display_name": "Гость", "is_guest": False, "picture": None}
    assert has_shown_factor(guest)
    assert [member["user"]["id"] for member in members(chat_id=chat.id, user_id=before)] == [str(before)]
    assert len(guest.get("/api/auth/sessions").json()["items"]) == 1


def test_what_a_guest_began_is_nothing_to_others(guest: Visitor, visitor, passkey: Authenticator):
    other = visitor()
    other.signed_in_by(other.post("/api/auth/guest", {"display_name": "Other"}))

    answers = [finish(person, begin(guest).json(), passkey) for person in (other, visitor())]

    assert [code_of(answer) for answer in answers] == ["passkey_refused"] * 2
    assert user_by_id(guest.id).is_guest


def test_an_address_in_use_makes_no_difference(somebody: Visitor, passkey: Authenticator, visitor):
    # Not ada's: its owner gets one letter a day, which another test waits for.
    visitor().register("dora", email="dora@example.org")

    made = finish(somebody, begin(somebody).json(), passkey, email="dora@example.org")

    assert made.status_code == 201
    assert user_by_id(somebody.signed_in_by(made).id).email is None


@pytest.mark.parametrize("false", [{"origin": "https://evil.example"}, {"is_verified": False}, {"place": "evil"}])
def test_what_is_false_about_the_key_makes_no_account(somebody: Visitor, false, visitor):
    refused = finish(somebody, begin(somebody).json(), Authenticator(**{"origin": ORIGIN, **false}))

    assert (refused.status_code, code_of(refused)) == (422, "passkey_refused")
    assert visitor().register("carol").status_code == 201
