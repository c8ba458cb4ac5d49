"""The hub: one per process and loop, made when the first socket comes."""

import asyncio
from weakref import WeakKeyDictionary

from channels.layers import get_channel_layer

from realtime_svc.hub.hub import Hub
from realtime_svc.hub.watch import Watch

_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def current_hub() -> Hub:
    """The hub of the running loop."""
    loop = asyncio.get_running_loop()
    hub = _hubs.get(loop)
    if hub is None:
        layer = get_channel_layer()
        assert layer is not None  # every settings module names one
        hub = _hubs[loop] = Hub(layer)
        Watch(hub).start()
    return hub


async def close_hub() -> None:
    """Before the loop ends: sockets are told nothing more, tasks end."""
    hub = _hubs.pop(asyncio.get_running_loop(), None)
    if hub is not None:
        await hub.close()


__all__ = ["Hub", "close_hub", "current_hub"]
