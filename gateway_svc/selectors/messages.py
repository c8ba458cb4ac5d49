"""A chat's messages as the timeline shows them."""

import datetime as dt
from dataclasses import dataclass, field
from itertools import pairwise

from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gateway_svc.selectors import times
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.files import File, blank_files, files, spoken_of
from gateway_svc.selectors.held import Held, held
from gateway_svc.selectors.link_previews import BLANK, LinkPreview, link_preview
from gateway_svc.selectors.membership_log import LogLine, day_of, log_lines
from gateway_svc.selectors.mentions import marked
from gateway_svc.selectors.system import words
from gateway_svc.selectors.text import linked, preview, sanitised

PAGE_SIZE = 50
# What is offered before the whole picker is asked for.
QUICK_REACTIONS = ("👍", "❤️", "😂", "😮", "😢", "🎉")
SAME_BREATH = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Quote:
    url: str
    text: str


@dataclass(frozen=True)
class Reaction:
    emoji: str
    count: int
    users: str
    is_mine: bool


@dataclass(frozen=True)
class Message:
    seq: int | str
    version: int | str
    client_id: str
    sender_id: str
    sender_name: str
    is_guest: bool
    is_bot: bool
    body: SafeString
    source: str  # as typed, where `body` is what its Markdown looks like
    files: list[File]
    created_at: str
    time_text: str
    is_edited: bool
    edited_at: str
    deleted_at: str
    reply_to: int | str
    quote: Quote | None
    classes: str
    url: str
    has_menu: bool
    may_edit: bool
    may_delete: bool
    is_target: bool = False  # the page was asked for it
    is_pinned: bool = False
    may_pin: bool = False
    may_report: bool = False
    reactions: list[Reaction] = field(default_factory=list)
    is_blocked: bool = False  # its author, by the reader
    thread_url: str = ""  # of the thread that it is in, or would begin
    thread: int | str = ""  # the message that it hangs on
    thread_text: str = ""
    reply_count: int = 0
    replies_text: str = ""
    forwarded_from: str = ""
    shown_as: str = ""  # the name that a webhook chose for it
    preview: LinkPreview | None = None
    is_deleted_by_staff: bool = False


@dataclass(frozen=True)
class Entry:
    """A message, who came or went, the day that begins before one, or the line above what is new to the reader."""

    message: Message | None = None
    log: LogLine | None = None
    day: str = ""
    day_text: str = ""
    is_unread_line: bool = False


@dataclass(frozen=True)
class Timeline:
    blank: Message
    entries: list[Entry] = field(default_factory=list)
    log: list[Json] = field(default_factory=list)  # as it came, for the page's script
    first_seq: int = 0
    earlier_url: str = ""
    later_url: str = ""
    unread_url: str = ""  # to what is new, where that begins before this page
    is_unavailable: bool = False
    held: list[Held] = field(default_factory=list)  # one's own that others do not see yet
    held_json: list[Json] = field(default_factory=list)  # as it came, for the page's script

    @property
    def is_empty(self) -> bool:
        return not any(entry.message for entry in self.entries) and not self.held and not self.is_unavailable

    @property
    def quick_reactions(self) -> str:
        return " ".join(QUICK_REACTIONS)

    @property
    def blank_files(self) -> list[File]:
        return blank_files()


@dataclass(frozen=True)
class Reader:
    """For whom the messages are made ready: own ones stand apart, and some may be changed."""

    user_id: str
    role: str
    chat_url: str
    may_write: bool
    blocked: frozenset[str] = frozenset()
    unread_seq: int = 0  # from which message on all is new to them; 0: nothing is


