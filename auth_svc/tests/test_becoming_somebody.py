"""Guests, members, and guests who become members."""

import pytest
from django.core import mail

from abdre import jobs
from auth_svc.tests.people import PASSWORD, Visitor, code_of
from chat_svc.selectors import members
from chat_svc.services import create_chat
from user_svc.selectors import user_by_id

KEPT_NAMES = ["Айгүл Әбдірахманқызы", "عمر", "<script>alert(1)</script>", "🧑‍🚀 Tom", "O'Brien & Söhne"]


@pytest.mark.parametrize("name", KEPT_NAMES)
def test_a_guest_needs_a_name_only_and_keeps_every_character_of_it(somebody: Visitor, name: str):
    response = somebody.post("/api/auth/guest", {"display_name": name})

    assert response.status_code == 201
    assert response.json()["user"] == {
        "id": response.json()["user"]["id"],
        "display_name": name,
        "is_guest": True,
        "picture": None,
    }
    assert {"access_token", "refresh_token", "expires_in"} <= set(response.json())
    assert somebody.signed_in_by(response).is_signed_in()


@pytest.mark.parametrize("name", ["", "   ", "a\0b", "x" * 61, "evil\u202eeman", 7, None])
def test_a_name_that_cannot_be_shown_is_refused_by_its_field(somebody: Visitor, name: object):
    response = somebody.post("/api/auth/guest", {"display_name": name})

    assert response.status_code == 422
    assert set(response.json()["error"]["fields"]) == {"display_name"}


@pytest.mark.parametrize(("body", "status"), [([], 400), ("text", 400), ({}, 422)])
def test_a_body_that_is_no_object_is_malformed_and_an_empty_one_invalid(somebody: Visitor, body: object, status: int):
    assert somebody.post("/api/auth/guest", body).status_code == status


def test_guests_of_one_network_are_limited_and_another_network_is_not(visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("auth_svc.services.accounts.GUESTS_PER_PREFIX", {"limit": 2, "window_s": 60})
    café, elsewhere = visitor(), visitor()

    statuses = [café.post("/api/auth/guest", {"display_name": "Tom"}).status_code for _ in range(3)]

    assert statuses == [201, 201, 429]
    refused = café.post("/api/auth/guest", {"display_name": "Tom"})
    assert int(refused["Retry-After"]) > 0
    assert code_of(refused) == "too_many"
    assert elsewhere.post("/api/auth/guest", {"display_name": "Tom"}).status_code == 201


def test_a_member_registers_with_a_name_and_a_password(somebody: Visitor):
    response = somebody.register("Әлия.k", display_name="Әлия")

    assert response.status_code == 201
    assert response.json()["user"]["is_guest"] is False
    assert response.json()["user"]["display_name"] == "Әлия"
    assert somebody.signed_in_by(response).is_signed_in()


@pytest.mark.parametrize("name", ["ada", "ADA"])
def test_a_user_name_is_taken_whatever_its_case(ada: Visitor, somebody: Visitor, name: str):
    response = somebody.register(name)

    assert (response.status_code, code_of(response)) == (409, "username_taken")


@pytest.mark.parametrize("password", ["short", "12345678901", "password", "carolina1"])
def test_a_weak_password_is_refused_with_what_is_wrong_with_it(somebody: Visitor, password: str):
    response = somebody.post("/api/auth/register", {"username": "carolina", "password": password})

    assert (response.status_code, code_of(response)) == (422, "weak_password")
    assert response.json()["error"]["fields"]["password"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "ab"),
        ("username", "with space"),
        ("username", "a@b.example"),
        ("username", "a\0bc"),
        ("username", "x" * 31),
        ("email", "no address"),
        ("password", "nul\0nul-nul"),
        ("password", "x" * 300),
        ("password", ["list"]),
        ("display_name", "x" * 61),
    ],
)
def test_a_wrong_field_is_named(somebody: Visitor, field: str, value: object):
    account = {"username": "carol", "password": PASSWORD, field: value}

    response = somebody.post("/api/auth/register", account)

    assert response.status_code == 422
    assert set(response.json()["error"]["fields"]) == {field}


def test_an_address_in_use_is_answered_alike_and_its_owner_gets_a_letter(ada: Visitor, visitor):
    stranger, newcomer = visitor(), visitor()

    taken = stranger.register("carol", email="ADA@example.org")
    free = newcomer.register("dora", email="dora@example.org")

    assert taken.status_code == free.status_code == 201
    assert set(taken.json()) == set(free.json())
    assert set(taken.json()["user"]) == set(free.json()["user"])
    shown = [
        person.signed_in_by(answer).get("/api/auth/email").json()
        for person, answer in ((stranger, taken), (newcomer, free))
    ]
    assert shown == [{"email": f"{name}@example.org", "verified": False, "pending": None} for name in ("ada", "dora")]
    assert [user_by_id(person.id).email for person in (stranger, newcomer)] == [None, None]
    subjects = {letter.to[0]: letter.subject for letter in letters()}
    assert subjects == {
        "ada@example.org": "Somebody gave your e-mail address for another account",
        "dora@example.org": "Confirm your e-mail address",
    }


def test_the_owner_of_an_address_gets_one_letter_a_day_however_often_it_is_tried(ada: Visitor, bob: Visitor, visitor):
    answers = [
        visitor().register(f"somebody{number}", email=email)
        for number, email in enumerate(["ada@example.org", "ADA@example.org", "ada@example.org", "bob@example.org"])
    ]

    assert {answer.status_code for answer in answers} == {201}
    assert sorted(letter.to[0] for letter in letters()) == ["ada@example.org", "bob@example.org"]


def test_a_password_like_the_address_is_weak(somebody: Visitor):
    response = somebody.post(
        "/api/auth/register", {"username": "c.k", "password": "carolina.k", "email": "carolina.k@x.org"}
    )

    assert (response.status_code, code_of(response)) == (422, "weak_password")


def letters() -> list[mail.EmailMessage]:
    jobs.do_all()
    return mail.outbox


def test_a_guest_becomes_a_member_and_stays_the_same_person_on_the_same_device(guest: Visitor):
    chat = create_chat(creator_id=guest.id, kind="temporary", title="Tea", ttl_s=3600)
    before = guest.get("/api/auth/sessions").json()["items"]
    old_secret = guest.refresh_token

    response = guest.register("carol")

    assert response.status_code == 201
    assert response.json()["user"] == {"id": str(guest.id), "display_name": "Гость", "is_guest": False, "picture": None}
    guest.signed_in_by(response)
    after = guest.get("/api/auth/sessions").json()["items"]
    assert [session["id"] for session in after] == [session["id"] for session in before]
    assert guest.refresh(old_secret).status_code == 401
    assert guest.is_signed_in()
    assert [member["user"]["is_guest"] for member in members(chat_id=chat.id, user_id=guest.id)] == [False]


def test_a_guest_who_fails_to_register_stays_the_guest(ada: Visitor, guest: Visitor):
    response = guest.register("ada")

    assert response.status_code == 409
    assert guest.is_signed_in()
    assert user_by_id(guest.id).is_guest


def test_registrations_of_one_network_are_limited(somebody: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("auth_svc.services.accounts.REGISTRATIONS_PER_PREFIX", {"limit": 1, "window_s": 60})

    first, second = (somebody.register(name) for name in ("carol", "dora"))

    assert (first.status_code, second.status_code) == (201, 429)
    assert '"register";r=0;t=' in first["RateLimit"]
    assert '"register";q=1;w=60' in second["RateLimit-Policy"]
    assert second["Retry-After"]
