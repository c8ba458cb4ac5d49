"""Where Redis is, read from REDIS_URL; what we would not follow is refused, not passed over."""

import ssl
from dataclasses import dataclass
from functools import cached_property
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

DEFAULT_PORT = 6379
# redis-py, which keeps the store, understands them as well. A private authority is the one that operators need.
OPTIONS = {"db", "ssl_ca_certs"}


class AddressProblem(ValueError):
    """In words that quote nothing of the address: where it is mistyped, anything in it may be of the password."""


@dataclass(frozen=True)
class RedisAddress:
    host: str = ""
    port: int = DEFAULT_PORT
    path: str = ""  # of a Unix socket, instead of host and port
    username: str = ""
    password: str = ""
    is_encrypted: bool = False
    ca_file: str = ""

    def __str__(self) -> str:
        """For logs: without the password."""
        return self.path or f"{self.host}:{self.port}"

    @classmethod
    def parse(cls, url: str) -> Self:
        """Raises ValueError. Database numbers are checked and left out: channels are the same in all of them."""
        parts = urlsplit(url)
        options = dict(parse_qsl(parts.query, keep_blank_values=True))
        if options.keys() - OPTIONS:
            raise AddressProblem(f"the only options are {', '.join(sorted(OPTIONS))}")
        if parts.fragment:
            raise AddressProblem("a # in the password is written %23")
        username, password = unquote(parts.username or ""), unquote(parts.password or "")
        if parts.scheme == "unix":
            _check_number(options.get("db", ""))
            path = _path_of(unquote(parts.path), host=parts.netloc.rpartition("@")[2])
            return cls(path=path, username=username, password=password)
        if parts.scheme not in ("redis", "rediss"):
            raise AddressProblem("it begins with redis://, rediss:// or unix://")
        _check_number(options.get("db") or parts.path.strip("/"))
        ca_file = options.get("ssl_ca_certs", "")
        if ca_file and parts.scheme != "rediss":
            raise AddressProblem("ssl_ca_certs is for rediss://")
        return cls(
            host=unquote(parts.hostname or "localhost"),
            port=parts.port or DEFAULT_PORT,
            username=username,
            password=password,
            is_encrypted=parts.scheme == "rediss",
            ca_file=ca_file,
        )

    @cached_property
    def tls(self) -> ssl.SSLContext | None:
        """Raises OSError if the authority's file cannot be read."""
        return ssl.create_default_context(cafile=self.ca_file or None) if self.is_encrypted else None


def _path_of(path: str, *, host: str) -> str:
    if host or not path.strip("/"):
        raise AddressProblem("a socket is written unix:///path")
    return path


def _check_number(text: str) -> None:
    if text and not text.isdecimal():
        raise AddressProblem("the database must be a number")
