"""What pages and modules name is kept by browsers for ever, whichever role serves it, and nobody prepared it."""

import re
from urllib.parse import urljoin

import pytest

from deploy.tests.conftest import House
from deploy.tests.people import Person, Town

pytestmark = pytest.mark.http

FOR_EVER = "public, max-age=31536000, immutable"
NAMED = re.compile(r'\b(?:src|href)="(/static/[^"#]+)')
IMPORTED = re.compile(r'^(?:import|export)\b[^"]*"(\./[^"]+)";|await import\("(\./[^"]+)"\)', re.MULTILINE)


async def named_by(person: Person, *pages: str) -> set[str]:
    found: set[str] = set()
    for page in pages:
        answer = await person.get(page, Cookie=f"abdre_access={person.token}", Authorization="")
        named = set(NAMED.findall(answer.body))
        assert named, f"{page}: {answer.status} {answer.body[:200]}"
        found |= named
    return found


async def all_kept_for_ever(person: Person, paths: set[str]) -> set[str]:
    """These and what they import; fails where one of them is not there, or may not be kept."""
    seen: set[str] = set()
    while waiting := paths - seen:
        for path in waiting:
            async with person.http.get(person.base + path) as response:
                assert (response.status, response.headers.get("Cache-Control")) == (200, FOR_EVER), path
                if path.endswith(".js"):
                    imported = IMPORTED.findall(await response.text())
                    paths = paths | {urljoin(path, still or later) for still, later in imported}
        seen |= waiting
    return seen


async def test_all_that_the_pages_need_may_be_kept_for_ever(town: Town):
    ada = await town.member("Ada")
    chat = await ada.start_chat("Lunch")
    invitation = await ada.invite(chat)
    inside = [f"/chats/{chat}", f"/chats/{chat}/settings", f"/chats/{chat}/invitations/{invitation['id']}"]

    named = await named_by(ada, "/chats", "/profile", "/sessions", "/nowhere", *inside)
    named |= await named_by(
        town.nobody(), "/", "/login", "/register", "/offline", f"/join/{invitation['token']}", "/join/nothing"
    )

    assert len(await all_kept_for_ever(ada, named)) > 80


async def test_the_admins_files_come_from_the_role_that_has_them(town: Town):
    ada = await town.member("Ada")

    named = await named_by(ada, "/admin/")

    assert any(path.startswith("/static/css/admin/shell.") for path in named)
    await all_kept_for_ever(ada, named)
    async with town.http.get(f"{ada.base}/static/admin/js/actions.js") as djangos:
        assert djangos.status == 200


async def test_a_file_has_the_same_name_in_each_role_that_has_it(town: Town, house: House):
    (name,) = {path for path in await named_by(town.nobody(), "/") if path.startswith("/static/css/tokens.")}
    auth = house.stack.all_of("auth")[0].url if house.stack else house.url

    async with town.http.get(auth + name) as response:
        assert response.headers["Cache-Control"] == FOR_EVER
