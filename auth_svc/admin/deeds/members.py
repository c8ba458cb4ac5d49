"""Deeds on somebody in a chat, or on their writing everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auth_svc.admin.deeds.chats import facts_of_chat
from auth_svc.admin.deeds.people import facts_of_person
from auth_svc.admin.deeds.screen import HIDDEN, DeedForm, DeedScreen, Fact, PersonForm
from auth_svc.admin.words import CHOICES
from chat_svc.selectors.targets import membership_target
from chat_svc.services import moderation
from chat_svc.services.moderation import Right, Staff

MINUTE, DAY = 60, 24 * 3600
SILENCES = [
    (10 * MINUTE, gettext_lazy("10 minutes")),
    (60 * MINUTE, gettext_lazy("1 hour")),
    (DAY, gettext_lazy("24 hours")),
    (7 * DAY, gettext_lazy("7 days")),
    (30 * DAY, gettext_lazy("30 days")),
]


class PlaceForm(PersonForm):
    """`chat`: where; without one, everywhere."""

    chat = forms.UUIDField(required=False, widget=HIDDEN)
    everywhere = forms.BooleanField(
        label=gettext_lazy("Everywhere"),
        required=False,
        help_text=gettext_lazy("Not in this chat alone."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not (self.initial.get("chat") or self.data.get("chat")):  # it is everywhere anyway
            del self.fields["everywhere"]

    def clean(self) -> None:
        if self.cleaned_data.get("everywhere"):
            self.cleaned_data["place"] = None
        else:
            self.cleaned_data["place"] = self.cleaned_data.get("chat")


class SilenceForm(PlaceForm):
    lasts = forms.TypedChoiceField(label=gettext_lazy("For how long"), choices=SILENCES, coerce=int, initial=DAY)


class MemberForm(PersonForm):
    chat = forms.UUIDField(widget=HIDDEN)


def facts_of_place(chat_id: UUID | None) -> list[Fact]:
    return facts_of_chat(chat_id) if chat_id else [(_("Chat"), _("All chats"))]


class PlaceScreen(DeedScreen):
    """On a person, in one chat or everywhere."""

    right = Right.MODERATE_PEOPLE
    form: ClassVar[type[DeedForm]] = PlaceForm

    def about(self, by: Staff, asked: Mapping[str, Any]) -> list[Fact]:
        return [*facts_of_person(asked["person"]), *facts_of_place(asked.get("chat"))]


class Silence(PlaceScreen):
    name = "silence"
    title = gettext_lazy("Silence somebody")
    button = gettext_lazy("Silence")
    form = SilenceForm

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        lasts = timedelta(seconds=data["lasts"])
        moderation.silence(by=by, user_id=data["person"], chat_id=data["place"], lasts=lasts)
        return _("They may not write until then, and see until when.")


class Unsilence(PlaceScreen):
    name = "unsilence"
    title = gettext_lazy("Let somebody write again")
    button = gettext_lazy("Let them write")

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        moderation.unsilence(by=by, user_id=data["person"], chat_id=data["place"])
        return _("They may write again.")


class MemberScreen(DeedScreen):
    right = Right.MODERATE_PEOPLE
    form = MemberForm

    def about(self, by: Staff, asked: Mapping[str, Any]) -> list[Fact]:
        membership = membership_target(asked["chat"], asked["person"])
        role = [(_("Role"), CHOICES.get(membership.role, membership.role))] if membership else []
        return [*facts_of_person(asked["person"]), *facts_of_chat(asked["chat"]), *role]


class RemoveMember(MemberScreen):
    name = "remove-member"
    title = gettext_lazy("Remove somebody from a chat")
    button = gettext_lazy("Remove")

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        moderation.remove_member(by=by, chat_id=data["chat"], user_id=data["person"])
        return _("They are out of the chat.")


class BanFromChat(MemberScreen):
    name = "ban-from-chat"
    title = gettext_lazy("Ban somebody from a chat")
    button = gettext_lazy("Ban from the chat")

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        moderation.ban_from_chat(by=by, chat_id=data["chat"], user_id=data["person"])
        return _("They are out of the chat, and do not come in again.")


class UnbanFromChat(MemberScreen):
    name = "unban-from-chat"
    title = gettext_lazy("Lift a ban from a chat")
    button = gettext_lazy("Lift the ban")

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        moderation.unban_from_chat(by=by, chat_id=data["chat"], user_id=data["person"])
        return _("They may come in again by a code.")


SCREENS = [Silence(), Unsilence(), RemoveMember(), BanFromChat(), UnbanFromChat()]
