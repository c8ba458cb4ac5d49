"""Passkeys: added, used once for each question, and refused wherever something about them is false."""

from __future__ import annotations

import copy
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator as Row
from django.contrib.auth import get_user_model
from django.utils import timezone
from pytest_django import Settings

from abdre import jobs
from abdre.store import StoreAway, store
from abdre.tests.authenticator import Authenticator, decoded
from auth_svc.services import webauthn
from auth_svc.tests.factors.conftest import ORIGIN
from auth_svc.tests.factors.ways import (
    PASSKEYS,
    add_passkey,
    answer_of,
    ask_for_passkey,
    grow_old,
    has_shown_factor,
)
from auth_svc.tests.people import Browser, Visitor, code_of
from chat_svc.selectors import members
from chat_svc.services import create_chat
from user_svc.services import anonymise

LOGIN = "/api/auth/login/passkey"


def test_a_browser_is_asked_for_a_key_that_finds_its_owner_and_asks_for_a_finger(ada: Visitor):
    asked = ada.post(f"{PASSKEYS}/options").json()["options"]["publicKey"]

    assert asked["rp"] == {"id": "testserver", "name": "ABDRE Chat"}
    assert decoded(asked["user"]["id"]) == ada.id.bytes
    assert (asked["user"]["name"], asked["user"]["displayName"]) == ("ada", "ada")
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert [kind["alg"] for kind in asked["pubKeyCredParams"]] == [-8, -7, -257]


def test_the_first_passkey_brings_recovery_codes_and_the_next_does_not(ada: Visitor):
    first, second = add_passkey(ada, Authenticator(ORIGIN)), add_passkey(ada, Authenticator(ORIGIN), "Key")

    assert (first.status_code, len(first.json()["recovery_codes"])) == (201, 10)
    assert first["Cache-Control"] == "no-store"
    assert second.json()["recovery_codes"] == []
    assert [item["name"] for item in ada.get(PASSKEYS).json()["items"]] == ["Phone", "Key"]
    assert ada.get("/api/auth/security").json()["passkeys"] == 2


def test_a_known_passkey_is_named_so_that_no_second_is_made_of_it(ada: Visitor, passkey: Authenticator):
    asked = ada.post(f"{PASSKEYS}/options").json()["options"]["publicKey"]

    assert [decoded(known["id"]) for known in asked["excludeCredentials"]] == [passkey.id]
    assert code_of(add_passkey(ada, passkey)) == "passkey_refused"


def test_a_passkey_signs_in_without_name_and_password_and_counts_as_both_factors(
    ada: Visitor, passkey: Authenticator, somebody: Visitor
):
    answer = somebody.post(LOGIN, answer_of(somebody, passkey))

    assert answer.status_code == 200
    assert somebody.signed_in_by(answer).id == ada.id
    assert has_shown_factor(somebody)
    assert ada.get(PASSKEYS).json()["items"][0]["last_used_at"] is not None


def test_the_question_names_nobody(ada: Visitor, passkey: Authenticator, somebody: Visitor):
    asked = ask_for_passkey(somebody)["options"]["publicKey"]

    assert set(asked) == {"challenge", "rpId", "userVerification"}


def test_a_guest_brings_chats_along(ada: Visitor, passkey: Authenticator, guest: Visitor):
    chat = create_chat(creator_id=guest.id, kind="temporary", title="Tea", ttl_s=3600)

    assert guest.post(LOGIN, answer_of(guest, passkey)).status_code == 200

    assert [member["user"]["id"] for member in members(chat_id=chat.id, user_id=ada.id)] == [str(ada.id)]


@pytest.mark.parametrize("remember", [True, False])
def test_a_browser_is_remembered_as_it_wishes(ada: Visitor, passkey: Authenticator, browser, remember: bool):
    tab: Browser = browser()

    answer = tab.post(LOGIN, {**answer_of(tab, passkey), "remember": remember})

    assert bool(answer.cookies["abdre_refresh"]["max-age"]) is remember


