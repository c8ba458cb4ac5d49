"""A guest's recovery link: made on the old device, opened on the new one, and every way it can end."""

import pytest
from django.test import AsyncClient

from abdre.tokens import ACCESS_COOKIE
from gateway_svc.tests.conftest import ADA, GUEST, Services, html, person, tokens

LINKS = "/api/auth/recovery-links"
MAKE = "/security/recovery-link"
OPEN = "/recover/SECRET-token"
ENDS = "2099-11-22T10:15:00.000Z"


@pytest.fixture
def link(services: Services) -> Services:
    facts = {"display_name": "Gulnara", "own": False, "expires_at": ENDS}
    services.answer("auth", "POST", f"{LINKS}/preview", facts)
    services.answer("auth", "POST", f"{LINKS}/claim", tokens(person(GUEST, "Gulnara", is_guest=True)))
    return services


async def test_a_guest_is_told_that_it_moves_before_the_link_is_made(guest: AsyncClient, services: Services) -> None:
    page = html(await guest.get(MAKE))

    assert "this device is logged out then" in page
    assert services.calls("auth", "POST", LINKS) == []


async def test_the_link_is_shown_as_a_picture_and_as_text(guest: AsyncClient, services: Services) -> None:
    made = {"url": "http://h/recover/t", "expires_at": ENDS, "qr_svg": "<svg viewBox='0 0 1 1'></svg>"}
    services.answer("auth", "POST", LINKS, made, status=201)

    page = html(await guest.post(MAKE))

    assert "<svg viewBox" in page
    assert 'value="http://h/recover/t"' in page


async def test_a_member_is_led_to_the_way_that_members_have(ada: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", LINKS, 409, "not_a_guest")

    assert 'href="/security/another-device"' in html(await ada.get(MAKE))
    assert (await ada.post(MAKE)).status_code == 409


async def test_whoever_opens_it_sees_whose_it_is_and_changes_nothing(stranger: AsyncClient, link: Services) -> None:
    response = await stranger.get(OPEN)
    await stranger.head(OPEN)

    assert "Continue here as Gulnara" in html(response)
    assert "is logged out" in html(response)
    assert {asked.path for asked in link.asked if asked.service == "auth"} == {f"{LINKS}/preview"}
    assert response["Referrer-Policy"] == "strict-origin"
    assert "noindex" in response["X-Robots-Tag"]


async def test_continuing_signs_the_guest_in(stranger: AsyncClient, link: Services) -> None:
    attempt = (await stranger.get(OPEN)).cookies["join_attempt"].value

    response = await stranger.post(OPEN)

    assert (response.status_code, response["Location"]) == (303, "/chats")
    assert response.cookies[ACCESS_COOKIE].value == "new-access"
    claimed = link.call("auth", "POST", f"{LINKS}/claim")
    assert claimed.json == {"token": "SECRET-token"}
    assert claimed.headers["idempotency-key"] == attempt


async def test_who_is_logged_in_there_is_named_and_logged_out_by_continuing(ada: AsyncClient, link: Services) -> None:
    link.answer("auth", "POST", "/api/auth/logout", None, status=204)

    page = html(await ada.get(OPEN))
    assert "Ada is logged in here now" in page
    assert "that account is logged out" in page
    assert link.calls("auth", "POST", "/api/auth/logout") == []

    await ada.post(OPEN)
    assert len(link.calls("auth", "POST", "/api/auth/logout")) == 1


async def test_another_guest_is_warned_that_nothing_leads_back(browser_of, link: Services) -> None:
    other = browser_of(ADA, name="Bota", is_guest=True)

    assert "no way back" in html(await other.get(OPEN))


async def test_the_guest_itself_is_told_where_it_belongs(guest: AsyncClient, services: Services) -> None:
    facts = {"display_name": "Gulnara", "own": True, "expires_at": ENDS}
    services.answer("auth", "POST", f"{LINKS}/preview", facts)

    assert 'data-state="own"' in html(await guest.get(OPEN))


async def test_a_guest_who_presses_twice_is_not_logged_out(guest: AsyncClient, link: Services) -> None:
    await guest.post(OPEN)

    assert link.calls("auth", "POST", "/api/auth/logout") == []


@pytest.mark.parametrize(
    ("status", "code", "state"),
    [
        (410, "recovery_link_expired", "expired"),
        (410, "recovery_link_revoked", "revoked"),
        (410, "recovery_link_used", "used"),
        (404, "recovery_link_unknown", "unknown"),
        (410, "guest_is_member", "guest_is_member"),
        (403, "account_closed", "account_closed"),
    ],
)
async def test_each_end_is_a_page_with_a_way_on(
    stranger: AsyncClient, services: Services, status: int, code: str, state: str
) -> None:
    for path in ("preview", "claim"):
        services.refuse("auth", "POST", f"{LINKS}/{path}", status, code)

    for response in (await stranger.get(OPEN), await stranger.post(OPEN)):
        assert response.status_code == status
        assert f'data-state="{state}"' in html(response)
        assert 'href="/"' in html(response)


async def test_pages_for_guests_lead_there(guest: AsyncClient, services: Services) -> None:
    services.answer("auth", "GET", "/api/auth/security", {"is_guest": True, "has_password": False, "sessions": 1})

    for path in ("/security", "/profile", "/logout"):
        assert f'href="{MAKE}"' in html(await guest.get(path)), path
