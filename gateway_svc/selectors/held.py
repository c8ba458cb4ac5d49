"""What waits for approval: for who manages the chat, and one's own."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from gateway_svc.selectors import times
from gateway_svc.selectors.api import Json


@dataclass(frozen=True)
class Held:
    id: str
    url: str
    sender_id: str
    sender_name: str
    body: str
    files: list[str]  # their names: the files themselves come with the message
    at: str
    at_text: str
    state_text: str
    is_rejected: bool


BLANK = Held("", "", "", "", "", [], "", "", "", is_rejected=False)


@dataclass(frozen=True)
class HeldPage:
    items: list[Held]
    has_more: bool
    blank = BLANK  # filled in by the page's script


def held_page(answer: Json, chat_url: str) -> HeldPage:
    return HeldPage([held(item, chat_url) for item in answer["items"]], answer["has_more"])


def held(item: Json, chat_url: str) -> Held:
    is_rejected = item["state"] != "waiting"
    return Held(
        id=item["id"],
        url=f"{chat_url}/held/{item['id']}",
        sender_id=item["sender"]["id"],
        sender_name=item["sender"]["display_name"],
        body=item["body"],
        files=[file["name"] for file in item["attachments"]],
        at=item["held_at"],
        at_text=times.dated_clock(item["held_at"]),
        state_text=_("Not approved") if is_rejected else _("Waiting for approval"),
        is_rejected=is_rejected,
    )