FALSE: dict[str, dict[str, Any]] = {
    "a page of another origin": {"origin": "https://evil.example"},
    "a page of a sub-domain": {"origin": "http://sub.testserver"},
    "a page on another port": {"origin": "http://testserver:8080"},
    "a page over another scheme": {"origin": "https://testserver"},
    "another place's key": {"place": "evil.example"},
    "nobody's finger": {"is_verified": False},
    "a page in a frame of another's": {"is_framed": True},
}


@pytest.mark.parametrize("false", FALSE.values(), ids=FALSE)
def test_what_is_false_about_a_new_passkey_is_refused(ada: Visitor, false: dict[str, Any]):
    refused = add_passkey(ada, Authenticator(**{"origin": ORIGIN, **false}))

    assert (refused.status_code, code_of(refused)) == (422, "passkey_refused")
    assert not Row.objects.exists()


@pytest.mark.parametrize("false", FALSE.values(), ids=FALSE)
def test_what_is_false_about_a_shown_passkey_is_refused(
    ada: Visitor, passkey: Authenticator, somebody: Visitor, false: dict[str, Any]
):
    for name, value in false.items():
        setattr(passkey, name, value)

    refused = somebody.post(LOGIN, answer_of(somebody, passkey))

    assert (refused.status_code, code_of(refused)) == (422, "passkey_refused")
    assert "access_token" not in refused.json()


def test_the_public_origin_is_the_place_whatever_the_request_says(ada: Visitor, settings: Settings):
    settings.PUBLIC_ORIGIN = "https://chat.example.org"

    asked = ada.post(f"{PASSKEYS}/options").json()["options"]["publicKey"]
    by_request = add_passkey(ada, Authenticator(ORIGIN))
    by_setting = add_passkey(ada, Authenticator("https://chat.example.org"))

    assert asked["rp"]["id"] == "chat.example.org"
    assert [by_request.status_code, by_setting.status_code] == [422, 201]


def test_an_answer_is_good_once(ada: Visitor, passkey: Authenticator, visitor):
    ada_elsewhere, thief = visitor(), visitor()
    answer = answer_of(ada_elsewhere, passkey)
    assert ada_elsewhere.post(LOGIN, answer).status_code == 200

    refused = thief.post(LOGIN, answer)

    assert (refused.status_code, code_of(refused)) == (422, "passkey_refused")


def test_a_new_passkeys_answer_is_good_once_too(ada: Visitor):
    asked = ada.post(f"{PASSKEYS}/options").json()
    states = [
        ada.post(
            PASSKEYS,
            {"name": "x", "credential": Authenticator(ORIGIN).create(asked["options"]), "state": asked["state"]},
        ).status_code
        for _ in range(2)
    ]

    assert states == [201, 422]


def test_an_answer_to_another_question_is_refused(ada: Visitor, passkey: Authenticator, somebody: Visitor):
    first, second = ask_for_passkey(somebody), ask_for_passkey(somebody)

    refused = somebody.post(LOGIN, {"credential": passkey.show(first["options"]), "state": second["state"]})

    assert refused.status_code == 422


def test_a_question_to_make_one_is_none_to_show_one(ada: Visitor, passkey: Authenticator, somebody: Visitor):
    made, shown = ada.post(f"{PASSKEYS}/options").json(), ask_for_passkey(somebody)
    crossed = {"publicKey": {**shown["options"]["publicKey"], "challenge": made["options"]["publicKey"]["challenge"]}}

    refused = somebody.post(LOGIN, {"credential": passkey.show(crossed), "state": made["state"]})

    assert refused.status_code == 422


def test_a_question_ends_after_five_minutes(
    ada: Visitor, passkey: Authenticator, somebody: Visitor, monkeypatch: pytest.MonkeyPatch
):
    answer = answer_of(somebody, passkey)
    monkeypatch.setattr(webauthn, "LIFETIME_S", -1)

    assert somebody.post(LOGIN, answer).status_code == 422


def test_a_copy_whose_counter_stands_still_is_refused(ada: Visitor, passkey: Authenticator, somebody: Visitor):
    assert somebody.post(LOGIN, answer_of(somebody, passkey)).status_code == 200
    passkey.counts = False

    refused = somebody.post(LOGIN, answer_of(somebody, passkey))

    assert (refused.status_code, code_of(refused)) == (422, "passkey_refused")


