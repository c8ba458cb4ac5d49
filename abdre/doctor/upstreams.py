"""The services behind the gateway: does each answer, is it ready, and do its tokens open here?"""

import json
from collections.abc import Iterator
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

from django.conf import settings

from abdre.doctor.findings import Finding
from abdre.keys import load_jwks
from abdre.service_client import CLOSED

CHECK = "upstreams"
WITHIN_S = 3
KEYS = "/api/auth/.well-known/jwks.json"


def look() -> Iterator[Finding]:
    for name, addresses in settings.UPSTREAMS.items():
        for address in addresses:
            yield from _service(name, address)
    yield from _breakers()


def _breakers() -> Iterator[Finding]:
    """Of the gateway that runs beside this command, if one does."""
    try:
        with _readiness() as answer:
            told: dict[str, Any] = json.load(answer)
    except (OSError, HTTPException, ValueError):
        return
    for name, states in told.get("upstreams", {}).items():
        for address, state in states.items():
            if state != CLOSED:
                what = f"The gateway's breaker before {name} at {address} is {state}: people are told to come back"
                yield Finding(CHECK, "wrong", what, "Look into that service; it closes by itself ten seconds after")


def _readiness() -> Any:
    try:
        return urlopen(f"http://127.0.0.1:{settings.PORT}/readyz", timeout=WITHIN_S)
    except HTTPError as unready:  # an answer too, with the breakers in it
        return unready


def _service(name: str, address: str) -> Iterator[Finding]:
    variable = f"ABDRE_{name.upper()}_URL"
    try:
        lacks = _lacks(address)
        if name == "auth" and not lacks:
            yield from _tokens(address)
    except (OSError, HTTPException, ValueError) as problem:
        yield Finding(
            CHECK, "wrong", f"{name} does not answer at {address}: {problem}", f"Start it, or put {variable} right"
        )
        return
    if lacks:
        yield Finding(
            CHECK, "wrong", f"{name} at {address} is not ready: {lacks}", f"Run doctor as {name}_svc.settings"
        )


def _lacks(address: str) -> str:
    try:
        with urlopen(f"{address}/readyz", timeout=WITHIN_S):  # noqa: S310  # checked to be http(s) by the settings
            return ""
    except HTTPError as answer:
        with answer:
            told: dict[str, Any] = json.load(answer) if answer.code == 503 else {}
        checks = told.get("checks", {})
        return ", ".join(f"{check} {said}" for check, said in checks.items() if said != "ok") or f"HTTP {answer.code}"


def _tokens(address: str) -> Iterator[Finding]:
    with urlopen(f"{address}{KEYS}", timeout=WITHIN_S) as answer:  # noqa: S310  # as above
        theirs = load_jwks(json.load(answer))
    if unknown := theirs.keys() - load_jwks(settings.VERIFYING_JWKS).keys():
        yield Finding(
            CHECK,
            "wrong",
            f"auth publishes the key {', '.join(sorted(unknown))}, which ABDRE_VERIFYING_KEYS does not hold",
            "Give every role the verifying.json that belongs to auth's signing.pem",
        )
