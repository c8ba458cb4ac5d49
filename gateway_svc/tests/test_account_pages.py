"""Log in, register, log out, devices."""

from urllib.parse import quote

import pytest
from django.test import AsyncClient

from abdre.tokens import ACCESS_COOKIE, REFRESH_COOKIE
from gateway_svc.tests.conftest import ADA, CHAT, Services, html, person, tokens

LOGIN = "/api/auth/login"
REGISTER = "/api/auth/register"
ME = "/api/users/me"
NEW_MEMBER = {"username": "ada", "display_name": "Ada", "email": "", "password": "correct horse"}


@pytest.fixture
def signing_in(services: Services) -> Services:
    services.answer("auth", "POST", LOGIN, tokens(person()))
    services.answer("auth", "POST", REGISTER, tokens(person()), status=201)
    return services


@pytest.fixture
def unknown(services: Services) -> AsyncClient:
    """Whose session cannot be renewed just now: the kernel says so in the scope, where a client's defaults end up."""
    return AsyncClient(identity_unknown="yes")


async def test_logging_in_sets_the_cookies_and_leads_back_to_where_one_came_from(
    stranger: AsyncClient, signing_in: Services
) -> None:
    response = await stranger.post(f"/login?next=/chats/{CHAT}", {"login": "ada", "password": "x", "remember": "1"})

    assert (response.status_code, response["Location"]) == (303, f"/chats/{CHAT}")
    assert response.cookies[ACCESS_COOKIE]["httponly"]
    assert response.cookies[REFRESH_COOKIE]["max-age"]
    assert signing_in.call("auth", "POST", LOGIN).json == {"login": "ada", "password": "x", "remember": True}


async def test_without_remember_me_the_cookies_end_with_the_browser(
    stranger: AsyncClient, signing_in: Services
) -> None:
    response = await stranger.post("/login", {"login": "ada", "password": "x"})

    assert response.cookies[REFRESH_COOKIE]["max-age"] == ""
    assert signing_in.call("auth", "POST", LOGIN).json["remember"] is False


@pytest.mark.parametrize("foreign", ["https://evil.example/", "//evil.example/", "/%0d%0aSet-Cookie:x=1\r\n", ""])
async def test_next_leads_to_own_paths_only(stranger: AsyncClient, signing_in: Services, foreign: str) -> None:
    response = await stranger.post(f"/login?next={quote(foreign)}", {"login": "ada", "password": "x"})

    assert response["Location"] == "/chats"


