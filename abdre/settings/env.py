"""The one place where the environment is read: typed, with the variable's name in every complaint."""

import ipaddress
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from abdre.redis_address import AddressProblem
from abdre.redis_topology import RedisTopology
from abdre.settings import postgres

_provided: dict[str, str] = {}


def provide(**defaults: str) -> None:
    """Give values that hold where the environment says nothing (the all-in-one makes its own keys)."""
    _provided.update(defaults)


def _raw(name: str) -> str | None:
    """`NAME`, else the content of the file that `NAME_FILE` points to, else what was provided."""
    value = os.environ.get(name)
    path = file_of(name)
    if path:
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except OSError as problem:
            raise ImproperlyConfigured(f"{name}_FILE: cannot read {path}: {problem.strerror}") from problem
    return _provided.get(name) if value is None else value


def file_of(name: str) -> str:
    """The file that `NAME` is read from; empty where the value itself is given, or nothing is."""
    if name in os.environ:
        return ""
    return os.environ.get(f"{name}_FILE") or _provided.get(f"{name}_FILE", "")


def required(name: str) -> str:
    value = _raw(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set (or {name}_FILE); this role does not start without it")
    return value


def text(name: str, default: str = "") -> str:
    value = _raw(name)
    return default if value is None else value


def secret(name: str, *, min_length: int = 32) -> str:
    value = required(name)
    if len(value) < min_length:
        raise ImproperlyConfigured(f"{name} is too short: {len(value)} characters, at least {min_length} are needed")
    return value


def boolean(name: str, *, default: bool) -> bool:
    value = text(name, str(default)).strip().lower()
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("", "0", "false", "no", "off"):
        return False
    raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}")


def integer(name: str, *, default: int, lowest: int = 0) -> int:
    value = text(name, str(default))
    try:
        number = int(value)
    except ValueError as problem:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}") from problem
    if number < lowest:
        raise ImproperlyConfigured(f"{name} must be at least {lowest}, not {number}")
    return number


def share(name: str, *, default: float) -> float:
    value = text(name, str(default))
    try:
        number = float(value)
    except ValueError as problem:
        raise ImproperlyConfigured(f"{name} must be a number from 0 to 1, not {value!r}") from problem
    if not 0 <= number <= 1:
        raise ImproperlyConfigured(f"{name} must be from 0 to 1, not {value}")
    return number


def choice(name: str, *, default: str, allowed: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
    return value


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    try:
        return [ipaddress.ip_network(word) for word in words(name)]
    except ValueError as problem:
        raise ImproperlyConfigured(f"{name} must be networks like 10.1.2.0/24, with commas: {problem}") from problem


def origin(name: str) -> str:
    """`scheme://host[:port]` without a path, or the empty string."""
    return _origin(name, text(name))


def origins(name: str) -> list[str]:
    return [_origin(name, value) for value in words(name)]


def _origin(name: str, value: str) -> str:
    value = value.rstrip("/").lower()  # as browsers name it
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query):
        raise ImproperlyConfigured(f"{name} must be like https://chat.example.org, not {value!r}")
    return value


def url(name: str, default: str = "") -> str:
    return as_url(name, text(name, default))


def as_url(name: str, value: str) -> str:
    value = value.rstrip("/")
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise ImproperlyConfigured(f"{name} must be an http(s) address, not {value!r}")
    return value


def urls(name: str, default: str) -> tuple[str, ...]:
    """Several addresses of one thing, with commas between them."""
    return tuple(as_url(name, value) for value in words(name, default) or words(name, required(name)))


def replica(name: str) -> dict[str, Any]:
    """A PostgreSQL that only reads, of several hosts rather one that does nothing else; empty if not set."""
    value = text(name)
    if value and not value.startswith(postgres.SCHEMES):
        raise ImproperlyConfigured(f"{name} must be a postgresql:// address")
    return _postgres(name, value, of_several="prefer-standby") if value else {}


def _postgres(name: str, value: str, *, of_several: str = "read-write") -> dict[str, Any]:
    try:
        return postgres.read(value, of_several=of_several)
    except ValueError as problem:
        raise ImproperlyConfigured(f"{name} is not a database address: {problem}") from problem


def database(name: str) -> dict[str, Any]:
    value = required(name)
    if value.startswith(postgres.SCHEMES):
        return _postgres(name, value)
    try:
        config: dict[str, Any] = environ.Env.db_url_config(value)
    except Exception:  # noqa: BLE001  # urllib's, of any kind, which quote parts of a password
        raise ImproperlyConfigured(f"{name} is not a database address") from None
    if config.get("ENGINE") != "django.db.backends.sqlite3":
        raise ImproperlyConfigured(f"{name} must be a postgresql:// or sqlite:// address")
    return config


def redis(name: str) -> str:
    """Without it each process would keep to itself, so only who is alone may say that there is none."""
    value = text(name) if name in _provided else required(name)
    if value:
        try:
            RedisTopology.parse(value)
        except AddressProblem as problem:
            raise ImproperlyConfigured(f"{name} must be a redis:// address: {problem}") from problem
        except ValueError:  # urllib's, which quotes parts of a password
            raise ImproperlyConfigured(
                f"{name} must be a redis:// address: its host or port is not understood; {postgres.SIGNS}"
            ) from None
    return value


def json_object(name: str) -> dict[str, Any]:
    try:
        value = json.loads(required(name))
    except ValueError as problem:
        raise ImproperlyConfigured(f"{name} is not JSON") from problem
    if not isinstance(value, dict):
        raise ImproperlyConfigured(f"{name} must be a JSON object")
    return value


def records(name: str, *, texts: tuple[str, ...], more: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """A JSON list of objects, each with all of `texts`, perhaps some of `more`, and nothing else; empty if not set."""
    try:
        value = json.loads(text(name) or "[]")
    except ValueError as problem:
        raise ImproperlyConfigured(f"{name} is not JSON") from problem
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise ImproperlyConfigured(f"{name} must be a JSON list of objects")
    for entry in value:
        if not all(isinstance(entry.get(key), str) and entry[key] for key in texts):
            raise ImproperlyConfigured(f"{name}: each entry needs {', '.join(texts)}, as texts")
        if unknown := set(entry) - {*texts, *more}:
            raise ImproperlyConfigured(f"{name}: {', '.join(sorted(unknown))} is not known there")
    return value
