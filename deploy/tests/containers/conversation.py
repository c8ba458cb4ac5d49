"""From somebody's screen to somebody else's phone, and a few words: what has to work wherever the house runs."""

import io
from dataclasses import dataclass

import zxingcpp
from PIL import Image

from deploy.tests.people import Person, Town


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
    at_ada, at_guest = await town.socket(ada), await town.socket(guest)
    await at_ada.send(chat, "Table 4?")
    await at_guest.heard("Table 4?")
    await guest.write(chat, "Coming")
    await at_ada.heard("Table 4?", "Coming")
    return Talk(chat, ada, guest)


async def scanned(host: Person, path: str) -> str:
    """The token in the picture of a code, as a camera reads it."""
    async with host.http.get(host.base + path, headers={"Authorization": f"Bearer {host.token}"}) as response:
        assert response.status == 200
        picture = Image.open(io.BytesIO(await response.read()))
    (code,) = zxingcpp.read_barcodes(picture)
    return str(code.text).rpartition("/join/")[2]
