"""Every address that faces people refuses what two readers may understand differently, and heads without end."""

import asyncio
from contextlib import suppress

import pytest

from deploy.tests.conftest import House

WITHIN_S = 5
# As in `test_odd_requests.py`, where the gateway is asked all of it.
SMUGGLED = b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"
H2C = b"POST /livez HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: %d\r\n\r\n%b" % (
    len(SMUGGLED),
    SMUGGLED,
)
TWO_HOSTS = b"GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"
ENDLESS = b"GET /livez HTTP/1.1\r\nHost: a\r\n" + b"X: " + b"x" * 1_000_000
IN_EACH = [pytest.param(None, marks=pytest.mark.split), pytest.param(None, marks=pytest.mark.all_in_one)]


async def answers(door: str, request: bytes) -> list[bytes]:
    """The status lines of all that is answered until the line ends, which it does soon."""
    host, _, port = door.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    said = b""
    with suppress(ConnectionError):
        async with asyncio.timeout(WITHIN_S):
            while chunk := await reader.read(65536):
                said += chunk
                if b"\r\n\r\n" in said and request is H2C:
                    await asyncio.sleep(0.5)  # for a second answer, if there is one
                    writer.write_eof()
    writer.close()
    return [line for line in said.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


@pytest.mark.parametrize("_", IN_EACH)
async def test_what_is_not_beyond_doubt_is_one_request_or_none(house: House, _: None):
    for door in house.doors:
        assert len(await answers(door, H2C)) == 1, door
        assert await answers(door, TWO_HOSTS) == [b"HTTP/1.1 400 Bad Request"], door
        # Hung up on in the middle of it, the client may lose the word; but it is hung up on.
        assert set(await answers(door, ENDLESS)) <= {b"HTTP/1.1 431 Request Header Fields Too Large"}, door
