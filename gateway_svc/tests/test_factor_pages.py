"""Two-step login and passkeys: set up, renewed, removed."""

import json
from typing import Any

import pytest
from django.test import AsyncClient

from gateway_svc.tests.conftest import Services, html, security

SECURITY, TOTP, PASSKEYS = "/api/auth/security", "/api/auth/totp", "/api/auth/passkeys"
ENROLMENT = {
    "secret": "JBSWY3DPEHPK3PXP",
    "uri": "otpauth://totp/ada?secret=JBSWY3DPEHPK3PXP&issuer=ABDRE%20Chat",
    "qr_svg": '<svg xmlns="http://www.w3.org/2000/svg"></svg>',
    "state": "signed",
}
PASSKEY = {"id": 7, "name": "<Phone>", "created_at": "2026-11-22T10:00:00.000Z", "last_used_at": None}


@pytest.fixture(autouse=True)
def played(services: Services) -> None:
    services.answer("auth", "GET", SECURITY, security())
    services.answer("auth", "POST", f"{TOTP}/options", ENROLMENT)
    services.answer("auth", "GET", PASSKEYS, {"items": [PASSKEY]})


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, ["Off: your password alone is enough", "None: log in by finger"]),
        ({"has_password": False}, ["Off: your login elsewhere alone is enough"]),
        ({"totp": True, "recovery_codes_left": 9}, ["your authenticator app is asked. 9 recovery codes are left."]),
        ({"passkeys": 2, "recovery_codes_left": 1}, ["a passkey is asked. 1 recovery code is left.", "2 passkeys"]),
    ],
)
async def test_the_security_page_says_what_is_on(
    ada: AsyncClient, services: Services, facts: dict[str, Any], words: list[str]
) -> None:
    services.answer("auth", "GET", SECURITY, security(**facts))

    page = html(await ada.get("/security"))

    assert all(word in page for word in words)
    assert 'href="/security/two-step"' in page


@pytest.mark.parametrize(
    "path", ["/security/two-step", "/security/two-step/app", "/security/passkeys", "/reauthenticate"]
)
async def test_a_guest_is_told_kindly_that_an_account_comes_first(
    guest: AsyncClient, services: Services, path: str
) -> None:
    services.answer("auth", "GET", SECURITY, security(is_guest=True, has_password=False))
    services.answer("auth", "GET", PASSKEYS, {"items": []})

    page = html(await guest.get(path))

    assert "Make an account first" in page
    assert 'href="/security/two-step/app' not in page
    assert 'data-controller="passkey"' not in page
    assert 'name="code"' not in page
    assert "/security/two-step" not in html(await guest.get("/security"))


async def test_an_app_is_shown_its_secret_as_picture_link_and_letters(ada: AsyncClient) -> None:
    page = html(await ada.get("/security/two-step/app"))

    assert ENROLMENT["qr_svg"] in page
    assert "JBSW Y3DP EHPK 3PXP" in page
    assert 'href="otpauth://totp/ada?secret=JBSWY3DPEHPK3PXP&amp;issuer=ABDRE%20Chat"' in page
    assert 'name="state" value="signed"' in page


