"""A TCP proxy that can become a network partition: nothing passes, nothing is refused, nobody is told."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

from deploy.ci.servers import free_port

CHUNK_BYTES = 64 * 1024


class Proxy:
    """Between one client and one server of this machine."""

    def __init__(self, to_port: int) -> None:
        self.port = free_port()
        self._to_port = to_port
        self._passes = asyncio.Event()
        self._passes.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._pipes: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self.reset()
        for pipe in tuple(self._pipes):
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)

    def blackhole(self) -> None:
        """From now on bytes are neither passed on nor lost: as TCP behaves while the cable is out."""
        self._passes.clear()

    def heal(self) -> None:
        self._passes.set()

    def reset(self) -> None:
        """Forget all connections, as a firewall does that was restarted."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        other: asyncio.StreamWriter | None = None
        try:
            await self._passes.wait()
            answers, other = await asyncio.open_connection("127.0.0.1", self._to_port)
            self._writers.add(other)
            pipes = [asyncio.create_task(self._pipe(*ends)) for ends in ((reader, other), (answers, writer))]
            self._pipes.update(pipes)
            try:
                await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pipe in pipes:
                    pipe.cancel()
                    self._pipes.discard(pipe)
        except OSError:
            pass
        finally:
            for end in (writer, other):
                if end is not None:
                    end.transport.abort()
                    self._writers.discard(end)

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK_BYTES):
                await self._passes.wait()
                writer.write(data)
                await writer.drain()
