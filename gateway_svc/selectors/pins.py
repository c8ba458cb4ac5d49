"""What is pinned in a chat: the newest in a bar over the messages, all of them on a page."""

from dataclasses import dataclass

from gateway_svc.selectors.api import Json
from gateway_svc.selectors.messages import Message, Reader, message, said


@dataclass(frozen=True)
class Bar:
    """`since`: when it was pinned; the page's script shows what is pinned later instead."""

    seq: int = 0
    url: str = ""
    text: str = ""
    since: str = ""


@dataclass(frozen=True)
class PinsPage:
    messages: list[Message]
    is_unavailable: bool = False


def bar(answer: Json | None, chat_url: str) -> Bar:
    """`answer` of the pins' API, the last one first; None while the chat service is away."""
    if answer is None or not answer["items"]:
        return Bar()
    newest = answer["items"][0]
    text = f"{newest['sender']['display_name']}: {said(newest)}"
    return Bar(newest["seq"], f"{chat_url}?at={newest['seq']}", text, newest["pinned_at"])


def pins_page(answer: Json | None, reader: Reader) -> PinsPage:
    if answer is None:
        return PinsPage([], is_unavailable=True)
    return PinsPage([message(item, reader, {}) for item in answer["items"]])