async def test_its_first_code_turns_it_on_and_shows_the_recovery_codes(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", TOTP, {"recovery_codes": ["12345678"]}, status=201)

    response = await ada.post("/security/two-step/app?next=/admin/", {"state": "signed", "code": "123456"})

    assert services.call("auth", "POST", TOTP).json == {"state": "signed", "code": "123456"}
    assert "1234 5678" in html(response)
    assert 'href="/admin/"' in html(response)
    assert "no-store" in response["Cache-Control"]


async def test_a_second_factor_more_leads_on_at_once(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", TOTP, {"recovery_codes": []}, status=201)

    response = await ada.post("/security/two-step/app", {"state": "signed", "code": "123456"})

    assert (response.status_code, response["Location"]) == (303, "/security/two-step")


async def test_a_wrong_code_shows_the_same_secret_again(ada: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", TOTP, 422, "wrong_code", fields={"code": ["Not that one."]})

    response = await ada.post("/security/two-step/app", {"state": "signed", "code": "1"})

    assert response.status_code == 422
    assert "Not that one." in html(response)
    assert services.call("auth", "POST", f"{TOTP}/options").json == {"state": "signed"}


@pytest.mark.parametrize("code", ["enrolment_expired", "totp_is_on"])
async def test_what_can_no_longer_be_turned_on_leads_back(ada: AsyncClient, services: Services, code: str) -> None:
    services.refuse("auth", "POST", TOTP, 410, code)

    response = await ada.post("/security/two-step/app", {"state": "signed", "code": "1"})

    assert response["Location"].partition("?")[0] == "/security/two-step"


async def test_who_has_to_show_it_again_comes_back_with_the_way_on(ada: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", f"{TOTP}/options", 403, "reauthentication_required")

    response = await ada.get("/security/two-step/app?next=/admin/")

    assert response["Location"] == "/reauthenticate?next=%2Fsecurity%2Ftwo-step%2Fapp%3Fnext%3D%2Fadmin%2F"


async def test_who_has_no_password_is_not_told_of_one(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "GET", SECURITY, security(has_password=False))

    page = html(await ada.get("/security/two-step"))

    assert "such as a login elsewhere" in page
    assert "your password" not in page


async def test_staff_are_told_why_they_are_here_and_find_on(ada: AsyncClient) -> None:
    page = html(await ada.get("/security/two-step?next=/admin/chat_svc/chat/"))

    assert "Whoever administers" in page
    assert "/security/two-step/app?next=%2Fadmin%2Fchat_svc%2Fchat%2F" in page
    assert "/security/passkeys?next=%2Fadmin%2Fchat_svc%2Fchat%2F" in page


async def test_new_codes_are_shown_once(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", "/api/auth/recovery-codes", {"recovery_codes": ["11112222"]}, status=201)

    assert "1111 2222" in html(await ada.post("/security/two-step/codes"))
    looked = await ada.get("/security/two-step/codes")

    assert (looked.status_code, looked["Location"]) == (303, "/security/two-step")
    assert len(services.calls("auth", "POST", "/api/auth/recovery-codes")) == 1


@pytest.mark.parametrize(("passkeys", "words"), [(0, "your recovery codes go too"), (1, "Two-step login stays on")])
async def test_before_the_app_is_removed_the_page_says_what_goes_with_it(
    ada: AsyncClient, services: Services, passkeys: int, words: str
) -> None:
    services.answer("auth", "GET", SECURITY, security(totp=True, passkeys=passkeys, recovery_codes_left=9))
    services.answer("auth", "DELETE", TOTP, None, status=204)

    asked = html(await ada.get("/security/two-step/app/remove"))
    assert words in asked
    assert not services.calls("auth", "DELETE", TOTP)
    removed = await ada.post("/security/two-step/app/remove")
    services.answer("auth", "GET", SECURITY, security(passkeys=passkeys))

    assert "The app is removed." in html(await ada.get(removed["Location"]))
    assert (await ada.get("/security/two-step/app/remove"))["Location"] == "/security/two-step"


NOTHING_ELSE = {"has_password": False, "email": None, "email_verified": False, "passkeys": 1, "recovery_codes_left": 9}
ELSEWHERE = {"items": [{"provider": "google", "provider_name": "Google"}]}


@pytest.mark.parametrize(
    ("facts", "linked", "is_warned"),
    [
        ({}, {"items": []}, True),
        ({}, ELSEWHERE, False),
        ({"has_password": True}, {"items": []}, False),
        ({"email": "ada@example.org", "email_verified": True}, {"items": []}, False),
        ({"recovery_codes_left": None}, {"items": []}, False),
    ],
)
async def test_codes_are_no_way_in_by_themselves_and_the_page_says_so(
    ada: AsyncClient, services: Services, facts: dict[str, Any], linked: dict[str, Any], is_warned: bool
) -> None:
    services.answer("auth", "GET", SECURITY, security(**{**NOTHING_ELSE, **facts}))
    services.answer("oauth", "GET", "/api/oauth/accounts", linked)

    assert ("Your recovery codes open nothing yet" in html(await ada.get("/security"))) is is_warned


async def test_new_codes_say_so_too_and_are_shown_whatever_is_away(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", "/api/auth/recovery-codes", {"recovery_codes": ["11112222"]}, status=201)
    services.answer("auth", "GET", SECURITY, security(**NOTHING_ELSE))
    warned = html(await ada.post("/security/two-step/codes"))
    services.answer("auth", "GET", SECURITY, None, status=503)
    shown = html(await ada.post("/security/two-step/codes"))

    assert "Your recovery codes open nothing yet" in warned
    assert "1111 2222" in shown
    assert "open nothing yet" not in shown


async def test_the_only_way_in_stays_and_the_page_says_why(ada: AsyncClient, services: Services) -> None:
    services.refuse("auth", "DELETE", f"{PASSKEYS}/7", 409, "last_way_in")

    response = await ada.post("/security/passkeys/7/remove")

    assert response.status_code == 409
    assert "The service said last_way_in." in html(response)


@pytest.mark.parametrize("status", [204, 404])
@pytest.mark.parametrize(
    ("page", "path"),
    [("/security/two-step/app/remove", TOTP), ("/security/passkeys/7/remove", f"{PASSKEYS}/7")],
)
async def test_what_is_removed_is_gone_also_if_it_was_gone_before(
    ada: AsyncClient, services: Services, page: str, path: str, status: int
) -> None:
    services.answer("auth", "DELETE", path, None, status=status)

    response = await ada.post(page)

    assert response.status_code == 303
    assert services.calls("auth", "DELETE", path)


async def test_passkeys_are_listed_with_their_names_as_text(ada: AsyncClient) -> None:
    page = html(await ada.get("/security/passkeys"))

    assert "&lt;Phone&gt;" in page
    assert 'action="/security/passkeys/7/remove"' in page
    assert 'data-options="/api/auth/passkeys/options"' in page


@pytest.mark.parametrize(("name", "sent"), [("My phone", "My phone"), (" ", "Passkey")])
async def test_the_first_passkey_shows_the_recovery_codes(
    ada: AsyncClient, services: Services, name: str, sent: str
) -> None:
    added = {"passkey": PASSKEY, "recovery_codes": ["12345678"]}
    services.answer("auth", "POST", PASSKEYS, added, status=201)

    response = await ada.post("/security/passkeys", {"name": name, "credential": json.dumps({"id": "x"}), "state": "s"})

    assert services.call("auth", "POST", PASSKEYS).json == {"name": sent, "credential": {"id": "x"}, "state": "s"}
    assert "1234 5678" in html(response)


async def test_a_refused_passkey_is_told(ada: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", PASSKEYS, 422, "passkey_refused")

    response = await ada.post("/security/passkeys", {"name": "x", "credential": "{}", "state": "s"})

    assert response.status_code == 422
    assert "The service said passkey_refused." in html(response)


async def test_a_passkey_gets_another_name_and_never_none(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "PATCH", f"{PASSKEYS}/7", PASSKEY)

    for name in ("Old phone", "  "):
        assert (await ada.post("/security/passkeys/7/rename", {"name": name})).status_code == 303

    assert services.call("auth", "PATCH", f"{PASSKEYS}/7").json == {"name": "Old phone"}


REAUTHENTICATE = "/api/auth/reauthenticate"


@pytest.mark.parametrize(
    ("facts", "ways"),
    [
        ({}, {"password"}),
        ({"totp": True, "recovery_codes_left": 9, "second_factor_shown": True}, {"password", "code"}),
        ({"totp": True, "recovery_codes_left": 9}, {"code"}),
        ({"passkeys": 1, "recovery_codes_left": 0}, {"passkey"}),
        ({"passkeys": 1, "recovery_codes_left": 2, "second_factor_shown": True}, {"password", "code", "passkey"}),
        ({"has_password": False, "passkeys": 1, "second_factor_shown": True}, {"passkey"}),
    ],
)
async def test_who_shows_again_who_they_are_is_offered_what_will_do(
    ada: AsyncClient, services: Services, facts: dict[str, Any], ways: set[str]
) -> None:
    services.answer("auth", "GET", SECURITY, security(**facts))

    page = html(await ada.get("/reauthenticate?next=/security"))

    marks = {"password": 'name="password"', "code": 'name="code"', "passkey": 'data-controller="passkey"'}
    assert {way for way, mark in marks.items() if mark in page} == ways


@pytest.mark.parametrize(
    ("is_away", "words", "way"),
    [
        (False, "There is nothing that you could show here", "Log out and in again"),
        (True, "not available right now", 'href="/reauthenticate?next=%2Fsecurity"'),
    ],
)
async def test_with_nothing_to_show_the_page_says_why_and_what_helps(
    ada: AsyncClient, services: Services, is_away: bool, words: str, way: str
) -> None:
    services.answer("auth", "GET", SECURITY, security(has_password=False))
    if is_away:
        services.away("oauth")

    page = html(await ada.get("/reauthenticate?next=/security"))

    assert words in page
    assert way in page
    assert ("Log out and in again" in page) is not is_away
    assert 'href="/security"' in page


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        ({"code": "123456"}, {"code": "123456"}),
        ({"credential": "{}", "state": "s"}, {"credential": {}, "state": "s"}),
        ({"password": "x"}, {"password": "x"}),
    ],
)
async def test_what_is_shown_goes_to_the_service(
    ada: AsyncClient, services: Services, form: dict[str, str], sent: dict[str, Any]
) -> None:
    services.answer("auth", "POST", REAUTHENTICATE, None, status=204)

    response = await ada.post("/reauthenticate?next=/security", form)

    assert (response.status_code, response["Location"]) == (303, "/security")
    assert services.call("auth", "POST", REAUTHENTICATE).json == sent


async def test_a_password_that_is_not_enough_is_told_with_what_would_be(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "GET", SECURITY, security(totp=True, recovery_codes_left=9))
    services.refuse("auth", "POST", REAUTHENTICATE, 403, "second_factor_needed")

    response = await ada.post("/reauthenticate", {"password": "x"})

    assert response.status_code == 403
    assert "The service said second_factor_needed." in html(response)
    assert 'name="code"' in html(response)
