"""The first page of the admin: what all processes of the house have counted, and that each of them lives."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest
from lxml import html

from deploy.tests.conftest import House
from deploy.tests.passkeys import add_passkey
from deploy.tests.people import Person, Town

pytestmark = pytest.mark.split

PASSWORD = "long enough, and not common"
WITHIN_S = 30


async def staff(town: Town, house: House) -> Person:
    login = f"staff-{uuid4().hex[:8]}"
    await asyncio.to_thread(house.create_admin, login, PASSWORD)
    person = town.nobody()
    person.signed_in_by(await person.must("POST", "/api/auth/login", {"login": login, "password": PASSWORD}))
    await add_passkey(person)
    return person


async def dashboard(person: Person) -> html.HtmlElement:
    answer = await person.get("/admin/", Cookie=f"abdre_access={person.token}", Authorization="")
    assert answer.status == 200, answer.body
    return html.fromstring(answer.body)


async def until(person: Person, fact: Callable[[html.HtmlElement], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not fact(await dashboard(person)):
            await asyncio.sleep(0.25)  # other processes tell it, which can only be looked at


def total(page: html.HtmlElement, title: str) -> int:
    (number,) = page.xpath(f"//*[h2[normalize-space()='{title}']]//*[@class='tile__number']")
    return int(number.text.replace(",", ""))


def states(page: html.HtmlElement) -> dict[str, str]:
    lines = page.xpath("//section[h2[.='Services']]//li")
    return {line.findtext("p").split()[0]: line.findtext("span") for line in lines}


async def test_what_each_process_has_counted_is_summed_and_each_is_heard_of(town: Town, house: House):
    ada, admin = await town.member("Ada"), await staff(town, house)
    chat = await ada.start_chat("Lunch")
    before = await dashboard(admin)

    at_ada = await town.socket(ada, house.doors[-1])
    await at_ada.send(chat, "by a socket, stored by realtime")
    await ada.write(chat, "by a request, stored by chat")
    await town.nobody().post("/api/auth/login", {"login": ada.name, "password": "wrong"})
    await town.guest("Zoe")

    def has_come(page: html.HtmlElement) -> bool:
        return (
            total(page, "Messages") >= total(before, "Messages") + 2
            and total(page, "Failed logins") >= total(before, "Failed logins") + 1
            and total(page, "Sign-ups") >= total(before, "Sign-ups") + 1
            and total(page, "People online") >= 1
            and states(page) == dict.fromkeys(states(page), "ready")
        )

    await until(admin, has_come)
    assert {"gateway", "auth", "user", "oauth", "chat", "realtime", "worker"} == set(states(await dashboard(admin)))
