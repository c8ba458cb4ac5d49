"""The address that other people's devices reach us by; what a QR code must hold."""

import ipaddress
import socket
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

# TEST-NET-1 (RFC 5737): choosing a route to it sends nothing.
NOWHERE = ("192.0.2.1", 9)


def public_origin(request: HttpRequest) -> str:
    """`scheme://host[:port]`: the operator's setting, else as the request came.

    Who opened `localhost` shows codes with this machine's address in its own network, since a phone's localhost is
    the phone.
    """
    if settings.PUBLIC_ORIGIN:
        return str(settings.PUBLIC_ORIGIN)
    host, colon, port = request.get_host().rpartition(":")
    if not colon or port.endswith("]"):
        host, port = request.get_host(), ""
    if settings.OFFER_LAN_ADDRESS and _is_loopback(host):
        host = lan_address() or host
    return f"{request.scheme}://{host}{':' + port if port else ''}"


def page_origin(request: HttpRequest) -> str:
    """`scheme://host[:port]` of the pages as this browser has them open, localhost too."""
    return str(settings.PUBLIC_ORIGIN) or f"{request.scheme}://{request.get_host()}"


def netloc_of(url: str) -> str:
    """`host[:port]` of what a browser says an address is; empty where it is none."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


@cache
def lan_address() -> str:
    """This machine's address in its network, empty when it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(NOWHERE)
        except OSError:
            return ""
        address = str(probe.getsockname()[0])
    return "" if ipaddress.ip_address(address).is_loopback else address
