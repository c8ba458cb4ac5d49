"""Public chats as the page shows them."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from gateway_svc.selectors.api import Json
from gateway_svc.selectors.chats import picture_of, title_of
from gateway_svc.selectors.people import count_text
from gateway_svc.selectors.text import initial


@dataclass(frozen=True)
class PublicChat:
    id: str
    title: str
    initial: str
    topic: str
    people_text: str
    picture_url: str
    joined: bool


@dataclass(frozen=True)
class Found:
    items: list[PublicChat] = field(default_factory=list)
    more_url: str = ""
    is_unavailable: bool = False


def found(answer: Json | None, *, words: str) -> Found:
    """None while the chat service is away."""
    if answer is None:
        return Found(is_unavailable=True)
    following = {"chat": words, "before": answer["next"]} if words else {"before": answer["next"]}
    return Found(
        [_public_chat(item) for item in answer["items"]],
        more_url=f"/discover?{urlencode(following)}" if answer["next"] else "",
    )


def _public_chat(item: Json) -> PublicChat:
    title = title_of(item)
    return PublicChat(
        item["id"],
        title,
        initial(title),
        item["topic"],
        count_text(item["member_count"]),
        picture_of(item),
        item["joined"],
    )
