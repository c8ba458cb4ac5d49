"""The process's beginning and end: the loop made known to events, connections closed."""

import asyncio
from typing import Any

from abdre import events, garbage, jobs, pulse, service_client, tally, tracing


class Lifespan:
    """Outermost ASGI application. Servers without lifespan (daphne) make the loop known by the first request."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        events.use_loop(asyncio.get_running_loop())
        if scope["type"] != "lifespan":
            await self._inner(scope, receive, send)
            return
        while (await receive())["type"] == "lifespan.startup":
            garbage.look_seldom()
            await send({"type": "lifespan.startup.complete"})
        await service_client.close()
        await asyncio.to_thread(jobs.stop)
        await asyncio.to_thread(tally.flush)
        await asyncio.to_thread(pulse.end)
        await asyncio.to_thread(tracing.end)
        await send({"type": "lifespan.shutdown.complete"})
