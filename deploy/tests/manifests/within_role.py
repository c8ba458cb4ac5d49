"""What roles make of their environments: reads a JSON list of jobs `{environment, host, paths}`, writes one of answers.

Each is answered in a process of its own, which has the job's environment and nothing else: the role's facts, or
`{"problem": …}`. Every view in `paths` has to exist, and `/livez` is asked by the name `host`.
"""

import asyncio
import json
import os
import re
import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))

# Read no settings, and take half the time of a start: so they are here before the processes part.
SHARED = [
    *("django.contrib.admin.options", "django.core.management", "django.db", "django.forms", "django.http"),
    *("aiohttp", "channels", "cryptography.x509", "jwt", "psycopg", "psycopg_pool", "redis.asyncio", "uvicorn"),
]


def main() -> None:
    jobs = json.load(sys.stdin)
    for module in SHARED:
        import_module(module)
    json.dump([_apart(job) for job in jobs], sys.stdout)


def _apart(job: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    if not os.fork():
        with os.fdopen(writing, "w") as answer:
            json.dump(_answer(job), answer)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.wait()
    facts: dict[str, Any] = json.loads(text)
    return facts


def _answer(job: dict[str, Any]) -> dict[str, Any]:
    os.environ.clear()
    os.environ.update(job["environment"])
    try:
        return facts_of_role(job["host"], job["paths"])
    except (Exception, SystemExit):  # noqa: BLE001  # told to whoever asked
        return {"problem": traceback.format_exc()}


def facts_of_role(host: str, paths: list[str]) -> dict[str, Any]:
    import django

    django.setup()

    from django.conf import settings
    from django.core.management import call_command
    from django.urls import resolve

    # Over plain http, which compose begins with, cookies cannot be Secure, and --deploy says so.
    call_command("check", deploy=settings.SECURE_ORIGIN, fail_level="WARNING", stdout=sys.stderr)
    return {
        "role": settings.ROLE,
        "port": settings.PORT,
        "origin": settings.PUBLIC_ORIGIN,
        "deployable": settings.SECURE_ORIGIN,
        "upstreams": settings.UPSTREAMS,
        "has_tables": "DATABASE_URL" in os.environ or "DATABASE_URL_FILE" in os.environ,
        "signs": bool(settings.SIGNING_PEM),
        "views": {path: resolve(path).func.__name__ for path in paths},
        "livez": asyncio.run(status_of("/livez", host)),
        "modules": sorted(_ours()),
    }


def _ours() -> set[str]:
    """What is imported by now; commands are looked for by the check, and by nobody who serves."""
    return {name for name in sys.modules if re.match(r"abdre\b|\w+_svc\b", name) and ".management" not in name}


async def status_of(path: str, host: str) -> int:
    """Asked through everything that stands before Django."""
    from asgiref.testing import ApplicationCommunicator

    from abdre.asgi import application

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [(b"host", host.encode())]}
    communicator = ApplicationCommunicator(application, {**scope, "scheme": "http"})
    await communicator.send_input({"type": "http.request"})
    start = await communicator.receive_output(timeout=10)
    return int(start["status"])


if __name__ == "__main__":
    main()