async def test_a_wrong_password_is_told_and_never_sent_back(stranger: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", LOGIN, 401, "wrong_credentials")

    response = await stranger.post("/login", {"login": "ada", "password": "my-secret"})

    assert response.status_code == 401
    assert "The service said wrong_credentials." in html(response)
    assert 'value="ada"' in html(response)
    assert "my-secret" not in html(response)


async def test_the_login_leads_to_a_new_password(stranger: AsyncClient) -> None:
    assert 'href="/forgot"' in html(await stranger.get("/login"))


@pytest.mark.parametrize(("page", "path"), [("/login", LOGIN), ("/register", REGISTER)])
async def test_whose_session_was_ended_elsewhere_comes_as_nobody(
    ada: AsyncClient, services: Services, page: str, path: str
) -> None:
    services.refuse("auth", "POST", path, 401, "not_signed_in")

    await ada.post(page, {**NEW_MEMBER, "login": "ada"})

    as_ada, as_nobody = services.calls("auth", "POST", path)
    assert "authorization" in as_ada.headers
    assert "authorization" not in as_nobody.headers
    assert as_nobody.json == as_ada.json


async def test_too_many_tries_say_when_to_come_back(stranger: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", LOGIN, 429, "too_many", retry_after="60")

    response = await stranger.post("/login", {"login": "ada", "password": "x"})

    assert (response.status_code, response["Retry-After"]) == (429, "60")


@pytest.mark.parametrize("page", ["/login", "/register"])
async def test_other_ways_in_are_offered_with_the_way_back(
    stranger: AsyncClient, services: Services, page: str
) -> None:
    names = {"google": "Google", "work": "Work"}
    offered = [{"id": id, "name": name, "url": f"/oauth/{id}/login/"} for id, name in names.items()]
    services.answer("oauth", "GET", "/api/oauth/providers", {"items": offered})

    text = html(await stranger.get(f"{page}?next=/join/abc"))

    for id, name in names.items():
        assert f"Continue with {name}" in text
        assert f"/oauth/{id}/login/?next=%2Fjoin%2Fabc" in text


async def test_the_login_stands_without_the_other_ways(stranger: AsyncClient, services: Services) -> None:
    services.away("oauth")

    response = await stranger.get("/login")

    assert response.status_code == 200


@pytest.mark.parametrize(
    "problem", ["provider_denied", "provider_failed", "email_in_use", "account_closed", "flow_expired", "anything"]
)
async def test_a_failed_login_elsewhere_is_told_in_words(stranger: AsyncClient, problem: str) -> None:
    response = await stranger.get(f"/login?problem={problem}")

    assert 'role="alert"' in html(response)


async def test_registering_signs_in_and_leads_on(stranger: AsyncClient, signing_in: Services) -> None:
    response = await stranger.post("/register?next=/join/abc", NEW_MEMBER)

    assert (response.status_code, response["Location"]) == (303, "/join/abc")
    assert response.cookies[ACCESS_COOKIE].value == "new-access"
    assert signing_in.call("auth", "POST", REGISTER).json == NEW_MEMBER


async def test_who_registers_with_an_address_is_told_to_look_into_the_mail_and_goes_on(
    stranger: AsyncClient, signing_in: Services
) -> None:
    response = await stranger.post("/register?next=/join/abc", {**NEW_MEMBER, "email": "ada@example.org"})

    assert (response.status_code, response["Location"]) == (303, "/security/email?next=%2Fjoin%2Fabc")
    assert response.cookies[ACCESS_COOKIE].value == "new-access"


async def test_a_guest_who_registers_does_so_as_that_guest(guest: AsyncClient, signing_in: Services) -> None:
    shown = await guest.get("/register")
    await guest.post("/register", NEW_MEMBER)

    assert "You stay who you are" in html(shown)
    assert signing_in.call("auth", "POST", REGISTER).headers["authorization"].startswith("Bearer ")


async def test_a_taken_name_and_a_weak_password_are_said_beside_their_fields(
    stranger: AsyncClient, services: Services
) -> None:
    services.refuse("auth", "POST", REGISTER, 409, "username_taken")
    taken = await stranger.post("/register", NEW_MEMBER)
    services.refuse("auth", "POST", REGISTER, 422, "weak_password", fields={"password": ["Too short."]})
    weak = await stranger.post("/register", NEW_MEMBER)

    assert (taken.status_code, weak.status_code) == (409, 422)
    assert 'id="error-username"' in html(taken)
    assert 'aria-describedby="hint-password error-password"' in html(weak)


async def test_logging_out_ends_the_session_and_forgets_the_cookies(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", "/api/auth/logout", status=204)

    response = await ada.post("/logout")

    assert (response.status_code, response["Location"]) == (303, "/")
    assert services.calls("auth", "POST", "/api/auth/logout")
    assert [response.cookies[name].value for name in (ACCESS_COOKIE, REFRESH_COOKIE, "join_attempt")] == ["", "", ""]


@pytest.mark.parametrize(
    ("wished", "leads_to"), [("/login?next=%2Fsecurity", "/login?next=%2Fsecurity"), ("//evil.example.org/", "/chats")]
)
async def test_who_logs_out_to_log_in_again_is_led_there_and_nowhere_else(
    ada: AsyncClient, services: Services, wished: str, leads_to: str
) -> None:
    services.answer("auth", "POST", "/api/auth/logout", status=204)

    response = await ada.post("/logout", {"next": wished})

    assert (response.status_code, response["Location"]) == (303, leads_to)
    assert response.cookies["abdre_access"].value == ""


async def test_leaving_this_device_works_while_the_service_is_away(ada: AsyncClient, services: Services) -> None:
    services.away("auth")

    response = await ada.post("/logout")

    assert response.cookies[ACCESS_COOKIE].value == ""


async def test_a_guest_is_asked_before_logging_out(guest: AsyncClient) -> None:
    response = await guest.get("/logout")

    assert "no way back" in html(response)


async def test_devices_are_listed_and_the_others_can_be_ended(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "GET", "/api/auth/sessions", {"items": [_session(1, current=True), _session(2)]})
    services.answer("auth", "DELETE", f"/api/auth/sessions/{_session(2)['id']}", status=204)
    services.answer("auth", "DELETE", "/api/auth/sessions", status=204)

    shown = await ada.get("/sessions")
    one = await ada.post(f"/sessions/{_session(2)['id']}/end")
    others = await ada.post("/sessions/end-others")

    assert "Firefox on Android" in html(shown)
    assert f"/sessions/{_session(1)['id']}/end" not in html(shown)
    assert (one["Location"], others["Location"]) == ("/sessions", "/sessions")
    assert services.call("auth", "DELETE", "/api/auth/sessions").query == {"others": "true"}


async def test_a_device_s_place_is_shown_in_words_where_it_is_known(ada: AsyncClient, services: Services) -> None:
    known = {**_session(1, current=True, place="Almaty, Kazakhstan"), "address": "198.51.100.0/24"}
    services.answer("auth", "GET", "/api/auth/sessions", {"items": [known, _session(2)]})

    shown = html(await ada.get("/sessions"))

    assert "Almaty, Kazakhstan · last used" in shown
    assert "198.51.100.0/24" not in shown
    assert "192.0.2.0/24 · last used" in shown


async def test_the_devices_page_comes_without_its_list_while_auth_is_away(ada: AsyncClient, services: Services) -> None:
    services.away("auth")

    response = await ada.get("/sessions")

    assert response.status_code == 200
    assert "not available right now" in html(response)


async def test_a_page_for_members_leads_strangers_to_the_login_and_back(stranger: AsyncClient) -> None:
    response = await stranger.get(f"/chats/{CHAT}?before=5")

    assert response.status_code == 303
    assert response["Location"] == f"/login?next={quote(f'/chats/{CHAT}?before=5', safe='')}"


async def test_who_cannot_be_known_for_a_moment_is_not_signed_out(unknown: AsyncClient) -> None:
    opened = await unknown.get(f"/chats/{CHAT}")
    posted = await unknown.post(f"/chats/{CHAT}/messages", {"body": "hello"})

    for response in (opened, posted):
        assert response.status_code == 503
        assert int(response["Retry-After"]) > 0
        assert not {ACCESS_COOKIE, REFRESH_COOKIE} & set(response.cookies)


async def test_pages_for_everybody_come_while_nobody_can_be_known(unknown: AsyncClient) -> None:
    for path in ("/", "/login"):
        assert (await unknown.get(path)).status_code == 200


async def test_a_form_of_somebody_signed_out_leads_back_to_the_page_it_stood_on(stranger: AsyncClient) -> None:
    page = f"/chats/{CHAT}"

    own = await stranger.post(f"{page}/messages", headers={"referer": f"http://testserver{page}"})

    assert own["Location"] == f"/login?next={quote(page, safe='')}"


@pytest.mark.parametrize("referer", ["http://evil.example/x", "http://[", "http://testserver//evil.example/", "x"])
async def test_a_form_that_stood_elsewhere_leads_to_the_list(stranger: AsyncClient, referer: str) -> None:
    response = await stranger.post(f"/chats/{CHAT}/messages", headers={"referer": referer})

    assert (response.status_code, response["Location"]) == (303, "/login?next=%2Fchats")


async def test_a_session_that_has_ended_leads_to_the_login(ada: AsyncClient, services: Services) -> None:
    services.refuse("chat", "GET", "/api/chats", 401, "not_signed_in")

    response = await ada.get("/chats")

    assert response["Location"] == "/login?next=%2Fchats"


async def test_the_profile_shows_the_name_and_how_one_logs_in(ada: AsyncClient, services: Services) -> None:
    services.answer("user", "GET", ME, {**person(), "username": "ada.l", "email": None})

    text = html(await ada.get("/profile"))

    assert 'value="Ada"' in text
    assert "ada.l" in text


async def test_a_guests_profile_shows_no_user_name_and_a_way_to_one(guest: AsyncClient) -> None:
    text = html(await guest.get("/profile"))

    assert 'value="Gulnara"' in text
    assert "User name" not in text
    assert 'href="/register"' in text


async def test_a_new_name_is_saved_and_said_to_be(ada: AsyncClient, services: Services) -> None:
    services.answer("user", "PATCH", ME, person(name="Ada Lovelace"))

    response = await ada.post("/profile", {"display_name": "Ada Lovelace"})
    shown = await ada.get(response["Location"])

    assert response.status_code == 303
    assert services.call("user", "PATCH", ME).json == {"display_name": "Ada Lovelace"}
    assert "Your profile is saved." in html(shown)
    assert "Your profile is saved." not in html(await ada.get("/profile"))


async def test_a_name_that_cannot_be_had_is_said_beside_the_field_and_kept(
    guest: AsyncClient, services: Services
) -> None:
    services.refuse("user", "PATCH", ME, 422, "invalid", fields={"display_name": ["Somebody here has this name."]})

    response = await guest.post("/profile", {"display_name": "Ada <3"})

    assert response.status_code == 422
    assert "Somebody here has this name." in html(response)
    assert 'value="Ada &lt;3"' in html(response)
    assert 'aria-invalid="true"' in html(response)


async def test_the_profile_is_for_people_who_are_signed_in_and_every_menu_leads_there(
    stranger: AsyncClient, ada: AsyncClient
) -> None:
    response = await stranger.get("/profile")

    assert response["Location"] == "/login?next=%2Fprofile"
    assert 'href="/profile"' in html(await ada.get("/chats"))


async def test_without_the_service_there_is_no_profile_to_change(ada: AsyncClient, services: Services) -> None:
    services.away("user")

    response = await ada.get("/profile")

    assert response.status_code == 503


def _session(number: int, *, current: bool = False, place: str = "") -> dict[str, object]:
    return {
        "id": f"{ADA[:-1]}{number}",
        "device": "Firefox on Android",
        "address": "192.0.2.0/24",
        "place": place,
        "created_at": "2026-11-22T10:00:00.000Z",
        "last_used_at": "2026-11-22T10:00:00.000Z",
        "expires_at": "2026-12-22T10:00:00.000Z",
        "current": current,
    }
