"""The address of one's account, and the page behind the letter's link."""

import pytest
from django.test import AsyncClient

from gateway_svc.tests.conftest import Services, html

PAGE = "/security/email"
API = "/api/auth/email"
KEY = "MQ:1vNoqS:a-key_of-a-letter"


def answer(**facts: object) -> dict[str, object]:
    return {"email": "ada@example.org", "verified": True, "pending": None, **facts}


@pytest.fixture(autouse=True)
def held(services: Services) -> None:
    services.answer("auth", "GET", API, answer())


async def test_a_confirmed_address_is_shown_as_such(ada: AsyncClient) -> None:
    page = html(await ada.get(PAGE))

    assert "<bdi>ada@example.org</bdi> is confirmed" in page
    assert "/resend" not in page


@pytest.mark.parametrize(
    "state",
    [
        answer(email="new@example.org", verified=False),
        answer(pending="new@example.org"),
    ],
)
async def test_an_address_that_waits_is_shown_with_what_can_be_done(
    ada: AsyncClient, services: Services, state: dict[str, object]
) -> None:
    services.answer("auth", "GET", API, state)
    services.answer("auth", "POST", f"{API}/resend", None, status=204)
    services.answer("auth", "DELETE", API, None, status=204)

    page = html(await ada.get(PAGE))
    again, given_up = await ada.post(f"{PAGE}/resend"), await ada.post(f"{PAGE}/give-up")

    assert "We have written to <bdi>new@example.org</bdi>" in page
    assert (again.status_code, again["Location"]) == (303, f"{PAGE}?sent=again")
    assert "One more letter is on its way" in html(await ada.get(again["Location"]))
    assert (given_up.status_code, given_up["Location"]) == (303, PAGE)
    assert services.call("auth", "DELETE", API)


async def test_after_registering_there_is_a_way_on_to_an_own_page_only(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "GET", API, answer(verified=False))

    own, foreign = await ada.get(f"{PAGE}?next=/join/abc"), await ada.get(f"{PAGE}?next=//evil.example/")

    assert 'href="/join/abc"' in html(own)
    assert "evil.example" not in html(foreign)


async def test_another_address_is_asked_for(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", API, answer(pending="new@example.org"))

    response = await ada.post(PAGE, {"email": "new@example.org"})

    assert (response.status_code, response["Location"]) == (303, f"{PAGE}?sent=1")
    assert services.call("auth", "POST", API).json == {"email": "new@example.org"}


async def test_what_is_no_address_is_said_beside_the_field_and_kept(ada: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", API, 422, "invalid", fields={"email": ["No address."]})

    response = await ada.post(PAGE, {"email": "nonsense"})

    assert response.status_code == 422
    assert "No address." in html(response)
    assert 'value="nonsense"' in html(response)


async def test_too_many_wishes_are_told(ada: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", API, 429, "too_many")

    response = await ada.post(PAGE, {"email": "new@example.org"})

    assert response.status_code == 429
    assert "The service said too_many." in html(response)


async def test_too_many_letters_are_told_on_the_page(ada: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", f"{API}/resend", 429, "too_many")

    response = await ada.post(f"{PAGE}/resend")

    assert response.status_code == 429
    assert "The service said too_many." in html(response)
    assert "ada@example.org" in html(response)


async def test_long_after_logging_in_it_is_shown_once_more_first(ada: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", API, 403, "reauthentication_required")

    response = await ada.post(PAGE, {"email": "new@example.org"}, headers={"referer": f"http://testserver{PAGE}"})

    assert (response.status_code, response["Location"]) == (303, "/reauthenticate?next=%2Fsecurity%2Femail%3Fagain%3D1")


async def test_it_is_for_members(stranger: AsyncClient, guest: AsyncClient) -> None:
    asked, led = await stranger.get(PAGE), await guest.get(PAGE)

    assert asked["Location"] == "/login?next=%2Fsecurity%2Femail"
    assert "Make an account first" in html(led)
    assert 'name="email"' not in html(led)


def account(**facts: object) -> dict[str, object]:
    held = {"email": "ada@example.org", "username": "mallory", "verified": False}
    return {**held, "passkeys": 0, "linked_accounts": 0, **facts}


async def test_before_the_press_the_page_names_the_account_and_its_other_ways_in(
    stranger: AsyncClient, services: Services
) -> None:
    services.answer("auth", "POST", f"{API}/verify/preview", account(passkeys=2, linked_accounts=1))
    page = html(await stranger.get(f"/verify/{KEY}"))
    services.answer("auth", "POST", f"{API}/verify/preview", account())
    plain = html(await stranger.get(f"/verify/{KEY}"))

    assert services.calls("auth", "POST", f"{API}/verify/preview")[0].json == {"key": KEY}
    for shown in (page, plain):
        assert "<bdi>ada@example.org</bdi> belongs to the account <bdi>mallory</bdi>" in shown
        assert "Not you? Do not confirm" in shown
    assert "passkeys: 2, linked logins: 1" in page
    assert "linked logins:" not in plain


async def test_a_link_that_is_dead_says_so_at_once(stranger: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", f"{API}/verify/preview", 410, "link_expired")

    response = await stranger.get(f"/verify/{KEY}")

    assert response.status_code == 410
    assert "The service said link_expired." in html(response)
    assert "<form" not in html(response).partition("<main")[2]


async def test_opening_the_letters_link_confirms_nothing(stranger: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", f"{API}/verify/preview", account())

    for ask in (stranger.get, stranger.head):
        response = await ask(f"/verify/{KEY}")
        assert response.status_code == 200
        assert response["Referrer-Policy"] == "strict-origin"
        assert "noindex" in response["X-Robots-Tag"]

    assert not services.calls("auth", "POST", f"{API}/verify")


async def test_a_press_on_its_page_does_and_names_address_and_account(
    stranger: AsyncClient, services: Services
) -> None:
    services.answer("auth", "POST", f"{API}/verify", {"email": "ada@example.org"})
    services.answer("auth", "POST", f"{API}/verify/preview", account(verified=True))

    response = await stranger.post(f"/verify/{KEY}")
    done, later = html(await stranger.get(response["Location"])), html(await stranger.get(f"/verify/{KEY}"))

    assert response.status_code == 303
    assert services.call("auth", "POST", f"{API}/verify").json == {"key": KEY}
    assert "<h1>Your address is confirmed</h1>" in done
    assert "<h1>Your address was confirmed already</h1>" in later
    for page in (done, later):
        assert "<bdi>ada@example.org</bdi> belongs to the account <bdi>mallory</bdi>" in page
        assert "Not you?" not in page


async def test_an_address_opened_by_hand_does_not_say_that_it_was_done(
    stranger: AsyncClient, services: Services
) -> None:
    services.answer("auth", "POST", f"{API}/verify/preview", account())

    page = html(await stranger.get(f"/verify/{KEY}?done=1"))

    assert "<h1>Confirm your address</h1>" in page


@pytest.mark.parametrize(("status", "code"), [(410, "link_expired"), (409, "email_taken"), (429, "too_many")])
async def test_why_it_cannot_be_confirmed_is_said(
    stranger: AsyncClient, services: Services, status: int, code: str
) -> None:
    services.refuse("auth", "POST", f"{API}/verify", status, code)

    response = await stranger.post(f"/verify/{KEY}")

    assert response.status_code == status
    assert f"The service said {code}." in html(response)
    assert 'href="/security/email"' in html(response)


async def test_without_its_service_the_page_says_so(stranger: AsyncClient, services: Services) -> None:
    services.away("auth")

    assert (await stranger.post(f"/verify/{KEY}")).status_code == 503
