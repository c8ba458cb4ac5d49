"""The accounts elsewhere with which somebody logs in: list, link, unlink, and the question after a collision."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import AsyncClient
from django.utils import timezone

from abdre.wire import utc
from gateway_svc.tests.conftest import ADA, Services, html, security

ACCOUNTS = "/api/oauth/accounts"
ACCOUNT = {
    "id": ADA,
    "provider": "google",
    "provider_name": "Google",
    "name": "ada@example.org",
    "linked_at": "2026-11-22T10:00:00.000Z",
}
PROVIDERS = [
    {"id": "google", "name": "Google", "url": "/oauth/google/login/"},
    {"id": "work", "name": "Work", "url": "/oauth/work/login/"},
]
SECURITY = security()
URL = "/oauth/google/login/?ticket=abc:1"
UNLINK = f"/security/linked/{ADA}/unlink"
CONFIRM = "/security/linked/confirm"
PENDING = "abdre_pending_link"


@pytest.fixture(autouse=True)
def held(services: Services) -> None:
    services.answer("oauth", "GET", "/api/oauth/providers", {"items": PROVIDERS})
    services.answer("oauth", "GET", ACCOUNTS, {"items": [ACCOUNT]})
    services.answer("oauth", "POST", "/api/oauth/flows", {"url": URL}, status=201)
    services.answer("auth", "GET", "/api/auth/security", SECURITY)


async def test_linked_accounts_are_listed_and_others_can_be_linked(ada: AsyncClient) -> None:
    text = html(await ada.get("/security/linked"))

    assert "ada@example.org" in text
    assert f'action="{UNLINK}"' in text
    assert "Unlink Google ada@example.org" in text
    assert "Link Google" in text
    assert "Link Work" in text


async def test_the_page_about_security_leads_there(ada: AsyncClient) -> None:
    text = html(await ada.get("/security"))

    assert 'href="/security/linked"' in text
    assert "Google" in text


async def test_the_pages_come_while_the_service_is_away(ada: AsyncClient, services: Services) -> None:
    services.away("oauth")

    for path in ("/security/linked", "/security", "/reauthenticate"):
        response = await ada.get(path)
        assert response.status_code == 200
    assert "not available" in html(await ada.get("/security/linked"))
    assert "Not available" in html(await ada.get("/security"))


async def test_linking_goes_on_to_the_provider_by_a_page_that_needs_no_script(
    ada: AsyncClient, services: Services
) -> None:
    response = await ada.post("/security/linked/add", {"provider": "google"})

    assert response.status_code == 200
    assert f'http-equiv="refresh" content="0; url={URL}"' in html(response)
    assert f'href="{URL}"' in html(response)
    asked = services.call("oauth", "POST", "/api/oauth/flows").json
    assert asked == {"provider": "google", "process": "connect", "next": ""}


async def test_who_has_to_show_first_that_it_is_they_is_asked_to(ada: AsyncClient, services: Services) -> None:
    services.refuse("oauth", "POST", "/api/oauth/flows", 403, "reauthentication_required")
    services.refuse("oauth", "DELETE", f"{ACCOUNTS}/{ADA}", 403, "reauthentication_required")
    referer = {"referer": "http://testserver/security/linked"}

    linking = await ada.post("/security/linked/add", {"provider": "google"}, headers=referer)
    unlinking = await ada.post(UNLINK, headers=referer)

    for response in (linking, unlinking):
        assert response["Location"] == "/reauthenticate?next=%2Fsecurity%2Flinked%3Fagain%3D1"


async def test_unlinking_is_told(ada: AsyncClient, services: Services) -> None:
    services.answer("oauth", "DELETE", f"{ACCOUNTS}/{ADA}", status=204)

    response = await ada.post(UNLINK)

    assert (response.status_code, response["Location"].partition("?")[0]) == (303, "/security/linked")
    assert "The account is unlinked." in html(await ada.get(response["Location"]))


async def test_the_last_way_in_stays_and_the_page_says_why(ada: AsyncClient, services: Services) -> None:
    services.refuse("oauth", "DELETE", f"{ACCOUNTS}/{ADA}", 409, "last_way_in")

    response = await ada.post(UNLINK)

    assert response.status_code == 409
    assert "The service said last_way_in." in html(response)
    assert "ada@example.org" in html(response)


async def test_what_was_unlinked_meanwhile_is_what_was_wanted(ada: AsyncClient, services: Services) -> None:
    services.refuse("oauth", "DELETE", f"{ACCOUNTS}/{ADA}", 404, "linked_account_not_found")

    assert (await ada.post(UNLINK))["Location"].startswith("/security/linked?done=unlinked%3A")


@pytest.mark.parametrize(
    ("problem", "said"),
    [("linked_elsewhere", "another person"), ("provider_denied", "did not agree"), ("anything", "did not work")],
)
async def test_why_linking_did_not_work_is_told(ada: AsyncClient, problem: str, said: str) -> None:
    text = html(await ada.get(f"/security/linked?problem={problem}"))

    assert 'role="alert"' in text
    assert said in text


async def test_a_guest_is_led_to_where_the_same_button_makes_a_member(guest: AsyncClient, services: Services) -> None:
    services.refuse("oauth", "POST", "/api/oauth/flows", 403, "account_required")
    services.answer("auth", "GET", "/api/auth/security", {**SECURITY, "is_guest": True, "has_password": False})

    assert "Make an account first" in html(await guest.get("/security/linked"))
    assert (await guest.post("/security/linked/add", {"provider": "google"}))["Location"] == "/register"
    assert "/security/linked" not in html(await guest.get("/security"))


@pytest.mark.parametrize(
    ("accounts", "providers", "is_shown"),
    [([], [], False), ([], PROVIDERS, True), ([ACCOUNT], [], True)],
)
async def test_where_nothing_is_linked_and_nothing_offered_there_is_no_line_about_it(
    ada: AsyncClient, services: Services, accounts: list[object], providers: list[object], is_shown: bool
) -> None:
    services.answer("oauth", "GET", "/api/oauth/accounts", {"items": accounts})
    services.answer("oauth", "GET", "/api/oauth/providers", {"items": providers})

    assert ('href="/security/linked"' in html(await ada.get("/security"))) is is_shown


@pytest.mark.parametrize("path", ["/security/linked", CONFIRM])
async def test_strangers_are_sent_to_the_login_and_back(stranger: AsyncClient, path: str) -> None:
    assert (await stranger.get(path))["Location"].startswith("/login?next=%2Fsecurity%2Flinked")


# The question after a collision


@pytest.fixture
def came_back(ada: AsyncClient, services: Services) -> AsyncClient:
    """Ada came by Google, and has logged in by her password since."""
    ada.cookies[PENDING] = "sealed"
    asked = {"provider": "google", "provider_name": "Google", "name": "ada@example.org"}
    services.answer("oauth", "POST", "/api/oauth/pending", asked)
    services.answer("oauth", "POST", ACCOUNTS, ACCOUNT, status=201)
    return ada


async def test_the_question_names_both_and_links_nothing(came_back: AsyncClient, services: Services) -> None:
    text = html(await came_back.get(f"{CONFIRM}?next=/join/abc"))

    assert "Link your Google account?" in text
    assert "ada@example.org" in text
    assert 'value="/join/abc"' in text
    assert services.call("oauth", "POST", "/api/oauth/pending").json == {"pending": "sealed"}
    assert not services.calls("oauth", "POST", ACCOUNTS)


async def test_yes_links_and_goes_on(came_back: AsyncClient, services: Services) -> None:
    response = await came_back.post(CONFIRM, {"deed": "link", "next": "/join/abc"})

    assert (response.status_code, response["Location"]) == (303, "/join/abc")
    assert services.call("oauth", "POST", ACCOUNTS).json == {"pending": "sealed"}
    assert (response.cookies[PENDING].value, response.cookies[PENDING]["path"]) == ("", CONFIRM)


async def test_not_now_links_nothing_and_forgets_the_question(came_back: AsyncClient, services: Services) -> None:
    response = await came_back.post(CONFIRM, {"deed": "later", "next": "/join/abc"})

    assert response["Location"] == "/join/abc"
    assert not services.calls("oauth", "POST", ACCOUNTS)
    assert response.cookies[PENDING].value == ""


async def test_who_is_not_meant_is_not_asked(came_back: AsyncClient, services: Services) -> None:
    services.refuse("oauth", "POST", "/api/oauth/pending", 410, "flow_expired")

    response = await came_back.get(f"{CONFIRM}?next=/join/abc")

    assert response["Location"] == "/join/abc"
    assert response.cookies[PENDING].value == ""


@pytest.mark.parametrize("code", ["flow_expired", "linked_elsewhere"])
async def test_a_yes_that_comes_too_late_is_told(came_back: AsyncClient, services: Services, code: str) -> None:
    services.refuse("oauth", "POST", ACCOUNTS, 410, code)

    response = await came_back.post(CONFIRM, {"deed": "link"})

    assert response["Location"] == f"/security/linked?problem={code}"


# Showing that it is you


async def test_it_can_be_shown_by_a_linked_account_only(ada: AsyncClient) -> None:
    text = html(await ada.get("/reauthenticate?next=/security/linked"))

    assert "Show it with Google" in text
    assert "Show it with Work" not in text
    assert 'action="/reauthenticate/elsewhere?next=%2Fsecurity%2Flinked"' in text


async def test_showing_it_goes_on_to_the_provider(ada: AsyncClient, services: Services) -> None:
    response = await ada.post("/reauthenticate/elsewhere?next=/security/linked", {"provider": "google"})

    assert URL in html(response)
    asked = services.call("oauth", "POST", "/api/oauth/flows").json
    assert asked == {"provider": "google", "process": "reauthenticate", "next": "/security/linked"}


async def test_another_account_that_shows_nothing_is_told(ada: AsyncClient) -> None:
    text = html(await ada.get("/reauthenticate?problem=somebody_else"))

    assert "not linked to yours" in text


async def test_forms_of_other_sites_do_nothing(browser_of: Callable[..., AsyncClient], services: Services) -> None:
    strict = AsyncClient(enforce_csrf_checks=True)
    strict.cookies.update(browser_of(ADA).cookies)

    for path in ("/security/linked/add", UNLINK, CONFIRM, "/reauthenticate/elsewhere"):
        assert (await strict.post(path, {"provider": "google", "deed": "link"})).status_code == 403
    assert not services.calls("oauth", "POST", "/api/oauth/flows")


@pytest.mark.parametrize(
    ("done", "minutes", "words"),
    [("linked", 1, "The account is linked."), ("linked", 60, ""), ("unlinked", 1, "")],
)
async def test_only_what_was_done_just_now_is_said(
    ada: AsyncClient, services: Services, done: str, minutes: int, words: str
) -> None:
    linked_at = timezone.now() - timedelta(minutes=minutes)
    services.answer("oauth", "GET", ACCOUNTS, {"items": [{**ACCOUNT, "linked_at": utc(linked_at)}]})

    page = html(await ada.get(f"/security/linked?done={done}"))

    said = [text for text in ("The account is linked.", "The account is unlinked.") if text in page]
    assert said == ([words] if words else [])
