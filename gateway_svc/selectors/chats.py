"""The list of chats, and one chat's head."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gateway_svc.selectors import times
from gateway_svc.selectors.api import Api, Json, part
from gateway_svc.selectors.forms import Text
from gateway_svc.selectors.messages import said
from gateway_svc.selectors.people import Viewer, count_text, picture_url
from gateway_svc.selectors.text import initial, preview

MANAGING_ROLES = ("owner", "admin")


@dataclass(frozen=True)
class Item:
    id: str = ""
    kind: str = ""
    version: int = 0
    last_seq: int = 0
    read_seq: int = 0
    title: str = ""
    initial: str = ""
    preview: str = ""
    time: str = ""
    time_text: str = ""
    unread: int = 0
    mentions: int = 0
    is_muted: bool = False
    notify: str = "all"
    is_pinned: bool = False
    is_favourite: bool = False
    is_current: bool = False
    partner_id: str = ""
    picture: str = ""
    picture_url: str = ""
    draft: str = ""


@dataclass(frozen=True)
class Draft:
    body: str = ""
    reply_to: str = ""


NO_DRAFT = Draft()
FILTERS: Mapping[str, Text] = {
    "all": gettext_lazy("All"),
    "unread": gettext_lazy("Unread"),
    "direct": gettext_lazy("People"),
    "groups": gettext_lazy("Groups"),
    "favourites": gettext_lazy("Favourites"),
    "archived": gettext_lazy("Archive"),
}


@dataclass(frozen=True)
class Listing:
    """What of the chats is listed: as the page's own address says it, whichever page that is."""

    url: str = "/chats"
    which: str = "all"
    words: str = ""
    before: str = ""

    @property
    def asked(self) -> dict[str, str]:
        """Of the chats' API."""
        chosen = {"filter": self.which if self.which != "all" else "", "q": self.words}
        return {name: value for name, value in chosen.items() if value}

    def link(self, **changed: str) -> str:
        query = urlencode({name: value for name, value in {**self.asked, **changed}.items() if value})
        return f"{self.url}?{query}" if query else self.url


@dataclass(frozen=True)
class Choice:
    text: Text
    url: str
    is_chosen: bool


@dataclass(frozen=True)
class ChatList:
    items: list[Item] = field(default_factory=list)
    listing: Listing = field(default_factory=Listing)
    next: str = ""
    is_unavailable: bool = False
    blank: Item = field(default_factory=Item)

    @property
    def is_empty(self) -> bool:
        return not self.items and not self.is_unavailable

    @property
    def is_narrowed(self) -> bool:
        return bool(self.listing.asked)

    @property
    def more_url(self) -> str:
        return self.listing.link(chats_before=self.next) if self.next else ""

    @property
    def query(self) -> str:
        """For the page's script, which asks the API itself."""
        return urlencode(self.listing.asked)

    @property
    def filters(self) -> list[Choice]:
        which = self.listing.which
        return [
            Choice(text, self.listing.link(filter="" if name == "all" else name, q=""), name == which)
            for name, text in FILTERS.items()
        ]


@dataclass(frozen=True)
class Chat:
    id: str
    kind: str
    title: str
    role: str
    version: int
    last_seq: int
    read_seq: int
    unread: int
    expires_at: str
    ends_text: str
    is_over: bool
    member_count: int
    people_text: str
    may_invite: bool
    topic: str = ""
    announcement_only: bool = False
    partner_id: str = ""  # of a direct chat
    initial: str = ""
    picture_url: str = ""
    draft: Draft = NO_DRAFT
    silenced_until: str = ""  # by moderators
    silenced_text: str = ""

    @property
    def url(self) -> str:
        return f"/chats/{self.id}"

    @property
    def may_manage(self) -> bool:
        return self.role in MANAGING_ROLES and self.kind != "direct" and not self.is_over

    @property
    def may_write(self) -> bool:
        is_open = not self.is_over and not self.silenced_until
        return is_open and (not self.announcement_only or self.role in MANAGING_ROLES)

    @property
    def may_close(self) -> bool:
        return self.role == "owner" and self.kind != "direct" and not self.is_over


