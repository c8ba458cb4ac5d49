"""Where a message may be forwarded to: the viewer's chats, by name, as a page asks."""

from collections.abc import Collection
from dataclasses import dataclass, field

from gateway_svc.selectors import chats
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.messages import Message
from gateway_svc.selectors.people import Viewer


@dataclass(frozen=True)
class Target:
    chat: chats.Item
    is_chosen: bool


@dataclass(frozen=True)
class ForwardPage:
    message: Message
    targets: list[Target]
    client_id: str
    back_url: str
    words: str = ""
    errors: list[str] = field(default_factory=list)
    is_unavailable: bool = False


def targets(answer: Json | None, viewer: Viewer, chosen: Collection[str]) -> list[Target]:
    """`answer` of the chats' API. Where the viewer writes nothing, nothing is offered."""
    listed = answer["items"] if answer else []
    open_ones = [item for item in listed if chats.chat(item).may_write]
    return [Target(chats.item(item, viewer=viewer, current_id=""), item["id"] in chosen) for item in open_ones]
