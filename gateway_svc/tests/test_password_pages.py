"""Changing the password, and getting a new one by a letter."""

import pytest
from django.test import AsyncClient

from gateway_svc.tests.conftest import Services, html, security

PAGE = "/security/password"
API = "/api/auth/password"
SECURITY = "/api/auth/security"
RESET = "/reset/0a0000000000-tok-en"


@pytest.fixture(autouse=True)
def held(services: Services) -> None:
    services.answer("auth", "GET", SECURITY, security())


async def test_the_password_is_changed_with_the_old_one(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", API, None, status=204)

    response = await ada.post(PAGE, {"password_old": "old", "password": "new"})

    assert (response.status_code, response["Location"]) == (303, f"{PAGE}?done=1")
    assert services.call("auth", "POST", API).json == {"password_old": "old", "password": "new"}
    assert "Your new password is set" in html(await ada.get(response["Location"]))
    assert "Your new password is set" not in html(await ada.get(PAGE))


@pytest.mark.parametrize(("passkeys", "words"), [(0, "You log in elsewhere"), (1, "You log in with a passkey")])
async def test_who_has_none_is_not_asked_for_it(
    ada: AsyncClient, services: Services, passkeys: int, words: str
) -> None:
    services.answer("auth", "GET", SECURITY, security(has_password=False, passkeys=passkeys))

    page = html(await ada.get(PAGE))

    assert words in page
    assert "password_old" not in page


@pytest.mark.parametrize("field", ["password", "password_old"])
async def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_comes_back(
    ada: AsyncClient, services: Services, field: str
) -> None:
    services.refuse("auth", "POST", API, 422, "wrong", fields={field: ["Not good."]})

    response = await ada.post(PAGE, {"password_old": "typed-old", "password": "typed-new"})

    assert response.status_code == 422
    assert f'id="error-{field}"' in html(response)
    assert "typed-" not in html(response)


async def test_too_many_changes_are_told(ada: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", API, 429, "too_many")

    response = await ada.post(PAGE, {"password": "new"})

    assert response.status_code == 429
    assert "The service said too_many." in html(response)


async def test_who_must_show_it_in_another_way_is_led_there(ada: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", API, 403, "reauthentication_required")

    response = await ada.post(PAGE, {"password": "new"}, headers={"referer": f"http://testserver{PAGE}"})

    assert (response.status_code, response["Location"]) == (
        303,
        "/reauthenticate?next=%2Fsecurity%2Fpassword%3Fagain%3D1",
    )


async def test_it_is_for_members(stranger: AsyncClient, guest: AsyncClient, services: Services) -> None:
    asked = await stranger.get(PAGE)
    services.answer("auth", "GET", SECURITY, security(is_guest=True, has_password=False))
    led = await guest.get(PAGE)

    assert asked["Location"] == "/login?next=%2Fsecurity%2Fpassword"
    assert "Make an account first" in html(led)
    assert 'name="password"' not in html(led)


async def test_a_letter_is_asked_for_and_the_page_does_not_tell_whether_it_found_anybody(
    stranger: AsyncClient, services: Services
) -> None:
    services.answer("auth", "POST", f"{API}/reset", None, status=204)

    response = await stranger.post("/forgot", {"email": "ada@example.org"})
    told = html(await stranger.get(response["Location"]))

    assert (response.status_code, response["Location"]) == (303, "/forgot?done=1")
    assert services.call("auth", "POST", f"{API}/reset").json == {"email": "ada@example.org"}
    assert "If an account here has confirmed it" in told
    assert "ada@example.org" not in told


@pytest.mark.parametrize(("status", "more"), [(422, {"fields": {"email": ["No address."]}}), (429, {})])
async def test_why_no_letter_can_be_asked_for_is_said(
    stranger: AsyncClient, services: Services, status: int, more: dict[str, object]
) -> None:
    services.refuse("auth", "POST", f"{API}/reset", status, "refused", **more)

    response = await stranger.post("/forgot", {"email": "nonsense"})

    assert response.status_code == status
    assert ("No address." if more else "The service said refused.") in html(response)
    assert 'value="nonsense"' in html(response)


async def test_opening_the_letters_link_changes_nothing(stranger: AsyncClient, services: Services) -> None:
    for ask in (stranger.get, stranger.head):
        response = await ask(RESET)
        assert response.status_code == 200
        assert response["Referrer-Policy"] == "strict-origin"
        assert "noindex" in response["X-Robots-Tag"]

    assert not services.calls("auth", "POST", f"{API}/reset/confirm")


async def test_its_form_sets_the_new_password_and_signs_nobody_in(stranger: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", f"{API}/reset/confirm", None, status=204)

    response = await stranger.post(RESET, {"password": "new"})
    done = html(await stranger.get(response["Location"]))

    assert 'href="/security"' in done
    assert (response.status_code, response["Location"]) == (303, f"{RESET}?done=1")
    assert not response.cookies
    assert services.call("auth", "POST", f"{API}/reset/confirm").json == {"key": RESET[7:], "password": "new"}
    assert "Your new password is set" in done
    assert 'href="/login"' in done


async def test_a_weak_one_is_said_beside_the_field(stranger: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", f"{API}/reset/confirm", 422, "weak_password", fields={"password": ["Too short."]})

    response = await stranger.post(RESET, {"password": "typed-new"})

    assert response.status_code == 422
    assert "Too short." in html(response)
    assert "typed-new" not in html(response)


async def test_a_link_that_is_over_leads_to_a_new_letter(stranger: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", f"{API}/reset/confirm", 410, "link_expired")

    response = await stranger.post(RESET, {"password": "new"})

    assert response.status_code == 410
    assert "The service said link_expired." in html(response)
    assert 'href="/forgot"' in html(response)


@pytest.mark.parametrize("path", ["/forgot", RESET])
async def test_without_its_service_the_page_says_so(stranger: AsyncClient, services: Services, path: str) -> None:
    services.away("auth")

    assert (await stranger.get(path)).status_code == 200
    assert (await stranger.post(path, {"email": "a@example.org", "password": "x"})).status_code == 503
