"""The committed schema of the API is what the code says: `python -m deploy.ci.schema`; `--write` writes it anew."""

import sys
from difflib import unified_diff
from io import StringIO

import django
from django.core.management import CommandError, call_command

from deploy.ci.jobs import ROOT

COMMITTED = ROOT / "abdre/docs/openapi.json"
SHOWN_LINES = 40


def generated() -> str:
    """Raises CommandError where drf-spectacular has a doubt, or the outcome is no OpenAPI."""
    written = StringIO()
    call_command("spectacular", format="openapi-json", validate=True, fail_on_warn=True, stdout=written)
    return written.getvalue()


def difference(committed: str, now: str) -> str:
    lines = unified_diff(committed.splitlines(), now.splitlines(), "committed", "the code", lineterm="")
    return "\n".join(list(lines)[:SHOWN_LINES])


def main() -> int:
    django.setup()
    try:
        now = generated()
    except CommandError as problem:
        print(problem)
        return 1
    if "--write" in sys.argv:
        COMMITTED.write_text(now)
    elif changed := difference(COMMITTED.read_text(), now):
        print(f"{COMMITTED.relative_to(ROOT)} is not what the code says; `make schema` writes it anew\n{changed}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