async def chat_with(api: Api, chat_id: str, what: str, **query: Any) -> tuple[Json, Json | None]:
    """A chat and then its `what`; None for that while it cannot be had. Raises Refused, ServiceAway.

    One after the other: what is read later holds at least what the chat's version covers, and the page's script asks
    for everything after that version. Side by side, what happens in between would be on no page.
    """
    path = f"/api/chats/{chat_id}"
    detail = await api.get("chat", path)
    return detail, await part(api.get("chat", f"{path}/{what}", **query))


def chat_list(answer: Json | None, listing: Listing, *, viewer: Viewer, current_id: str = "") -> ChatList:
    """`answer` of the chats' API, newest first; None while the chat service is away."""
    if answer is None:
        return ChatList(listing=listing, is_unavailable=True)
    items = [item(chat, viewer=viewer, current_id=current_id) for chat in answer["items"]]
    return ChatList(items, listing, next=answer["next"] or "")


def item(chat: Json, *, viewer: Viewer, current_id: str) -> Item:
    title, last = title_of(chat), chat["last_message"]
    time = last["created_at"] if last else chat["created_at"]
    partner = chat.get("partner")
    return Item(
        id=chat["id"],
        kind=chat["kind"],
        version=chat["version"],
        last_seq=chat["last_seq"],
        read_seq=chat["read_seq"],
        title=title,
        initial=initial(title),
        preview=_last_words(last, viewer) if last else "",
        time=time,
        time_text=times.short(time),
        unread=chat["unread"],
        mentions=chat["mentions"],
        is_muted=bool(times.left_s(chat["muted_until"])),
        notify=chat["notify"],
        is_pinned=chat["pinned"],
        is_favourite=chat["favourite"],
        is_current=chat["id"] == current_id,
        partner_id=partner["id"] if partner else "",
        picture=chat.get("picture", ""),
        picture_url=picture_of(chat),
        draft="" if chat["id"] == current_id else preview(draft_of(chat).body),
    )


def chat(answer: Json) -> Chat:
    is_over = _is_over(answer)
    return Chat(
        id=answer["id"],
        kind=answer["kind"],
        title=title_of(answer),
        role=answer["role"],
        version=answer["version"],
        last_seq=answer["last_seq"],
        read_seq=answer["read_seq"],
        unread=answer["unread"],
        expires_at=answer["expires_at"] or "",
        ends_text=_ends_text(answer),
        is_over=is_over,
        member_count=answer["member_count"],
        people_text=count_text(answer["member_count"]),
        topic=answer["topic"],
        announcement_only=answer["announcement_only"],
        draft=draft_of(answer),
        **_silence(answer),
        may_invite=answer["role"] != "guest" and answer["kind"] != "direct" and not is_over,
        partner_id=(answer.get("partner") or {}).get("id", ""),
        initial=initial(title_of(answer)),
        picture_url=picture_of(answer, 256),
    )


def picture_of(chat: Json, size: int = 64) -> str:
    """Its address, of a direct chat the other person's; nothing where a letter stands for it."""
    if partner := chat.get("partner"):
        return picture_url(partner, size)
    picture = chat.get("picture", "")
    return f"/api/chats/{chat['id']}/picture?v={picture}&size={size}" if picture else ""


def draft_of(chat: Json) -> Draft:
    """A service of the release before tells of none."""
    draft = chat.get("draft")
    return Draft(draft["body"], str(draft["reply_to"] or "")) if draft else NO_DRAFT


def title_of(chat: Json) -> str:
    return chat["title"] or _("Chat")


def _silence(answer: Json) -> dict[str, str]:
    """A service of the release before tells of none."""
    until = answer.get("silenced_until") or ""
    return {"silenced_until": until, "silenced_text": times.to_the_minute(until)} if times.left_s(until or None) else {}


def _is_over(answer: Json) -> bool:
    return answer["closed_at"] is not None or times.left_s(answer["expires_at"]) == 0


def _ends_text(answer: Json) -> str:
    seconds = times.left_s(answer["expires_at"])
    return _("Erased in %(time)s") % {"time": times.about(seconds)} if seconds else ""


def _last_words(last: Json, viewer: Viewer) -> str:
    """Nothing of somebody whom the viewer has blocked."""
    if last["sender"]["id"] in viewer.blocked and last["kind"] != "system":
        return ""
    if last["kind"] == "system":
        return said(last)
    who = _("You") if last["sender"]["id"] == viewer.id else last["sender"]["display_name"]
    return preview(f"{who}: {said(last)}")
