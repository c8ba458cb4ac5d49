"""Run under a role's settings: says as JSON what the role makes of its environment, or ends with what is wrong.

`python deploy/tests/manifests/within_role.py HOST PATH...` asks each PATH's view to exist, and `/livez` to answer HOST.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

from asgiref.testing import ApplicationCommunicator

sys.path.insert(0, str(Path(__file__).parents[3]))


def main(host: str, *paths: str) -> None:
    import django

    django.setup()

    from django.conf import settings
    from django.core.management import call_command
    from django.urls import resolve

    # Over plain http, which compose begins with, cookies cannot be Secure, and --deploy says so.
    call_command("check", deploy=settings.SECURE_ORIGIN, fail_level="WARNING", stdout=sys.stderr)
    facts = {
        "role": settings.ROLE,
        "port": settings.PORT,
        "deployable": settings.SECURE_ORIGIN,
        "upstreams": settings.UPSTREAMS,
        "has_tables": "DATABASE_URL" in os.environ or "DATABASE_URL_FILE" in os.environ,
        "signs": bool(settings.SIGNING_PEM),
        "views": {path: resolve(path).func.__name__ for path in paths},
        "livez": asyncio.run(status_of("/livez", host)),
    }
    sys.stdout.write(json.dumps(facts))


async def status_of(path: str, host: str) -> int:
    """Asked through everything that stands before Django."""
    from abdre.asgi import application

    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": [(b"host", host.encode())]}
    communicator = ApplicationCommunicator(application, {**scope, "scheme": "http"})
    await communicator.send_input({"type": "http.request"})
    start = await communicator.receive_output(timeout=10)
    return int(start["status"])


if __name__ == "__main__":
    main(*sys.argv[1:])
