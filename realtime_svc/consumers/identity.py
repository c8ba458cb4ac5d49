"""Who opens a socket, and whether a page of ours does."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http.cookie import parse_cookie

from abdre.origin import netloc_of
from abdre.tokens import ACCESS_COOKIE

BEARER_PROTOCOL = "bearer."  # browsers cannot set headers on a socket, but they can offer subprotocols


@dataclass(frozen=True)
class Credentials:
    token: str
    by_cookie: bool  # the browser renews it; an API client must bring a new one


def credentials(scope: Any) -> Credentials | None:
    """`Authorization` wins, then `bearer.<access>`, then the cookie."""
    headers = headers_of(scope)
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return Credentials(token.strip(), by_cookie=False)
    for offered in scope.get("subprotocols", []):
        if offered.startswith(BEARER_PROTOCOL):
            return Credentials(offered.removeprefix(BEARER_PROTOCOL), by_cookie=False)
    cookie = parse_cookie(headers.get("cookie", "")).get(ACCESS_COOKIE)
    return Credentials(cookie, by_cookie=True) if cookie else None


def is_own_page(scope: Any) -> bool:
    """Whether the page that opens the socket is ours; programs name no page.

    Without this any site could open a socket with the visitor's cookie: sockets know no same-origin policy.
    """
    headers = headers_of(scope)
    origin = headers.get("origin")
    if origin is None:
        return True
    if origin == settings.PUBLIC_ORIGIN:
        return True
    scheme, netloc = origin.partition("://")[0], netloc_of(origin)
    return bool(netloc) and _with_port(netloc, scheme) == _with_port(headers.get("host", ""), scheme)


def _with_port(host: str, scheme: str) -> str:
    """`host:port`, the scheme's own port written out, so that both spellings are one."""
    has_port = host.rpartition(":")[2].isdigit()
    return host.lower() if has_port else f"{host.lower()}:{443 if scheme == 'https' else 80}"


def headers_of(scope: Any) -> dict[str, str]:
    """By lower-case name; browsers may send several `Cookie` headers over HTTP/2 proxies, which belong together."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope.get("headers", []):
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}; {value}" if name == "cookie" and name in headers else value
    return headers
