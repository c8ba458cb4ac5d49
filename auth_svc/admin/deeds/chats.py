"""Deeds on a chat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from auth_svc.admin.deeds.screen import HIDDEN, DeedForm, DeedScreen, Fact
from auth_svc.admin.words import CHOICES
from chat_svc.selectors.targets import ChatTarget, chat_target
from chat_svc.services import moderation
from chat_svc.services.moderation import Right, Staff

PACES = [
    (0, gettext_lazy("No waiting")),
    (10, gettext_lazy("10 seconds")),
    (30, gettext_lazy("30 seconds")),
    (60, gettext_lazy("1 minute")),
    (300, gettext_lazy("5 minutes")),
    (3600, gettext_lazy("1 hour")),
]


def facts_of_chat(chat_id: UUID) -> list[Fact]:
    """Raises ChatNotFound."""
    chat = chat_target(chat_id)
    return [
        (_("Chat"), chat.title or _("Nothing of it was reported: its name is not shown")),
        (_("Kind"), CHOICES.get(chat.kind, chat.kind)),
        (_("People"), chat.people),
        (_("State"), _state(chat)),
    ]


def _state(chat: ChatTarget) -> str:
    if chat.is_closed:
        return _("Closed")
    rules = [_("Locked")] if chat.is_locked else []
    rules += [_("Slow mode")] if chat.slow_mode_s else []
    return ", ".join(rules) or pgettext("a chat", "Open")


class ChatForm(DeedForm):
    chat = forms.UUIDField(widget=HIDDEN)


class SlowForm(ChatForm):
    seconds = forms.TypedChoiceField(
        label=gettext_lazy("Between two messages a member waits"), choices=PACES, coerce=int, initial=30
    )


class ChatScreen(DeedScreen):
    right = Right.MODERATE_CHATS
    form: ClassVar[type[DeedForm]] = ChatForm

    def about(self, by: Staff, asked: Mapping[str, Any]) -> list[Fact]:
        return facts_of_chat(asked["chat"])


class CloseChat(ChatScreen):
    name = "close-chat"
    title = gettext_lazy("Close a chat")
    button = gettext_lazy("Close")

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        moderation.close_chat(by=by, chat_id=data["chat"])
        return _("The chat is closed. Its people can read on.")


class ReopenChat(ChatScreen):
    name = "reopen-chat"
    title = gettext_lazy("Open a chat again")
    button = gettext_lazy("Open again")

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        moderation.reopen_chat(by=by, chat_id=data["chat"])
        return _("The chat is open again.")


class LockChat(ChatScreen):
    name = "lock-chat"
    title = gettext_lazy("Lock a chat")
    button = gettext_lazy("Lock")

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        moderation.lock_chat(by=by, chat_id=data["chat"])
        return _("Only those who manage the chat write there now.")


class UnlockChat(ChatScreen):
    name = "unlock-chat"
    title = gettext_lazy("Unlock a chat")
    button = gettext_lazy("Unlock")

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        moderation.unlock_chat(by=by, chat_id=data["chat"])
        return _("Everybody in the chat writes again.")


class SlowChat(ChatScreen):
    name = "slow-chat"
    title = gettext_lazy("Slow a chat")
    button = gettext_lazy("Set the pace")
    form = SlowForm

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        moderation.slow_chat(by=by, chat_id=data["chat"], seconds=data["seconds"])
        return _("The chat has its new pace.")


SCREENS = [CloseChat(), ReopenChat(), LockChat(), UnlockChat(), SlowChat()]
