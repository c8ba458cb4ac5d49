"""Deeds on messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from auth_svc.admin.deeds.chats import ChatForm, facts_of_chat
from auth_svc.admin.deeds.members import PlaceForm, PlaceScreen
from auth_svc.admin.deeds.screen import HIDDEN, DeedForm, DeedScreen, Fact
from chat_svc.selectors.targets import MessageTarget, deletion_target, message_targets
from chat_svc.services import moderation
from chat_svc.services.moderation import Right, Staff


class MessageForm(ChatForm):
    """`seq`: one, or several with commas between them."""

    seq = forms.RegexField(r"^\d{1,18}(,\d{1,18}){0,199}\Z", widget=HIDDEN)

    def clean_seq(self) -> list[int]:
        return sorted({int(seq) for seq in self.cleaned_data["seq"].split(",")})


class DeleteMessage(DeedScreen):
    name = "delete-message"
    title = gettext_lazy("Delete a message")
    button = gettext_lazy("Delete")
    right = Right.MODERATE_MESSAGES
    form = MessageForm

    def about(self, by: Staff, asked: Mapping[str, Any]) -> list[Fact]:
        targets = message_targets(asked["chat"], asked["seq"])
        told = [one.seq for one in targets if one.words and not one.is_deleted]
        may_read = moderation.look_at_words(by=by, chat_id=asked["chat"], seqs=told)
        return [*facts_of_chat(asked["chat"]), *(fact for one in targets for fact in _facts_of_message(one, may_read))]

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        entry = moderation.delete_messages(by=by, chat_id=data["chat"], seqs=data["seq"])
        return _said(entry.details["messages"])


def _facts_of_message(one: MessageTarget, may_read: bool) -> list[Fact]:
    return [
        (_("Message %(seq)s, by") % {"seq": one.seq}, one.author.display_name),
        (_("Said"), one.said_at),
        (_("What it says"), _words(one, may_read)),
    ]


def _words(one: MessageTarget, may_read: bool) -> str:
    if one.is_deleted:
        return _("deleted")
    if not one.words:
        return _("Nobody has reported it: its words are not shown")
    return one.words if may_read else _("Its words are for those who handle reports")


def _said(count: int) -> str:
    return ngettext("%(count)d message was deleted.", "%(count)d messages were deleted.", count) % {"count": count}


class DeleteMessagesOf(PlaceScreen):
    name = "delete-messages-of"
    title = gettext_lazy("Delete all that somebody has said")
    button = gettext_lazy("Delete all")
    right = Right.MODERATE_MESSAGES
    form = PlaceForm

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        entry = moderation.delete_messages_of(by=by, user_id=data["person"], chat_id=data["place"])
        if moderation.is_under_way(entry):
            return _("There are very many. The first are deleted, and the others go in the next minutes.")
        return _said(entry.details["messages"])


class RestoreForm(DeedForm):
    """`entry`: of the log, the deed that is taken back."""

    entry = forms.IntegerField(min_value=1, max_value=2**63 - 1, widget=HIDDEN)


class RestoreMessages(DeedScreen):
    name = "restore-messages"
    title = gettext_lazy("Restore what was deleted")
    button = gettext_lazy("Restore")
    right = Right.MODERATE_MESSAGES
    form = RestoreForm

    def about(self, by: Staff, asked: Mapping[str, Any]) -> list[Fact]:
        deleted = deletion_target(asked["entry"])
        return [
            (_("Deleted"), deleted.done_at),
            (_("Because"), deleted.reason),
            (_("Messages that can be restored"), deleted.left),
        ]

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        entry = moderation.restore_messages(by=by, entry_id=data["entry"])
        if moderation.is_under_way(entry):
            return _("There are very many. The first are there again, and the others come in the next minutes.")
        count = entry.details["messages"]
        return ngettext("%(count)d message is there again.", "%(count)d messages are there again.", count) % {
            "count": count
        }


SCREENS = [DeleteMessage(), DeleteMessagesOf(), RestoreMessages()]
