"""What stands behind every proxy, on the load generator's cores: requests answered at once, sockets in rooms; keys."""

import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from deploy.bench.generator import cores
from deploy.bench.nginx import run_nginx
from deploy.bench.peers import Program, compact
from deploy.bench.peers.ws import PlainWs
from deploy.bench.run import Bench
from deploy.ci.jobs import ROOT
from deploy.ci.stack import Stack, plain_environment

CONFIGURATION = Path(__file__).parent / "upstream.conf"
CHAT = "0e984725-c51c-4bf4-9960-e1c80e27aba0"
SIGNED_IN = """
import django
from uuid import uuid4
django.setup()
from abdre.tokens import AccessToken
print(AccessToken.issue(user_id=uuid4(), session_id=uuid4()))
"""


def message(**own: Any) -> dict[str, Any]:
    """As the contract has it."""
    return {
        "chat": CHAT,
        "seq": 4711,
        "version": 5822,
        "client_id": "018f3b1e-7c3a-7d10-9d0c-3f4b5a697881",
        "sender": {"id": "5ff2b0a1-4d6f-4a53-9e0c-7b6f3b3f2f11", "display_name": "Ada", "is_guest": False},
        "body": "the quick brown fox jumps over the lazy dog, " * 3,
        "kind": "text",
        "created_at": "2026-11-25T12:34:56.789012Z",
        "edited_at": None,
        "deleted_at": None,
        "reply_to": None,
        "reactions": [],
        "attachments": [],
        **own,
    }


# $… is nginx's own: the request's number, said again.
ANSWER_TO_GET = compact({"items": [message(), message()], "has_more": True, "after": "$arg_after"})
ANSWER_TO_POST = compact(message(client_id="$http_idempotency_key"))


class Upstream:
    """Serves while the context is open."""

    def __init__(self, bench: Bench) -> None:
        self._ground = bench.ground(PlainWs, clients=0, rooms=0)

    def __enter__(self) -> Self:
        with ExitStack() as belongings:
            self._serve(belongings)
            self._make_keys(belongings)
            self._belongings = belongings.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._belongings.close()

    def _serve(self, belongings: ExitStack) -> None:
        requests, sockets = Program("upstream", cpus=cores()[1]), PlainWs()
        belongings.callback(requests.stop)
        belongings.callback(sockets.stop)
        run_nginx(requests, CONFIGURATION, ANSWER_TO_GET=ANSWER_TO_GET, ANSWER_TO_POST=ANSWER_TO_POST)
        sockets.start(replace(self._ground, cpus=cores()[1]))
        self.requests_port, self.sockets_port = requests.port, sockets.programs[0].port

    @property
    def requests_url(self) -> str:
        return f"http://127.0.0.1:{self.requests_port}"

    def _make_keys(self, belongings: ExitStack) -> None:
        stores = {"DATABASE_URL": self._ground.database_url, "REDIS_URL": self._ground.redis_url}
        stack = Stack({**plain_environment(), **stores})
        belongings.callback(stack.belongings.close)
        stack.add_secrets()
        self.environment = stack.environment  # of the services

    def token(self) -> str:
        """Of somebody who has just signed in."""
        environment = {**self.environment, "DJANGO_SETTINGS_MODULE": "auth_svc.settings"}
        command = [sys.executable, "-c", SIGNED_IN]
        signed = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
        return signed.stdout.strip()