def test_a_passkey_that_counts_nothing_is_fine(ada: Visitor, somebody: Visitor):
    passkey = Authenticator(ORIGIN, counts=False)
    add_passkey(ada, passkey)

    assert [somebody.post(LOGIN, answer_of(somebody, passkey)).status_code for _ in range(2)] == [200, 200]


def test_a_stranger_who_says_to_be_ada_is_not(ada: Visitor, passkey: Authenticator, somebody: Visitor):
    forged = Authenticator(ORIGIN, id=passkey.id, owner=ada.id.bytes)
    unknown = Authenticator(ORIGIN, owner=ada.id.bytes)
    of_nobody = Authenticator(ORIGIN, owner=uuid4().bytes)

    answers = [somebody.post(LOGIN, answer_of(somebody, key)) for key in (forged, unknown, of_nobody)]

    assert [code_of(answer) for answer in answers] == ["passkey_refused"] * 3


def test_eve_with_a_key_of_adas_id_is_eve(ada: Visitor, passkey: Authenticator, eve: Visitor, visitor):
    double = Authenticator(ORIGIN, id=passkey.id)
    add_passkey(eve, double)
    one, other = visitor(), visitor()

    assert one.signed_in_by(one.post(LOGIN, answer_of(one, double))).id == eve.id
    assert other.signed_in_by(other.post(LOGIN, answer_of(other, passkey))).id == ada.id


def test_eve_cannot_add_the_answer_to_adas_question(ada: Visitor, eve: Visitor):
    asked = ada.post(f"{PASSKEYS}/options").json()
    credential = Authenticator(ORIGIN).create(asked["options"])

    refused = eve.post(PASSKEYS, {"name": "x", "credential": credential, "state": asked["state"]})

    assert (refused.status_code, code_of(refused)) == (422, "passkey_refused")


def test_eve_can_neither_rename_nor_remove_adas(ada: Visitor, passkey: Authenticator, eve: Visitor):
    [item] = ada.get(PASSKEYS).json()["items"]
    path = f"{PASSKEYS}/{item['id']}"

    refused = [eve.ask("PATCH", path, {"name": "mine"}), eve.delete(path)]

    assert [(answer.status_code, code_of(answer)) for answer in refused] == [(404, "passkey_not_found")] * 2
    assert ada.get(PASSKEYS).json()["items"] == [item]
    assert eve.get(PASSKEYS).json()["items"] == []


def test_its_owner_renames_and_removes_it_and_is_told(ada: Visitor, passkey: Authenticator, somebody: Visitor, letters):
    [item] = ada.get(PASSKEYS).json()["items"]
    path = f"{PASSKEYS}/{item['id']}"

    renamed = ada.ask("PATCH", path, {"name": "Old phone"})
    removed = ada.delete(path)
    jobs.do_all()

    assert renamed.json()["name"] == "Old phone"
    assert removed.status_code == 204
    assert somebody.post(LOGIN, answer_of(somebody, passkey)).status_code == 422
    assert [letter.subject for letter in letters] == ["A passkey was removed from your account"]
    assert ada.get("/api/auth/security").json()["recovery_codes_left"] is None


def test_who_signed_in_long_ago_shows_first_who_they_are(ada: Visitor, passkey: Authenticator):
    [item] = ada.get(PASSKEYS).json()["items"]
    asked = ada.post(f"{PASSKEYS}/options").json()
    answer = {"name": "x", "credential": Authenticator(ORIGIN).create(asked["options"]), "state": asked["state"]}
    grow_old(ada)

    refused = [
        ada.post(f"{PASSKEYS}/options"),
        ada.post(PASSKEYS, answer),
        ada.delete(f"{PASSKEYS}/{item['id']}"),
    ]

    assert [code_of(answer) for answer in refused] == ["reauthentication_required"] * 3


def test_guests_and_strangers_have_none(guest: Visitor, somebody: Visitor):
    assert code_of(guest.post(f"{PASSKEYS}/options")) == "account_required"
    assert guest.get(PASSKEYS).json() == {"items": []}
    assert [somebody.get(PASSKEYS).status_code, somebody.post(f"{PASSKEYS}/options").status_code] == [401, 401]


