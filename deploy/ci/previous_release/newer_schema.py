"""A pytest plugin for the tests of an older release: their databases are migrated by the newer code first.

Stands on its own, since the `deploy` that it imports is the older one.
"""

import os
import subprocess
from collections.abc import Mapping
from typing import Any

import aiohttp

from deploy.ci import servers
from deploy.ci.stack import AllInOne, Process, Stack
from deploy.tests import people

NEWER = os.environ["NEWER_TREE"]
PYTHON = os.environ["NEWER_PYTHON"]


def newer(environment: Mapping[str, str], *arguments: str) -> None:
    subprocess.run([PYTHON, "manage.py", *arguments, "--verbosity", "0"], cwd=NEWER, env=environment, check=True)


def with_newer_schema(start: Any) -> Any:
    def migrate(stack: Stack) -> None:
        environment = {**stack.environment, **stack.owner}
        newer(environment, "migrate", "--settings", "auth_svc.settings")
        start(stack)  # the older one's own, which finds nothing to do, and lets the roles use the tables

    return migrate


def on_newer_schema(start: Any) -> Any:
    def begin(process: AllInOne) -> None:
        newer(process.environment, "migrate", "--settings", "abdre.settings.all_in_one")
        start(process)

    return begin


# Nine processes of a tree that was never run, beside whatever else the machine does.
STARTS_WITHIN_S = 240
if hasattr(Process, "starts_within_s"):
    Process.starts_within_s = STARTS_WITHIN_S
else:  # as in 5c5618ac
    servers.STARTS_WITHIN_S = STARTS_WITHIN_S
# Its tests give up in the moment in which its gateway does, and hear the answer or not.
people.TIMEOUT = aiohttp.ClientTimeout(total=15)
Stack.migrate = with_newer_schema(Stack.migrate)  # type: ignore[method-assign]
AllInOne.start = on_newer_schema(AllInOne.start)  # type: ignore[method-assign]
