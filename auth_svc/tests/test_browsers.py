"""A browser holds HttpOnly cookies, sees no token, and other sites' pages cannot speak in its name."""

import pytest
from pytest_django import Settings

from abdre.tokens import ACCESS_COOKIE, REFRESH_COOKIE
from auth_svc.tests.people import PASSWORD, Browser, Visitor, code_of

MONTH_S = 30 * 24 * 3600


@pytest.fixture
def tab(browser) -> Browser:
    return browser()


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("guest", {"display_name": "Tom"}, 201),
        ("register", {"username": "carol", "password": PASSWORD}, 201),
        ("login", {"login": "ada", "password": PASSWORD}, 200),
    ],
)
def test_signing_in_sets_cookies_and_shows_no_token(
    ada: Visitor, tab: Browser, path: str, body: dict[str, str], status: int
):
    response = tab.post(f"/api/auth/{path}", body)

    assert response.status_code == status
    assert set(response.json()) == {"user"}
    assert response["Cache-Control"] == "no-store"
    for name in (ACCESS_COOKIE, REFRESH_COOKIE):
        cookie = response.cookies[name]
        assert cookie["httponly"]
        assert (cookie["samesite"], cookie["path"], cookie["max-age"]) == ("Lax", "/", MONTH_S)
    assert tab.is_signed_in()


@pytest.mark.parametrize("secure", [True, False])
def test_cookies_are_secure_exactly_when_the_origin_is_https(tab: Browser, settings: Settings, secure: bool):
    settings.SECURE_ORIGIN = secure

    response = tab.post("/api/auth/guest", {"display_name": "Tom"})

    assert bool(response.cookies[ACCESS_COOKIE]["secure"]) is secure


def test_without_remember_the_cookies_end_with_the_browser_also_after_a_refresh(tab: Browser):
    first = tab.post("/api/auth/guest", {"display_name": "Tom", "remember": False})
    second = tab.post("/api/auth/refresh")

    assert [response.cookies[REFRESH_COOKIE]["max-age"] for response in (first, second)] == ["", ""]


def test_a_deed_by_cookie_needs_the_csrf_token(tab: Browser):
    tab.post("/api/auth/guest", {"display_name": "Tom"})

    for wrong in ("", "d" * 32):
        refused = tab.post("/api/auth/logout", X_CSRFToken=wrong)
        assert (refused.status_code, code_of(refused)) == (403, "forbidden")
    assert tab.is_signed_in()
    assert tab.post("/api/auth/logout").status_code == 204


def test_logging_out_forgets_the_cookies(tab: Browser):
    tab.post("/api/auth/guest", {"display_name": "Tom"})

    tab.post("/api/auth/logout")

    assert (tab.access, tab.secret) == ("", "")
    assert not tab.is_signed_in()


def test_a_bearer_token_wins_over_cookies_and_needs_no_csrf_token(tab: Browser, ada: Visitor):
    tab.post("/api/auth/guest", {"display_name": "Tom"})

    response = tab.post("/api/auth/logout", Authorization=f"Bearer {ada.token}", X_CSRFToken="")

    assert response.status_code == 204
    assert not ada.is_signed_in()


@pytest.mark.parametrize("path", ["guest", "register", "login"])
@pytest.mark.parametrize(
    "foreign",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
    ids=str,
)
def test_another_sites_page_signs_nobody_in(ada: Visitor, tab: Browser, path: str, foreign: dict[str, str]):
    body = {"display_name": "Tom", "username": "carol", "login": "ada", "password": PASSWORD}

    refused = tab.post(f"/api/auth/{path}", body, **foreign)

    assert (refused.status_code, code_of(refused)) == (403, "forbidden")
    assert tab.access == ""
    assert tab.post(f"/api/auth/{path}", body, Origin="http://testserver").status_code < 300


def test_a_dead_cookie_does_not_stand_in_the_way_of_signing_in(ada: Visitor, tab: Browser):
    tab.post("/api/auth/guest", {"display_name": "Tom"})
    tab.client.cookies[ACCESS_COOKIE] = "dead"

    assert tab.login("ada").status_code == 200
    assert tab.is_signed_in()


@pytest.mark.parametrize("path", ["guest", "register", "login", "refresh"])
def test_only_json_is_read(tab: Browser, path: str):
    response = tab.client.post(f"/api/auth/{path}", {"display_name": "Tom"})

    assert (response.status_code, code_of(response)) == (415, "unsupported_media_type")


@pytest.mark.parametrize("path", ["guest", "register", "login", "refresh"])
def test_a_body_that_is_no_json_is_malformed(tab: Browser, path: str):
    response = tab.client.post(f"/api/auth/{path}", b"{", content_type="application/json")

    assert (response.status_code, code_of(response)) == (400, "malformed")


def test_the_fetch_of_node_is_a_program_though_it_names_a_mode(somebody: Visitor):
    made = somebody.post("/api/auth/guest", {"display_name": "Tom"}, Sec_Fetch_Mode="cors")

    assert made.json()["access_token"]
    assert not made.cookies
