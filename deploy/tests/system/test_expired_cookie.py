"""A browser whose access cookie has expired: the page comes while the session lives, else the login that leads back."""

import asyncio
from http.cookies import SimpleCookie
from urllib.parse import quote

import aiohttp
import pytest

from deploy.tests.people import TIMEOUT, Person, Town

pytestmark = pytest.mark.http

PARALLEL = 20


async def open_page(person: Person, path: str) -> tuple[int, str, dict[str, str]]:
    """As a browser that holds the refresh cookie only: status, where it is sent, and the cookies it is given."""
    headers = {"Cookie": f"abdre_refresh={person.refresh_token}", "X-Forwarded-For": person.address}
    async with person.http.get(person.base + path, headers=headers, allow_redirects=False, timeout=TIMEOUT) as answer:
        return answer.status, answer.headers.get("Location", ""), cookies_of(answer)


def cookies_of(answer: aiohttp.ClientResponse) -> dict[str, str]:
    jar = SimpleCookie()
    for line in answer.headers.getall("Set-Cookie", []):
        jar.load(line)
    return {name: morsel.value for name, morsel in jar.items()}


async def test_pages_and_api_come_and_many_at_once_are_one_renewal(town: Town):
    ada = await town.guest("Ada")
    chat = await ada.start_chat("Tea")

    paths = [f"/chats/{chat}", "/api/users/me"] * (PARALLEL // 2)
    answers = await asyncio.gather(*(open_page(ada, path) for path in paths))

    assert [status for status, _, _ in answers] == [200] * PARALLEL
    # Each renewal signs a token of its own.
    assert len({cookies["abdre_access"] for _, _, cookies in answers}) == 1
    assert len({cookies["abdre_refresh"] for _, _, cookies in answers}) == 1
    ada.token = answers[0][2]["abdre_access"]
    assert (await ada.get("/api/users/me")).status == 200


async def test_an_ended_session_leads_to_the_login_which_leads_back(town: Town):
    ada = await town.member("ada")
    chat = await ada.must("POST", "/api/chats", {"kind": "group", "title": "Tea"})
    page = f"/chats/{chat['id']}?before=5"
    await ada.must("POST", "/api/auth/logout")

    status, location, cookies = await open_page(ada, page)

    assert (status, location) == (303, f"/login?next={quote(page, safe='')}")
    assert cookies["abdre_access"] == cookies["abdre_refresh"] == ""
