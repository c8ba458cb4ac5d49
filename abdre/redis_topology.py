"""What stands behind REDIS_URL: one server, a master that Sentinel looks after, or a cluster."""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Self
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from abdre.redis_address import AddressProblem, RedisAddress

SENTINEL_PORT = 26379
HOSTS_END = re.compile("[/?#]")
SENTINEL_OPTIONS = {"sentinel_username", "sentinel_password"}


class Kind(StrEnum):
    SERVER = ""
    SENTINEL = "+sentinel"
    CLUSTER = "+cluster"


@dataclass(frozen=True)
class RedisTopology:
    kind: Kind
    # The server; of a cluster some of its nodes, any of which tells of the others; with Sentinel the sentinels.
    nodes: tuple[RedisAddress, ...]
    master_name: str = ""  # as the sentinels call it
    # How to speak with the master, wherever it is: the sentinels have a password of their own, or none.
    master: RedisAddress = field(default_factory=RedisAddress)

    @classmethod
    def parse(cls, url: str) -> Self:
        """Raises ValueError."""
        begin, _, rest = url.partition("://")
        scheme, plus, kind = begin.lower().partition("+")
        if not plus:
            return cls(Kind.SERVER, (RedisAddress.parse(url),))
        if scheme not in ("redis", "rediss") or f"+{kind}" not in (Kind.SENTINEL, Kind.CLUSTER):
            raise AddressProblem("it begins with redis+sentinel://, redis+cluster://, or the same with rediss")
        # Several hosts, one of them an IPv6 address, are no URL to newer Pythons.
        netloc = HOSTS_END.split(rest, maxsplit=1)[0]
        parts = urlsplit(f"redis://{rest.removeprefix(netloc)}")
        if parts.fragment:
            raise AddressProblem("a # in the password is written %23")
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        name = unquote(parts.path.strip("/"))
        if f"+{kind}" == Kind.SENTINEL:
            own = {key: options.pop(key, "") for key in SENTINEL_OPTIONS}
            return cls._of_sentinel(scheme, netloc, name, options, own)
        if name:
            raise AddressProblem("a cluster has one database only: nothing stands after its nodes")
        return cls(Kind.CLUSTER, _addresses(scheme, netloc, options))

    @classmethod
    def _of_sentinel(cls, scheme: str, netloc: str, name: str, options: dict[str, str], own: dict[str, str]) -> Self:
        if not name or "/" in name:
            raise AddressProblem("the master's name stands after the sentinels: redis+sentinel://one,two,three/NAME")
        listed = _addresses(scheme, netloc, options, default_port=SENTINEL_PORT)
        sentinels = tuple(
            replace(one, username=own["sentinel_username"], password=own["sentinel_password"]) for one in listed
        )
        return cls(Kind.SENTINEL, sentinels, name, replace(listed[0], host="", port=0))


def _addresses(
    scheme: str, netloc: str, options: dict[str, str], *, default_port: int | None = None
) -> tuple[RedisAddress, ...]:
    who, at, hosts = netloc.rpartition("@")
    if not all(hosts.split(",")):
        raise AddressProblem("hosts stand with commas between them, and none of them is empty")
    if "db" in options:
        raise AddressProblem("there is no option db")
    query = f"?{urlencode(options)}" if options else ""
    found = [RedisAddress.parse(f"{scheme}://{who}{at}{host}{query}") for host in hosts.split(",")]
    if default_port is None:
        return tuple(found)
    ports = [urlsplit(f"//{host}").port or default_port for host in hosts.split(",")]
    return tuple(replace(one, port=port) for one, port in zip(found, ports, strict=True))


def client_options(address: RedisAddress) -> dict[str, Any]:
    """The same for redis-py, but for the place itself."""
    options: dict[str, Any] = {"username": address.username or None, "password": address.password or None}
    if address.is_encrypted:
        options |= {"ssl": True, "ssl_ca_certs": address.ca_file or None}
    return options