def timeline(answer: Json | None, reader: Reader, *, before: int | None = None, around: int | None = None) -> Timeline:
    """`answer` of the messages' API, ascending by seq; None while the chat service is away."""
    blank = blank_message(reader)
    if answer is None:
        return Timeline(blank, is_unavailable=True)
    items, log = answer["items"], answer.get("membership_log", [])
    first_seq = items[0]["seq"] if items else 0
    return Timeline(
        blank,
        entries=_entries(items, log_lines(log), reader, around),
        log=log,
        first_seq=first_seq,
        earlier_url=f"{reader.chat_url}?before={first_seq}" if answer["has_more"] else "",
        later_url=reader.chat_url if before or answer.get("has_later") else "",
        unread_url=f"{reader.chat_url}?at={reader.unread_seq}&new=1" if 0 < reader.unread_seq < first_seq else "",
        held=[held(item, reader.chat_url) for item in answer.get("held", [])],
        held_json=answer.get("held", []),
    )


def thread_timeline(answer: Json | None, reader: Reader, url: str, *, before: int | None = None) -> Timeline:
    """`answer` of a thread's API: the message that it hangs on, and then its replies."""
    if answer is None:
        return timeline(None, reader)
    replies = answer["items"]
    first_seq = replies[0]["seq"] if replies else 0
    return Timeline(
        blank_message(reader),
        entries=_entries([answer["root"], *replies], [], reader, None),
        first_seq=first_seq,
        earlier_url=f"{url}?before={first_seq}" if answer["has_more"] else "",
        later_url=url if before else "",
    )


def _entries(items: list[Json], lines: list[LogLine], reader: Reader, target: int | None) -> list[Entry]:
    today = timezone.localdate()
    known = {item["seq"]: item for item in items}
    rows: list[Json | LogLine] = [*items, *lines]
    entries = []
    for previous, row in pairwise([None, *sorted(rows, key=_place)]):
        assert row is not None  # only the first of the pairs begins with nothing
        day = _day(row)
        is_new_day = previous is None or _day(previous) != day
        if is_new_day:
            entries.append(Entry(day=day.isoformat(), day_text=times.day_name(day, today)))
        if isinstance(row, LogLine):
            entries.append(Entry(log=row))
            continue
        if row["seq"] == reader.unread_seq:
            entries.append(Entry(is_unread_line=True))
        is_first = is_new_day or not _continues(previous, row)
        is_target = row["seq"] == target
        entries.append(Entry(message=message(row, reader, known, is_first=is_first, is_target=is_target)))
    return entries


def _place(row: Json | LogLine) -> tuple[int, int]:
    """Who came or went stands behind the message after which that was."""
    return (row.after_seq, row.version) if isinstance(row, LogLine) else (row["seq"], 0)


def message(
    item: Json, reader: Reader, known: dict[int, Json], *, is_first: bool = True, is_target: bool = False
) -> Message:
    sender = item["sender"]
    is_system = item["kind"] == "system"
    is_own = sender["id"] == reader.user_id and not is_system
    is_blocked = sender["id"] in reader.blocked and not is_system
    return Message(
        seq=item["seq"],
        version=item["version"],
        client_id=item["client_id"],
        sender_id="" if is_system else sender["id"],
        sender_name=sender["display_name"],
        is_guest=sender["is_guest"],
        is_bot=sender.get("is_bot", False),
        body=_body(item, reader),
        source=item["body"] if "html" in item else "",
        files=files(item),
        created_at=item["created_at"],
        time_text=times.clock(item["created_at"]),
        is_edited=bool(item["edited_at"] and not item["deleted_at"]),
        edited_at=item["edited_at"] or "",
        deleted_at=item["deleted_at"] or "",
        reply_to=item["reply_to"] or "",
        quote=_quote(item["reply_to"], reader, known),
        classes=_classes(
            own=is_own,
            deleted=item["deleted_at"] is not None,
            first=is_first,
            system=is_system,
            blocked=is_blocked,
            target=is_target,
            pinned="pinned_at" in item,
        ),
        url=f"{reader.chat_url}/messages/{item['seq']}",
        has_menu=reader.may_write and not item["deleted_at"] and not is_system,
        may_edit=is_own and "forwarded" not in item,
        may_delete=is_own or reader.role in ("owner", "admin"),
        is_target=is_target,
        is_pinned="pinned_at" in item,
        may_pin=reader.role in ("owner", "admin"),
        may_report=not is_own,
        reactions=[_reaction(given, reader) for given in item["reactions"]],
        is_blocked=is_blocked,
        **_threaded(item, reader, known),
        forwarded_from=item.get("forwarded", {}).get("display_name", ""),
        shown_as=item.get("shown_as", ""),
        preview=link_preview(item),
        is_deleted_by_staff="deleted_by_staff" in item,
    )


