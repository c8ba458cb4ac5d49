"""From somebody's screen to somebody else's phone, and a few words: what has to work wherever the house runs."""

import io
from dataclasses import dataclass

import zxingcpp
from PIL import Image

from deploy.tests.people import Person, Socket, Town

COMES_BACK = 5


@dataclass(frozen=True)
class Talk:
    chat: str
    ada: Person
    guest: Person


async def talk(town: Town) -> Talk:
    """Ada shows a code; a guest scans it, comes in, and both hear each other."""
    ada = await town.guest("Ada")
    chat = await ada.start_chat("Lunch")
    invitation = await ada.invite(chat)
    guest = await town.guest_by_code("Bob", await scanned(ada, invitation["qr_png"]))
    at_ada, at_guest = await connected(town, ada), await connected(town, guest)
    await at_ada.send(chat, "Table 4?")
    await at_guest.heard("Table 4?")
    await guest.write(chat, "Coming")
    await at_ada.heard("Table 4?", "Coming")
    return Talk(chat, ada, guest)


async def connected(town: Town, person: Person) -> Socket:
    """As clients do: who is told to come back (4001) comes back, and finds whoever else is there."""
    for _ in range(COMES_BACK):
        try:
            return await town.socket(person)
        except AssertionError as problem:
            if "closed with 4001" not in str(problem):
                raise
    return await town.socket(person)


async def scanned(host: Person, path: str) -> str:
    """The token in the picture of a code, as a camera reads it."""
    async with host.http.get(host.base + path, headers={"Authorization": f"Bearer {host.token}"}) as response:
        assert response.status == 200
        picture = Image.open(io.BytesIO(await response.read()))
    (code,) = zxingcpp.read_barcodes(picture)
    return str(code.text).rpartition("/join/")[2]
