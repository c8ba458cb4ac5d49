"""A login that is no OpenID Connect, enabled by settings alone: GitHub, played by a server of the test's own."""

from uuid import uuid4

import pytest

from deploy.tests.github import GitHub
from deploy.tests.people import Person, Town
from deploy.tests.provider import Provider, Visitor

pytestmark = pytest.mark.http


async def comes(town: Town) -> tuple[Visitor, str]:
    visitor = Visitor(town.base)
    return visitor, await visitor.come_in("github")


def person_at(town: Town, visitor: Visitor) -> Person:
    person = town.nobody()
    person.token = visitor.cookie("abdre_access")
    return person


async def test_the_same_account_there_is_the_same_person_here_whatever_it_is_called(town: Town, github: GitHub):
    number = uuid4().int % 10**9
    login = f"octo-{number}"
    github.visited_by(login, number, email=f"{login}@example.org")
    first, end = await comes(town)
    github.visited_by(f"{login}-renamed", number, email=f"{login}@elsewhere.example.org")
    again, _ = await comes(town)

    me = (await person_at(town, first).get("/api/users/me")).body
    assert end == "/chats"
    assert (me["username"], me["email"], me["is_guest"]) == (login, f"{login}@example.org", False)
    assert (await person_at(town, again).get("/api/users/me")).body["id"] == me["id"]
    [linked] = (await person_at(town, first).get("/api/oauth/accounts")).body["items"]
    assert (linked["provider_name"], linked["name"]) == ("GitHub", f"{login}@elsewhere.example.org")


async def test_an_address_that_is_not_verified_there_is_not_kept(town: Town, github: GitHub):
    number = uuid4().int % 10**9
    github.visited_by(f"octo-{number}", number, email=f"{number}@example.org", verified=False)

    visitor, _ = await comes(town)

    assert (await person_at(town, visitor).get("/api/users/me")).body["email"] is None


async def test_an_address_of_somebody_here_opens_nothing(town: Town, github: GitHub, provider: Provider):
    number = uuid4().int % 10**9
    address = f"{number}@example.org"
    await Visitor(town.base).come_in("example", provider.knows_somebody(email=address, email_verified=True))
    github.visited_by(f"octo-{number}", number, email=address)

    _, end = await comes(town)

    assert end.startswith("/login?")
    assert end.endswith("problem=email_in_use")


async def test_one_number_at_two_providers_is_two_people(town: Town, github: GitHub, provider: Provider):
    number = uuid4().int % 10**9
    github.visited_by(f"octo-{number}", number, email="")
    there, elsewhere = Visitor(town.base), Visitor(town.base)

    await there.come_in("github")
    await elsewhere.come_in("example", provider.knows(str(number)))

    people = [(await person_at(town, visitor).get("/api/users/me")).body["id"] for visitor in (there, elsewhere)]
    assert people[0] != people[1]
