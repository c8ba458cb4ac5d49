"""Taking one's data along, and leaving, on the pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import AsyncClient

from gateway_svc.tests.conftest import ADA, Services, html, person, security, tokens
from gateway_svc.views import marks

EXPORTS, DEACTIVATE, DELETE = "/api/auth/exports", "/api/auth/account/deactivate", "/api/auth/account/delete"
DOWNLOAD = "/security/data/archives/44444444-4444-4444-8444-444444444444"
DUE = "2099-12-10T10:00:00.000Z"


def export(status: str, **facts: Any) -> dict[str, Any]:
    made_at = "2026-11-22T10:01:00.000Z" if status == "ready" else None
    expires_at = "2099-11-29T10:01:00.000Z" if status == "ready" else None
    times = {"asked_at": "2026-11-22T10:00:00.000Z", "made_at": made_at, "expires_at": expires_at}
    return {"id": "44444444-4444-4444-8444-444444444444", "status": status, "size_bytes": 2_048, **times, **facts}


@pytest.fixture(autouse=True)
def held(services: Services) -> None:
    services.answer("auth", "GET", "/api/auth/security", security())
    services.answer("auth", "GET", EXPORTS, {"items": []})


def is_signed_out(response: Any) -> bool:
    return response.cookies["abdre_access"].value == response.cookies["abdre_refresh"].value == ""


async def test_what_is_ready_can_be_downloaded_and_what_is_not_says_so(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "GET", EXPORTS, {"items": [export("ready"), export("failed")]})

    page = html(await ada.get("/security/data"))

    assert page.count(DOWNLOAD) == 1
    assert "Could not be made" in page
    assert "Make an archive" in page


@pytest.mark.parametrize(
    ("must_show_again", "way_on"),
    [
        (False, "/api/auth/exports/44444444-4444-4444-8444-444444444444/archive"),
        (True, "/reauthenticate?next=%2Fsecurity%2Fdata"),
    ],
)
async def test_who_downloads_one_shows_first_that_it_is_them(
    ada: AsyncClient, services: Services, must_show_again: bool, way_on: str
) -> None:
    services.answer("auth", "GET", "/api/auth/security", security(must_show_again=must_show_again))

    response = await ada.get(DOWNLOAD)

    assert (response.status_code, response["Location"]) == (303, way_on)


async def test_while_one_is_made_no_other_is_asked_for(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "GET", EXPORTS, {"items": [export("waiting")]})

    page = html(await ada.get("/security/data"))

    assert "Is being made" in page
    assert "Look again" in page
    assert "Make an archive" not in page


async def test_an_archive_is_asked_for(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", EXPORTS, export("waiting"), status=202)

    response = await ada.post("/security/data/export")

    assert (response.status_code, response["Location"]) == (303, "/security/data")


@pytest.mark.parametrize(("status", "code"), [(409, "export_pending"), (429, "too_many")])
async def test_what_is_refused_is_told_on_the_page(
    ada: AsyncClient, services: Services, status: int, code: str
) -> None:
    services.refuse("auth", "POST", EXPORTS, status, code)

    response = await ada.post("/security/data/export")

    assert response.status_code == status
    assert f"The service said {code}." in html(response)


@pytest.mark.parametrize("code", ["reauthentication_required", "second_factor_needed"])
async def test_who_signed_in_long_ago_shows_first_that_it_is_them(
    ada: AsyncClient, services: Services, code: str
) -> None:
    services.refuse("auth", "POST", DEACTIVATE, 403, code)

    response = await ada.post("/security/data/deactivate", headers={"referer": "http://testserver/security/data"})

    assert (response.status_code, response["Location"]) == (303, "/reauthenticate?next=%2Fsecurity%2Fdata%3Fagain%3D1")
    assert "Now press again" in html(await ada.get("/security/data?again=1"))
    assert "Now press again" not in html(await ada.get("/security/data"))


async def test_what_becomes_of_the_messages_is_not_forgotten_over_that(ada: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", DELETE, 403, "reauthentication_required")
    services.answer("auth", "POST", "/api/auth/reauthenticate", None, status=204)

    asked = await ada.post("/security/data/delete", {"messages": "erase"})
    shown = await ada.post(asked["Location"], {"password": "correct horse"})
    page = html(await ada.get(shown["Location"]))

    assert shown["Location"] == "/security/data/delete?messages=erase&again=1"
    assert 'value="erase" checked' in page
    assert 'value="keep" checked' not in page
    assert "Now press again" in page


async def test_who_deactivates_is_signed_out_here_too(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "POST", DEACTIVATE, status=204)

    response = await ada.post("/security/data/deactivate")

    assert (response.status_code, response["Location"].partition("?")[0]) == (303, "/goodbye")
    assert is_signed_out(response)
    assert "To come back, log in" in html(await ada.get(response["Location"]))


@pytest.mark.parametrize(("chosen", "erases"), [("keep", False), ("erase", True), ("nonsense", False)])
async def test_who_deletes_says_what_becomes_of_the_messages(
    ada: AsyncClient, services: Services, chosen: str, erases: bool
) -> None:
    services.answer("auth", "POST", DELETE, {"deletion_due_at": DUE}, status=202)

    response = await ada.post("/security/data/delete", {"messages": chosen})

    assert services.call("auth", "POST", DELETE).json == {"erase_messages": erases}
    assert is_signed_out(response)
    assert "10 December 2099" in html(await ada.get(response["Location"]))


async def test_the_last_administrator_is_told_why_not(ada: AsyncClient, services: Services) -> None:
    services.refuse("auth", "POST", DELETE, 409, "last_administrator")

    response = await ada.post("/security/data/delete", {"messages": "erase"})

    assert response.status_code == 409
    assert "The service said last_administrator." in html(response)


async def test_how_long_one_may_think_better_of_it_is_said_before(ada: AsyncClient) -> None:
    assert "After 14 days" in html(await ada.get("/security/data/delete"))


async def test_a_guest_is_told_that_it_happens_at_once(guest: AsyncClient, services: Services) -> None:
    services.answer("auth", "GET", "/api/auth/security", security(is_guest=True, deletion_grace_days=0))

    services.answer("auth", "POST", DELETE, {"deletion_due_at": "2020-01-01T00:00:00.000Z"}, status=202)

    data, asked = html(await guest.get("/security/data")), html(await guest.get("/security/data/delete"))
    gone = await guest.post("/security/data/delete")

    assert "Deactivate" not in data
    assert "happens at once" in asked
    assert "goes now" in html(await guest.get(gone["Location"]))


async def test_what_is_coming_stands_wherever_it_can_be_taken_back(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "GET", "/api/auth/security", security(deletion_due_at=DUE))
    services.answer("auth", "DELETE", DELETE, status=204)

    for path in ("/security", "/security/data", "/welcome-back"):
        assert "10 December 2099" in html(await ada.get(path))
    response = await ada.post("/security/data/keep")

    assert (response.status_code, response["Location"]) == (303, "/security/data?kept=1")
    assert services.call("auth", "DELETE", DELETE)


@pytest.mark.parametrize("standing", [{"came_back": True}, {"deletion_due_at": DUE}])
async def test_who_logs_in_is_told_first_how_the_account_stands(
    stranger: AsyncClient, services: Services, standing: dict[str, Any]
) -> None:
    services.answer("auth", "POST", "/api/auth/login", tokens(person(ADA), **standing))

    response = await stranger.post("/login?next=/chats", {"login": "ada", "password": "x"})

    assert response["Location"] == "/welcome-back?next=%2Fchats"


async def test_one_goes_on_to_own_pages_only(ada: AsyncClient, services: Services) -> None:
    services.answer("auth", "DELETE", DELETE, status=204)

    page = html(await ada.get("/welcome-back?next=https://evil.example.org/"))
    response = await ada.post("/security/data/keep", {"next": "https://evil.example.org/"})

    assert "evil.example.org" not in page
    assert response["Location"] == "/chats"


@pytest.mark.parametrize("query", ["", "?left=deactivated", f"?left={DUE}", "?left=<b>now</b>"])
async def test_what_nobody_has_done_is_not_said(stranger: AsyncClient, query: str) -> None:
    page = html(await stranger.get(f"/goodbye{query}"))

    assert "To come back, log in." in page
    assert "logged out everywhere" not in page
    assert "<b>now" not in page


async def test_what_was_done_is_said_for_a_while_only(
    ada: AsyncClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.answer("auth", "POST", DEACTIVATE, status=204)
    gone = await ada.post("/security/data/deactivate")

    monkeypatch.setattr(marks, "LIFETIME", timedelta(seconds=-1))

    assert "logged out everywhere" not in html(await ada.get(gone["Location"]))


async def test_without_its_service_the_page_says_so(ada: AsyncClient, services: Services) -> None:
    services.away("auth")

    response = await ada.get("/security/data")

    assert response.status_code == 200
    assert "not available" in html(response)


@pytest.mark.parametrize("path", ["/security/data", "/security/data/delete", "/welcome-back"])
async def test_a_stranger_is_sent_to_the_login(stranger: AsyncClient, path: str) -> None:
    assert (await stranger.get(path))["Location"].startswith("/login?next=")
