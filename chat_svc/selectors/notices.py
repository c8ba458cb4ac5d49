"""What of a chat is worth telling somebody whose pages are closed, and in which words."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, TypedDict

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from chat_svc.models import Kind, Membership, Mention, Message, MessageKind, Notify
from chat_svc.models.search import shown
from chat_svc.selectors.readable import readable
from user_svc.selectors import is_quiet, parted_from, preferences_of

TEXT_LIMIT = 100
TTL = dt.timedelta(days=1)


class NoticeJson(TypedDict):
    """What goes to a browser. `tag`: what it is about; the newer of two stands in the older one's place."""

    tag: str
    title: str
    text: str
    url: str


def news_for(membership: Membership, *, since: int, until: int, device_zone: str) -> Message | None:
    """The newest message from `since` to `until` that the person wants to be told of at this hour, if any."""
    if membership.notify == Notify.NOTHING or membership.is_muted or membership.chat.is_over:
        return None
    if is_quiet(preferences_of(membership.user), device_zone=device_zone):
        return None
    return wanted(membership, since=since, until=until).select_related("sender").order_by("-seq").first()


def wanted(membership: Membership, *, since: int, until: int) -> QuerySet[Message]:
    """What is unread, said by others, and not by anybody whom a block keeps apart from the person."""
    unread = readable(membership).filter(
        seq__gt=max(since, membership.read_seq), seq__lte=until, kind=MessageKind.TEXT, deleted_at=None
    )
    said = unread.exclude(sender_id__in={membership.user_id, *parted_from(membership.user_id)})
    if membership.notify == Notify.MENTIONS:
        calls = Mention.objects.filter(chat_id=membership.chat_id, user_id=membership.user_id)
        said = said.filter(seq__in=calls.values("seq"))
    return said


def notice_json(message: Message, membership: Membership, *, device_language: str) -> NoticeJson:
    """In the language that the person has chosen, else in their device's."""
    preferences = preferences_of(membership.user)
    chat = membership.chat
    with override(preferences.language or device_language or settings.LANGUAGE_CODE):
        title, text = (_("New message"), "") if preferences.hides_text else _words(message, chat.kind, chat.title)
    return {"tag": str(chat.id), "title": title, "text": text, "url": f"/chats/{chat.id}?at={message.seq}"}


def _words(message: Message, kind: str, title: str) -> tuple[str, str]:
    name, said = message.sender.display_name, in_short(message)
    if kind == Kind.DIRECT or not title:
        return name, said
    return title, f"{name}: {said}"


def in_short(message: Message) -> str:
    """What it says, in one line of at most TEXT_LIMIT characters."""
    extras: Mapping[str, Any] = message.extras or {}
    text = shown(extras.get("preview") or message.body) or _kind_of_files(extras.get("attachments") or [])
    return text if len(text) <= TEXT_LIMIT else f"{text[: TEXT_LIMIT - 1]}…"


def _kind_of_files(attachments: list[Mapping[str, Any]]) -> str:
    kinds = {attachment["kind"] for attachment in attachments}
    if kinds == {"image"}:
        return _("Photo")
    return _("Sound") if kinds == {"audio"} else _("File")


def ttl_s_of(membership: Membership) -> int:
    """How long a push service may keep it: never past the end of the chat."""
    end, now = membership.chat.expires_at, timezone.now()
    return int(min(TTL, end - now if end else TTL).total_seconds())