def test_who_is_banned_stays_out(ada: Visitor, passkey: Authenticator, somebody: Visitor):
    get_user_model().objects.filter(id=ada.id).update(banned_at=timezone.now())

    assert code_of(somebody.post(LOGIN, answer_of(somebody, passkey))) == "account_closed"


def test_without_the_store_nobody_can_say_whether_it_is_a_repeat(
    ada: Visitor, passkey: Authenticator, somebody: Visitor, monkeypatch: pytest.MonkeyPatch
):
    answer = answer_of(somebody, passkey)

    def away(*_: object, **__: object) -> None:
        raise StoreAway

    monkeypatch.setattr(type(store._wrapped) if hasattr(store, "_wrapped") else type(store), "hit", away)

    refused = somebody.post(LOGIN, answer)

    assert (refused.status_code, code_of(refused)) == (503, "unavailable")


NONSENSE: list[Any] = [
    {},
    {"id": "AA", "rawId": "BB", "type": "public-key", "response": {}},
    {"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA"}},
    {"id": 1, "rawId": [], "type": None, "response": "x"},
    {"id": "é", "rawId": "é", "type": "public-key", "response": {"clientDataJSON": "AA", "attestationObject": "gYGB"}},
    {
        "id": "AA",
        "rawId": "AA",
        "type": "public-key",
        "response": {"clientDataJSON": "bnVsbA", "attestationObject": "gYGB" * 3000},
    },
]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_is_refused_and_no_fault_of_ours(ada: Visitor, somebody: Visitor, nonsense: Any):
    asked, shown = ada.post(f"{PASSKEYS}/options").json(), ask_for_passkey(somebody)

    answers = [
        ada.post(PASSKEYS, {"name": "x", "credential": nonsense, "state": asked["state"]}),
        somebody.post(LOGIN, {"credential": nonsense, "state": shown["state"]}),
    ]

    assert [answer.status_code for answer in answers] == [422, 422]


# Signs that a lenient reader of base64 passes over.
@pytest.mark.parametrize("junk", ["\0\0\0\0", "!!!!", "\n\n\n\n"], ids=ascii)
@pytest.mark.parametrize("field", ["id", "clientDataJSON", "attestationObject"])
def test_of_a_new_passkey_the_bytes_are_kept_and_not_how_they_were_written(
    ada: Visitor, visitor, field: str, junk: str
):
    passkey = Authenticator(ORIGIN)
    asked = ada.post(f"{PASSKEYS}/options").json()
    credential = passkey.create(asked["options"])
    plain = copy.deepcopy(credential)
    if field == "id":
        credential["id"] = credential["rawId"] = credential["id"] + junk
    else:
        credential["response"][field] += junk

    answer = ada.post(PASSKEYS, {"name": "x", "credential": credential, "state": asked["state"]})

    assert answer.status_code == 201
    assert Row.objects.get(type="webauthn").data["credential"] == plain
    phone = visitor()
    assert phone.post(LOGIN, answer_of(phone, passkey)).status_code == 200


def test_what_is_larger_than_a_key_is_not_looked_at(ada: Visitor):
    refused = ada.post(PASSKEYS, {"name": "x", "credential": {"id": "A" * 20_000}, "state": "x"})

    assert (refused.status_code, code_of(refused)) == (422, "invalid")


def test_there_is_an_end_to_the_number_of_passkeys(ada: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("auth_svc.services.passkeys.PASSKEYS_LIMIT", 1)
    add_passkey(ada, Authenticator(ORIGIN))

    assert code_of(ada.post(f"{PASSKEYS}/options")) == "too_many_passkeys"


def test_a_deactivated_account_comes_back_by_its_passkey(ada: Visitor, passkey: Authenticator, somebody: Visitor):
    ada.post("/api/auth/account/deactivate")

    assert somebody.post(LOGIN, answer_of(somebody, passkey)).json()["came_back"]


def test_of_a_deleted_account_no_factor_is_left(ada: Visitor, passkey: Authenticator, somebody: Visitor):
    anonymise(user_id=ada.id)

    assert not Row.objects.exists()
    assert code_of(somebody.post(LOGIN, answer_of(somebody, passkey))) == "passkey_refused"
