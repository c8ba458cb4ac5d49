"""From where somebody does what is noted with a session, or told to them in a letter."""

from dataclasses import dataclass

from django.http import HttpRequest
from rest_framework.request import Request

from abdre.limits import address_prefix


@dataclass(frozen=True)
class Device:
    """`address`: the network's prefix, not the full address."""

    user_agent: str = ""
    address: str = ""


NOWHERE = Device()  # a command, a job


def device_that_asks(request: HttpRequest | Request) -> Device:
    return Device(user_agent=request.headers.get("User-Agent", ""), address=address_prefix(request))