def blank_message(reader: Reader) -> Message:
    """What the page's script copies for a message that comes while the page stands: with everything switched on."""
    return Message(
        seq="", version="", client_id="", sender_id="", sender_name="", is_guest=True, is_bot=True,
        body=SafeString(), source="", files=[], created_at="", time_text="", is_edited=True, edited_at="",
        deleted_at="", reply_to="", quote=None, classes="message", url=f"{reader.chat_url}/messages/0", has_menu=True,
        may_edit=True, may_delete=True, may_pin=True, may_report=True, preview=BLANK,
    )  # fmt: skip


def said(item: Json) -> str:
    """One line of a message, for lists and quotes."""
    if item["kind"] == "system":
        return preview(words(item))
    if item["deleted_at"]:
        return _("Message deleted")
    return preview(item.get("preview") or item["body"]) or spoken_of(item)


def _body(item: Json, reader: Reader) -> SafeString:
    if item["kind"] == "system":
        return escape(words(item))
    shown = sanitised(item["html"]) if "html" in item else linked(item["body"])
    return marked(shown, item.get("mentions", []), reader.user_id)


def _threaded(item: Json, reader: Reader, known: dict[int, Json]) -> Json:
    thread, count = item.get("thread"), item.get("replies", {}).get("count", 0)
    return {
        "thread_url": thread_url(reader.chat_url, thread or item["seq"]),
        "thread": thread or "",
        "thread_text": _thread_text(known.get(thread)) if thread else "",
        "reply_count": count,
        "replies_text": replies_text(count),
    }


def thread_url(chat_url: str, seq: int) -> str:
    return f"{chat_url}/threads/{seq}"


def replies_text(count: int) -> str:
    return ngettext("%(count)d reply", "%(count)d replies", count) % {"count": count}


def _thread_text(root: Json | None) -> str:
    """The page's script says the same (static/js/message_thread.js)."""
    return _("In the thread of %(name)s") % {"name": root["sender"]["display_name"]} if root else _("In a thread")


def _reaction(given: Json, reader: Reader) -> Reaction:
    users = given["users"]
    return Reaction(given["emoji"], given["count"], " ".join(users), is_mine=reader.user_id in users)


def _quote(reply_to: int | None, reader: Reader, known: dict[int, Json]) -> Quote | None:
    if reply_to is None:
        return None
    item = known.get(reply_to)
    if item is None:
        return Quote(f"{reader.chat_url}?at={reply_to}", _("An earlier message"))
    return Quote(f"#m-{item['client_id']}", f"{item['sender']['display_name']}: {said(item)}")


def _continues(previous: Json | LogLine | None, item: Json) -> bool:
    """Whether one person simply goes on; the page's script asks the same (static/js/layout.js)."""
    if previous is None or isinstance(previous, LogLine):
        return False
    pause = dt.datetime.fromisoformat(item["created_at"]) - dt.datetime.fromisoformat(previous["created_at"])
    return _voice(previous) == _voice(item) and pause < SAME_BREATH


def _voice(item: Json) -> str:
    return "" if item["kind"] == "system" else f"{item['sender']['id']} {item.get('shown_as', '')}"


def _classes(**states: bool) -> str:
    return " ".join(["message", *(f"message--{name}" for name, holds in states.items() if holds)])


def _day(row: Json | LogLine) -> dt.date:
    return row.day if isinstance(row, LogLine) else day_of(row["created_at"])
