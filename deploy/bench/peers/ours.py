"""The service as shipped: the realtime role behind PostgreSQL and Redis, and people who are signed in."""

import importlib.metadata
import json
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from deploy.bench.peers import BODY, COUNTER, MARK, UNIQUE_ID, VERSION, Client, Ground, Peer, Step, compact
from deploy.bench.people import Town
from deploy.ci.jobs import ROOT
from deploy.ci.stack import Role, Stack, plain_environment

PACKAGES = ["Django", "channels", "channels-redis", "uvicorn", "websockets", "uvloop", "redis", "psycopg"]


class PinnedRole(Role):
    """A role on certain CPUs."""

    cpus = ""

    def command(self, under: str) -> list[str]:
        command = super().command(under)
        return ["taskset", "-c", self.cpus, *command] if self.cpus else command


class Ours(Peer):
    name = "ours"
    setting = (
        "the shipped realtime role under `python -m realtime_svc.server`, one process; PostgreSQL with fsync and "
        "synchronous_commit on, Redis; every socket signed in with its own person's token; every message committed "
        "before it is told; limits as shipped"
    )
    environment: ClassVar[dict[str, str]] = {}

    @classmethod
    def versions(cls, home: Path) -> dict[str, str]:
        return {name: importlib.metadata.version(name) for name in PACKAGES}

    def start(self, ground: Ground) -> None:
        self.belongings = ExitStack()
        try:
            self._start(ground)
        except BaseException:
            self.stop()
            raise

    def _start(self, ground: Ground) -> None:
        stores = {"DATABASE_URL": ground.database_url, "REDIS_URL": ground.redis_url}
        stack = Stack({**plain_environment(), **stores, "ABDRE_LOG_LEVEL": "WARNING", **self.environment})
        self.belongings.callback(stack.belongings.close)
        stack.add_secrets()
        stack.migrate()
        self.town = settled(stack.environment, ground)
        self.roles = [self._role(stack.environment, cpus) for cpus in (ground.cpus, ground.other_cpus)[: ground.doors]]

    def _role(self, environment: dict[str, str], cpus: str) -> PinnedRole:
        role = PinnedRole("realtime", environment)
        role.cpus = cpus
        self.belongings.callback(role.stop)
        role.start()
        return role

    def measured(self) -> list[int]:
        process = self.roles[0].process
        assert process is not None
        return [process.pid]

    def client(self, index: int, room: int, *, door: int = 0) -> Client:
        client = client_of(self.town, index, room, port=self.roles[door].port)
        return replace(client, message=self.message(self.town.chats[room][0]))

    def message(self, chat: str) -> str:
        return message_into(chat)

    def stop(self) -> None:
        self.belongings.close()

    def last_words(self) -> str:
        return self.roles[0].log.read_text(errors="replace")[-2000:]


def client_of(town: Town, index: int, room: int, *, port: int) -> Client:
    """Person `index` of the town, at the realtime process on `port`, who writes into chat number `room`."""
    chat, version = town.chats[room]
    resume = compact({"type": "resume", "ref": "back", "chats": {chat: "?"}}).replace('"?"', VERSION)
    return Client(
        port=port,
        path="/ws",
        headers={"Authorization": f"Bearer {town.tokens[index]}", "Sec-WebSocket-Protocol": "abdre.v1"},
        opening=(
            Step(wait='"type":"hello"'),
            Step(send=resume, again=True),
            Step(wait='"ref":"back"', again=True),
        ),
        message=message_into(chat),
        first_version=version,
    )


def message_into(chat: str) -> str:
    return compact({"type": "message.send", "ref": COUNTER, "chat": chat, "client_id": UNIQUE_ID, "body": BODY})


class OursToAck(Ours):
    """Counts the ack of a message, not its delivery: the ref comes back in it."""

    name = "ours, to the ack"

    def message(self, chat: str) -> str:
        body = "the quick brown fox jumps over the lazy dog " * 5
        return compact({"type": "message.send", "ref": MARK, "chat": chat, "client_id": UNIQUE_ID, "body": body[:200]})


def settled(environment: dict[str, str], ground: Ground) -> Town:
    """People and chats of this run alone."""
    command = [sys.executable, "-m", "deploy.bench.people", str(ground.clients), str(ground.rooms)]
    made = subprocess.run(
        command,
        cwd=ROOT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "auth_svc.settings"},
        stdout=subprocess.PIPE,
        check=True,
    )
    return Town(**json.loads(made.stdout))
