"""The environment: names that nobody reads, and values that contradict each other."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from abdre.doctor.findings import Finding

CHECK = "environment"
ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r'\benv\.\w+\(\s*"([A-Z][A-Z0-9_]+)"')
# Read beside the settings: by Django, by the servers, by create_admin, by tests.
ELSEWHERE = {"DJANGO_SETTINGS_MODULE", "WEB_CONCURRENCY", "HOST", "ABDRE_ADMIN_PASSWORD", "ABDRE_TEST_SQLITE"}
OURS = "ABDRE_"
# A wrong guess about somebody else's variable is worse than none.
CLOSE, SHORTEST = 0.85, 8
# The first means nothing without the second.
NEEDS = (
    ("EMAIL_HOST_USER", "EMAIL_HOST"),
    ("EMAIL_HOST_PASSWORD", "EMAIL_HOST_USER"),
    ("ABDRE_S3_ENDPOINT", "ABDRE_S3_BUCKET"),
    ("ABDRE_S3_ACCESS_KEY", "ABDRE_S3_BUCKET"),
    ("ABDRE_S3_SECRET_KEY", "ABDRE_S3_ACCESS_KEY"),
    ("ABDRE_GOOGLE_CLIENT_SECRET", "ABDRE_GOOGLE_CLIENT_ID"),
)


@cache
def known() -> frozenset[str]:
    """Every variable that any role reads, as the code says it."""
    files = [*ROOT.glob("abdre/**/*.py"), *ROOT.glob("*_svc/settings.py")]
    code = "".join(path.read_text(encoding="utf-8") for path in files if "tests" not in path.parts)
    return frozenset({*READ.findall(code), *ELSEWHERE})


def look(environment: Mapping[str, str]) -> Iterator[Finding]:
    yield from _unknown(environment)
    yield from _given_twice(environment)
    for name, needed in NEEDS:
        if _is_given(name, environment) and not _is_given(needed, environment):
            yield Finding(CHECK, "wrong", f"{name} is set and {needed} is not", f"Set {needed}, or take {name} away")
    if environment.get("ABDRE_ADMIN_PASSWORD"):
        yield Finding(
            CHECK,
            "note",
            "ABDRE_ADMIN_PASSWORD is still in the environment",
            "create_admin alone needs it: take it away",
        )


def _is_given(name: str, environment: Mapping[str, str]) -> bool:
    return bool(environment.get(name) or environment.get(f"{name}_FILE"))


def _unknown(environment: Mapping[str, str]) -> Iterator[Finding]:
    for name in sorted(environment):
        plain = name.removesuffix("_FILE")
        if plain in known() or name in known():
            continue
        meant = get_close_matches(plain, known(), n=1, cutoff=CLOSE) if len(plain) >= SHORTEST else []
        if meant:
            right = meant[0] + name.removeprefix(plain)
            yield Finding(CHECK, "wrong", f"{name} is read by nobody", f"Probably {right} is meant: rename it")
        elif name.startswith(OURS):
            yield Finding(CHECK, "wrong", f"{name} is read by nobody", "Take it away, or see operations.md, Settings")


def _given_twice(environment: Mapping[str, str]) -> Iterator[Finding]:
    for name in sorted(known()):
        if name in environment and environment.get(f"{name}_FILE"):
            yield Finding(
                CHECK,
                "wrong",
                f"{name} and {name}_FILE are both set, and the file is not read",
                f"Take one away: {name} wins, even when it is empty",
            )
