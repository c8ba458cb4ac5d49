"""Passkeys of API clients: added, and shown, as a browser's script would."""

from typing import Any

from abdre.tests.authenticator import Authenticator
from deploy.tests.people import Person

PASSKEYS = "/api/auth/passkeys"


async def add_passkey(person: Person) -> Authenticator:
    passkey = Authenticator(person.base)
    asked = await person.must("POST", f"{PASSKEYS}/options")
    credential = passkey.create(asked["options"])
    await person.must("POST", PASSKEYS, {"name": "Key", "credential": credential, "state": asked["state"]})
    return passkey


async def answer_of(person: Person, passkey: Authenticator) -> dict[str, Any]:
    """What shows the passkey, fresh."""
    asked = await person.must("POST", "/api/auth/login/passkey/options")
    return {"credential": passkey.show(asked["options"]), "state": asked["state"]}
