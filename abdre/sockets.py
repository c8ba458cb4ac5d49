"""What a socket hears when nobody behind can answer."""

from typing import Any

# Close codes 4000–4499 ask the client to come back, 4500–4999 to stay away until something changes.
COME_BACK = 4001
# The extension of the ASGI scope under which the gateway's own server lets a socket's line be taken over.
TUNNEL = "abdre.tunnel"
# The type of the message by which realtime's own server asks its application to let a client go.
LEAVE = "websocket.leave"


async def come_back_later(scope: Any, send: Any, reason: str) -> None:
    """Close with a code that browsers can read, which they cannot before the handshake is accepted."""
    offered = scope.get("subprotocols", [])
    ours = next((protocol for protocol in offered if protocol.startswith("abdre.")), None)
    await send({"type": "websocket.accept", "subprotocol": ours})
    await send({"type": "websocket.close", "code": COME_BACK, "reason": reason})
