"""The whole house as shipped, with the demo's town in it, whose processes are measured one role at a time."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import NamedTuple

from deploy.bench import meters
from deploy.bench.generator import cores
from deploy.bench.people import Town
from deploy.bench.run import Bench
from deploy.ci.jobs import ROOT
from deploy.ci.stack import Role, Stack, plain_environment

MESSAGES, MESSAGES_A_CHAT = 100_000, 100
LARGE, SMALL = "capacity", "capacity_small"
# Nobody works as fast as one connection of a load generator.
ENVIRONMENT = {"ABDRE_LOG_FORMAT": "json", "ABDRE_TRUSTED_PROXIES": "1", "ABDRE_DEEDS_PER_MINUTE": "1000000000"}
SIGNED_IN = """
import django, json
django.setup()
from abdre.tokens import AccessToken
from chat_svc.models import Membership
from deploy.bench.people import make_sessions
from user_svc.models import User
demo = User.objects.get(username="demo")
[session] = make_sessions([demo.id])
chat = Membership.objects.filter(user=demo).order_by("-chat__last_seq").values_list("chat_id", flat=True)[0]
print(json.dumps([AccessToken.issue(user_id=demo.id, session_id=session), str(chat)]))
"""


class Used(NamedTuple):
    """CPU seconds so far."""

    role: meters.Cpu
    postgres: meters.Cpu
    redis: meters.Cpu


@dataclass
class House:
    bench: Bench
    stack: Stack
    token: str = ""  # of who is in 200 chats
    chat: str = ""  # the largest of them

    @property
    def stores(self) -> tuple[int, int]:
        postgres, redis = self.bench.stores.postgres.process, self.bench.stores.redis.process
        assert postgres is not None
        assert redis is not None
        return postgres.pid, redis.pid

    def used(self, roles: Sequence[Role]) -> Used:
        postgres, redis = self.stores
        return Used(meters.cpu(map(pid_of, roles)), meters.cpu([postgres]), meters.cpu([redis]))

    def python(self, *arguments: str) -> str:
        environment = {**self.stack.environment, "DJANGO_SETTINGS_MODULE": "auth_svc.settings"}
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout

    def settle(self, people: int, chats: int) -> Town:
        return Town(**json.loads(self.python("-m", "deploy.bench.people", str(people), str(chats))))

    @contextmanager
    def processes(self, name: str, count: int) -> Iterator[list[Role]]:
        """One alone on the measured core, or two that have a core each and share it with all else."""
        [first] = self.stack.all_of(name)
        roles = [first, *(Role(name, first.environment) for _ in range(count - 1))]
        server, others = cores()
        try:
            for role in roles[1:]:
                role.start()
            for role, core in zip(roles, (server, others), strict=False):
                pin(role, core)
            yield roles
        finally:
            for role in roles[1:]:
                role.stop()
            pin(first, others)


def environment(bench: Bench, database: str) -> dict[str, str]:
    stores = {"DATABASE_URL": bench.stores.database(database), "REDIS_URL": bench.stores.redis.url}
    return {**plain_environment(), **stores, **ENVIRONMENT}


def seed(stack: Stack, messages: int) -> None:
    stack.manage("seed_demo", "--messages", str(messages), "--chats", str(messages // MESSAGES_A_CHAT))


def make_small_town(bench: Bench) -> None:
    """The same in a database of its own, a fifth as large; nobody serves it."""
    stack = Stack(environment(bench, SMALL))
    with stack.belongings:
        stack.add_secrets()
        stack.migrate()
        seed(stack, MESSAGES // 5)


def pid_of(role: Role) -> int:
    assert role.process is not None
    return role.process.pid


def pin(role: Role, core: str) -> None:
    """All threads of its processes; those that they begin later inherit it."""
    wanted = {int(word) for word in core.split(",")}
    for process in meters.tree([pid_of(role)]):
        for thread in meters.threads_of(process):
            with suppress(ProcessLookupError):  # it has ended
                os.sched_setaffinity(thread, wanted)


@contextmanager
def house(bench: Bench) -> Iterator[House]:
    with Stack(environment(bench, LARGE)) as stack:
        own = House(bench, stack)
        seed(stack, MESSAGES)
        own.token, own.chat = json.loads(own.python("-c", SIGNED_IN))
        for role in stack.roles:
            pin(role, cores()[1])
        yield own
