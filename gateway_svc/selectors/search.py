"""The search: what was asked, what was found, and the ways to ask otherwise."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gateway_svc.selectors import times
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.chats import title_of

# Offered as a press; typed, the others work as well.
CHIPS = (
    ("from:me", gettext_lazy("from me")),
    ("has:link", gettext_lazy("with a link")),
    ("has:image", gettext_lazy("with a picture")),
    ("has:file", gettext_lazy("with a file")),
    ("has:mention", gettext_lazy("with a mention")),
)
EXAMPLES = (
    ("from:anna", gettext_lazy("said by Anna")),
    ("in:tea", gettext_lazy("in chats with “tea” in their name")),
    ("after:2026-11-01", gettext_lazy("on this day or later")),
    ("before:2026-11-26", gettext_lazy("before this day")),
    ("has:link", gettext_lazy("with a link; also image, file, mention")),
)


@dataclass(frozen=True)
class Asked:
    """`chat_title` where only one chat is searched."""

    text: str = ""
    cursor: str = ""
    chat_id: str = ""
    chat_title: str = ""

    def url(self, text: str, *, cursor: str = "") -> str:
        query = {"q": text, "chat": self.chat_id, "cursor": cursor}
        return f"/search?{urlencode({name: value for name, value in query.items() if value})}"


@dataclass(frozen=True)
class Chip:
    text: str
    url: str
    is_on: bool


@dataclass(frozen=True)
class Example:
    typed: str
    text: str


@dataclass(frozen=True)
class Segment:
    text: str
    is_hit: bool


@dataclass(frozen=True)
class Hit:
    url: str
    chat_title: str
    sender_name: str
    is_guest: bool
    time: str
    time_text: str
    segments: list[Segment]


@dataclass(frozen=True)
class SearchPage:
    asked: Asked
    chips: list[Chip]
    hits: list[Hit] = field(default_factory=list)
    more_url: str = ""
    error: str = ""
    is_unavailable: bool = False

    @property
    def is_question(self) -> bool:
        """Nothing was asked yet, so whoever comes wants to type."""
        return not self.asked.text

    @property
    def is_answered(self) -> bool:
        return bool(self.asked.text) and not self.error and not self.is_unavailable

    @property
    def examples(self) -> list[Example]:
        return [Example(typed, str(text)) for typed, text in EXAMPLES]

    @property
    def everywhere_url(self) -> str:
        return f"/search?{urlencode({'q': self.asked.text})}" if self.asked.text else "/search"


def search_page(asked: Asked, answer: Json | None, *, viewer_id: str, error: str = "") -> SearchPage:
    """`answer` of the search's API; None while the chat service is away, or where nothing was asked."""
    chips = _chips(asked)
    if answer is None:
        return SearchPage(asked, chips, error=error, is_unavailable=bool(asked.text) and not error)
    hits = [_hit(item, viewer_id) for item in answer["items"]]
    return SearchPage(
        asked, chips, hits, more_url=asked.url(asked.text, cursor=answer["next"]) if answer["next"] else ""
    )


def _chips(asked: Asked) -> list[Chip]:
    """A press adds a filter to what was typed, or takes it out again."""
    words = asked.text.split()
    return [
        Chip(
            str(text),
            asked.url(" ".join([word for word in words if word != name] if name in words else [*words, name])),
            name in words,
        )
        for name, text in CHIPS
    ]


def _hit(item: Json, viewer_id: str) -> Hit:
    message, sender = item["message"], item["message"]["sender"]
    return Hit(
        url=place_url(message),
        chat_title=title_of(item["chat"]),
        sender_name=_("You") if sender["id"] == viewer_id else sender["display_name"],
        is_guest=sender["is_guest"],
        time=message["created_at"],
        time_text=times.short(message["created_at"]),
        segments=[Segment(part["text"], part["is_hit"]) for part in item["segments"]],
    )


def place_url(message: Json) -> str:
    """The chat's page that holds this message, opened there."""
    return f"/chats/{message['chat']}?at={message['seq']}"
