"""The house that the drills break: two realtime processes, a durable PostgreSQL, a Redis."""

import asyncio
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from deploy.ci.servers import Postgres, Redis, Server
from deploy.ci.stack import Role, Stack, plain_environment

T = TypeVar("T")

# One thread for as long as the run: the kernel ends a server when the thread that started it ends.
hands = ThreadPoolExecutor(1, thread_name_prefix="hands")


async def by_hand(deed: Callable[..., T], *args: Any) -> T:
    """Something that blocks, while the clients go on."""
    return await asyncio.get_running_loop().run_in_executor(hands, deed, *args)


class House:
    """`stack`, and what a drill may do to it."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._belongings = ExitStack()
        self._environment = {
            **plain_environment(),
            "ABDRE_TRUSTED_PROXIES": "1",
            "ABDRE_LOG_LEVEL": "WARNING",
            **(environment or {}),
        }

    async def __aenter__(self) -> Self:
        try:
            await by_hand(self._start)
        except BaseException:
            await by_hand(self._belongings.close)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await by_hand(self._belongings.close)

    def _start(self) -> None:
        self.postgres = self._belongings.enter_context(Postgres(durable=True))
        self.redis = self._belongings.enter_context(Redis())
        stores = {"DATABASE_URL": self.postgres.create_database("abdre"), "REDIS_URL": self.redis.url}
        self.stack = self._belongings.enter_context(self.make_stack({**self._environment, **stores}))

    def make_stack(self, environment: dict[str, str]) -> Stack:
        return Stack(environment, realtime=2)

    def keep_logs(self, folder: Path) -> None:
        """For who wants to know why."""
        folder.mkdir(parents=True, exist_ok=True)
        for server in self.servers:
            (folder / f"{server.name}-{server.port}.log").write_bytes(server.log.read_bytes())

    @property
    def servers(self) -> list[Server]:
        """Those whose logs are kept."""
        return [*self.stack.roles]

    @property
    def url(self) -> str:
        return self.stack.url

    @property
    def realtime(self) -> list[Role]:
        return self.stack.all_of("realtime")

    @property
    def chat(self) -> Role:
        return self.stack.all_of("chat")[0]

    @property
    def doors(self) -> list[str]:
        """Half of the sockets to each realtime process: some by the gateway, which knows the first."""
        first, second = self.realtime
        return [self.url, first.url, second.url, second.url]

    async def kill(self, role: Role) -> None:
        await by_hand(role.halt, signal.SIGKILL)

    async def end(self, role: Role) -> float:
        """As an operator does it: SIGTERM, and wait; how many seconds it took to go."""
        began = asyncio.get_running_loop().time()
        await by_hand(role.halt)
        return asyncio.get_running_loop().time() - began

    async def start_again(self, role: Role) -> None:
        await by_hand(role.start)

    async def restart_as(self, role: Role, *, wrapper: list[str] | None = None, **environment: str) -> None:
        """The role with an environment of its own, under a module that changes it."""
        await by_hand(role.halt)
        role.wrapper = wrapper or []
        role.environment |= environment
        await by_hand(role.start)

    async def stop_redis(self) -> None:
        await by_hand(self.redis.halt)

    async def start_redis(self) -> None:
        await by_hand(self.redis.start_again)

    async def flush_redis(self) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.redis.port)
        writer.write(b"FLUSHALL\r\n")
        assert await reader.readline() == b"+OK\r\n"
        writer.close()

    async def crash_postgres(self) -> None:
        """As `pg_ctl stop -m immediate`: no goodbye, and a recovery at the next start."""
        await by_hand(self.postgres.halt, signal.SIGQUIT)

    async def start_postgres(self) -> None:
        await by_hand(self.postgres.start_again)
