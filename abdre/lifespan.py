"""The process's beginning and end: the loop made known to events, the collector told what stays, connections closed."""

import asyncio
import gc
from typing import Any

from abdre import events, service_client

# Python looks for cycles after every 700 new objects: a third of a busy process's time, in which it finds next to none.
# This many are some megabytes; the older ones are looked at after so many of those rounds.
COLLECT_AFTER = (50_000, 20, 100)


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
            let_what_stands_stand()
            await send({"type": "lifespan.startup.complete"})
        await service_client.close()
        await send({"type": "lifespan.shutdown.complete"})


def let_what_stands_stand() -> None:
    """Modules and settings are never garbage: they are not looked through again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
