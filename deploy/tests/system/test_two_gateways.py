"""Two tabs, two gateways and a lost answer renew one session at once: nobody is signed out. A thief, later, is."""

import asyncio
from collections.abc import Iterator
from http.cookies import SimpleCookie

import pytest
from websockets.asyncio.client import connect

from deploy.ci.stack import Role
from deploy.tests.conftest import House
from deploy.tests.people import SUBPROTOCOL, TIMEOUT, Person, Town

pytestmark = pytest.mark.split
TABS = 10
ROUNDS = 5
# Within ten seconds a repeat is taken for a second tab; a little more, since the clock starts with the first answer.
GRACE_IS_OVER_S = 10.5


@pytest.fixture(scope="module")
def gateways(house: House) -> Iterator[list[str]]:
    """Two processes with one Redis, as an operator's edge would have behind it."""
    assert house.stack
    (first,) = house.stack.all_of("gateway")
    with Role("gateway", first.environment) as second:
        yield [first.url, second.url]


async def renewed_by(person: Person, gateway: str, secret: str, path: str = "/api/users/me") -> tuple[int, str]:
    """A browser whose access cookie has expired: the status, and the refresh cookie that it holds afterwards."""
    headers = {"Cookie": f"abdre_refresh={secret}", "X-Forwarded-For": person.address}
    async with person.http.get(gateway + path, headers=headers, allow_redirects=False, timeout=TIMEOUT) as answer:
        return answer.status, cookies_in(answer.headers.getall("Set-Cookie", [])).get("abdre_refresh", secret)


async def socket_renewed_by(person: Person, gateway: str, secret: str) -> tuple[int, str]:
    url = gateway.replace("http", "ws") + "/ws"
    headers = {"Cookie": f"abdre_refresh={secret}", "X-Forwarded-For": person.address}
    async with connect(url, subprotocols=[SUBPROTOCOL], additional_headers=headers, proxy=None) as socket:  # type: ignore[list-item]
        assert '"hello"' in str(await asyncio.wait_for(socket.recv(), 5))
        assert socket.response is not None
        given = cookies_in(socket.response.headers.get_all("Set-Cookie"))
        return 200, given["abdre_refresh"]


def cookies_in(lines: list[str]) -> dict[str, str]:
    jar = SimpleCookie()
    for line in lines:
        jar.load(line)
    return {name: morsel.value for name, morsel in jar.items()}


async def lose_the_answer(person: Person, gateway: str, secret: str) -> None:
    """The session is renewed, and the line breaks with the first byte of the answer."""
    host, _, port = gateway.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = f"GET /api/users/me HTTP/1.1\r\nHost: {host}\r\nCookie: abdre_refresh={secret}\r\n"
    writer.write(f"{head}X-Forwarded-For: {person.address}\r\n\r\n".encode())
    assert await asyncio.wait_for(reader.read(1), 5)
    writer.transport.abort()


async def test_two_tabs_and_two_gateways_and_a_lost_answer_sign_nobody_out(town: Town, gateways: list[str]):
    ada = await town.guest("Ada")
    secret = ada.refresh_token

    for _ in range(ROUNDS):
        tabs = [renewed_by(ada, gateway, secret) for gateway in gateways for _ in range(TABS)]
        sockets = [socket_renewed_by(ada, gateway, secret) for gateway in gateways]
        lost = [lose_the_answer(ada, gateway, secret) for gateway in gateways]
        *outcomes, _, _ = await asyncio.gather(*tabs, *sockets, *lost)

        assert {status for status, _ in outcomes} == {200}  # type: ignore[misc]
        (successor,) = {held for _, held in outcomes}  # type: ignore[misc]
        assert successor != secret
        secret = successor


async def test_an_answer_that_was_lost_is_had_again_at_the_other_gateway(town: Town, gateways: list[str]):
    ada = await town.guest("Ada")
    await lose_the_answer(ada, gateways[0], ada.refresh_token)

    status, secret = await renewed_by(ada, gateways[1], ada.refresh_token)

    assert status == 200
    assert (await renewed_by(ada, gateways[0], secret))[0] == 200


async def test_a_stolen_secret_used_later_ends_the_session_at_both_gateways(
    town: Town, house: House, gateways: list[str]
):
    ada = await town.guest("Ada")
    stolen = ada.refresh_token
    sockets = [await town.socket(ada, door) for door in house.doors]
    _, secret = await renewed_by(ada, gateways[0], stolen)
    await asyncio.sleep(GRACE_IS_OVER_S)

    assert await renewed_by(ada, gateways[1], stolen, "/chats") == (303, "")

    for socket in sockets:
        assert await socket.closed(within_s=2) == 4504
    assert (await ada.get("/api/users/me")).status == 401
    for gateway in gateways:
        assert await renewed_by(ada, gateway, secret) == (401, "")
