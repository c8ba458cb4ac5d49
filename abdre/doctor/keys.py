"""The keys: who can read them, and do they fit together?"""

import json
import stat
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from abdre.doctor.findings import Finding
from abdre.keys import load_jwks, load_signing_keys
from abdre.push_key import load_push_key
from abdre.settings import env

CHECK = "keys"
SECRETS = ("SECRET_KEY", "ABDRE_SIGNING_KEYS", "ABDRE_PUSH_KEY", "DATABASE_URL", "ABDRE_MIGRATION_DATABASE_URL")
FEWEST_LETTERS = 8


def look() -> Iterator[Finding]:
    yield from _modes()
    if len(set(settings.SECRET_KEY)) < FEWEST_LETTERS:
        yield Finding(
            CHECK,
            "wrong",
            f"SECRET_KEY is made of {len(set(settings.SECRET_KEY))} different characters and can be guessed",
            'Make one: python -c "import secrets; print(secrets.token_urlsafe(48))"; the old one is a fallback',
        )
    yield from _signing()
    if push := getattr(settings, "PUSH_PEM", ""):
        try:
            load_push_key(push)
        except ValueError as problem:
            yield Finding(
                CHECK,
                "wrong",
                f"ABDRE_PUSH_KEY is no key for push messages: {problem}",
                "python -m abdre.push_key FOLDER makes one",
            )


def _modes() -> Iterator[Finding]:
    for name in SECRETS:
        path = env.file_of(name)
        if path and Path(path).stat().st_mode & stat.S_IRWXO:
            yield Finding(CHECK, "wrong", f"Everybody on the machine can read {path} ({name}_FILE)", f"chmod o= {path}")


def _signing() -> Iterator[Finding]:
    do = "python -m abdre.keys FOLDER makes a pair that fits; a change of keys is manage.py rotate_keys"
    try:
        signing = [key.kid for key in load_signing_keys(settings.SIGNING_PEM)] if settings.SIGNING_PEM else []
        verifying = load_jwks(_verifying())
    except ValueError as problem:
        yield Finding(CHECK, "wrong", f"The keys of access tokens are not readable: {problem}", do)
        return
    except LookupError:
        return
    if signing and signing[0] not in verifying:
        yield Finding(
            CHECK,
            "wrong",
            f"ABDRE_SIGNING_KEYS signs with {signing[0]}, which ABDRE_VERIFYING_KEYS does not know: nobody can sign in",
            do,
        )


def _verifying() -> dict[str, object]:
    """Raises LookupError where this role is not given the published set."""
    if settings.VERIFYING_JWKS:
        return settings.VERIFYING_JWKS
    if told := env.text("ABDRE_VERIFYING_KEYS"):
        found: dict[str, object] = json.loads(told)
        return found
    raise LookupError
