"""What was said, as staff reads it: plain words of people, never their HTML."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from chat_svc.events import MessageJson


class Earlier(NamedTuple):
    """A body, and until when it stood there."""

    body: str
    until: datetime


class File(NamedTuple):
    """`path`: empty where the file is gone."""

    name: str
    size: str
    kind: str
    path: str


@dataclass(frozen=True)
class Said:
    sender_id: str
    name: str
    badge: str
    at: datetime
    body: str
    is_system: bool = False
    is_reported: bool = False
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    forwarded_from: str = ""
    earlier: list[Earlier] = field(default_factory=list)
    files: list[File] = field(default_factory=list)


def conversation(
    messages: Sequence[Mapping[str, Any]], *, files_at: str = "", still_there: Collection[UUID] = (), reported: int = 0
) -> list[Said]:
    """Of messages as they go over the wire, maybe with their `edits`. `files_at`: the address below which the files
    `still_there` are handed out."""
    return [
        Said(
            sender_id=one["sender"]["id"],
            name=one.get("shown_as") or one["sender"]["display_name"],
            badge=_badge(one["sender"]),
            at=moment(one["created_at"]),
            body=_body(one),
            is_system=one["kind"] == "system",
            is_reported=one["seq"] == reported,
            edited_at=_optional(one["edited_at"]),
            deleted_at=_optional(one["deleted_at"]),
            forwarded_from=one.get("forwarded", {}).get("display_name", ""),
            earlier=earlier(one.get("edits", [])),
            files=[_file(about, files_at, still_there) for about in one["attachments"]],
        )
        for one in messages
    ]


def file_ids(messages: Sequence[Mapping[str, Any]]) -> list[UUID]:
    return [UUID(about["id"]) for one in messages for about in one["attachments"]]


def in_one_line(messages: Sequence[Mapping[str, Any]] | None, seq: int) -> str:
    """What the reported message said, or what it brought."""
    one: Mapping[str, Any] = next((one for one in messages or [] if one["seq"] == seq), {})
    return one.get("body") or ", ".join(about["name"] for about in one.get("attachments", []))


def earlier(edits: Sequence[Mapping[str, Any]]) -> list[Earlier]:
    return [Earlier(edit["body"], moment(edit["edited_at"])) for edit in edits]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _optional(text: str | None) -> datetime | None:
    return moment(text) if text else None


def _badge(sender: Mapping[str, Any]) -> str:
    if sender["is_guest"]:
        return _("guest")
    return _("bot") if sender.get("is_bot") else ""


def _body(one: Mapping[str, Any] | MessageJson) -> str:
    """Of what was done to the chat: the words that somebody put there, if any."""
    fact = one.get("system") or {}
    return str(fact.get("title") or fact.get("topic") or "") if fact else one["body"]


def _file(about: Mapping[str, Any], files_at: str, still_there: Collection[UUID]) -> File:
    path = f"{files_at}{about['id']}/" if UUID(about["id"]) in still_there else ""
    return File(about["name"], filesizeformat(about["size"]), about["kind"], path)
