"""Deeds on codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from auth_svc.admin.deeds.chats import facts_of_chat
from auth_svc.admin.deeds.people import facts_of_person
from auth_svc.admin.deeds.screen import HIDDEN, DeedForm, DeedScreen, Fact
from auth_svc.selectors.invitations import is_code_in_view, known_invitation
from auth_svc.services import moderation
from chat_svc.errors import ChatNotFound
from chat_svc.services.moderation import Right, Staff


class EvictingForm(DeedForm):
    evicts = forms.BooleanField(
        label=gettext_lazy("And who came by it"),
        required=False,
        help_text=gettext_lazy("Whoever came by it and is still in the chat is taken out, but for its owners."),
    )


class CodeForm(EvictingForm):
    invitation = forms.UUIDField(widget=HIDDEN)


class CodesForm(EvictingForm):
    """Of a person or of a chat."""

    person = forms.UUIDField(required=False, widget=HIDDEN)
    chat = forms.UUIDField(required=False, widget=HIDDEN)

    def clean(self) -> None:
        if bool(self.cleaned_data.get("person")) == bool(self.cleaned_data.get("chat")):
            raise forms.ValidationError(_("Of a person or of a chat."))


class RevokeCode(DeedScreen):
    name = "revoke-code"
    title = gettext_lazy("Revoke a code")
    button = gettext_lazy("Revoke")
    right = Right.MODERATE_CHATS
    form = CodeForm

    def about(self, by: Staff, asked: Mapping[str, Any]) -> list[Fact]:
        code = known_invitation(asked["invitation"])
        into = facts_of_chat(code.chat_id) if code.chat_id else [(_("Into"), _("A chat with its host"))]
        label = [(_("Label"), code.label or "–")] if is_code_in_view(code.id) else []
        return [
            *into,
            *label,
            (_("Host"), code.created_by.display_name),
            (_("Came in"), code.uses),
            (_("Made"), code.created_at),
        ]

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        moderation.revoke_code(by=by, invitation_id=data["invitation"], evicts=data["evicts"])
        return _("The code is dead.")


class RevokeCodesOf(DeedScreen):
    name = "revoke-codes-of"
    title = gettext_lazy("Revoke all codes")
    button = gettext_lazy("Revoke all")
    right = Right.MODERATE_CHATS
    form = CodesForm

    def about(self, by: Staff, asked: Mapping[str, Any]) -> list[Fact]:
        if asked["person"]:
            return facts_of_person(asked["person"])
        if asked["chat"]:
            return facts_of_chat(asked["chat"])
        raise ChatNotFound

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        done = _revoke_of(by, data)
        return ngettext("%(count)d code was revoked.", "%(count)d codes were revoked.", done) % {"count": done}


def _revoke_of(by: Staff, data: Mapping[str, Any]) -> int:
    if data["person"]:
        return moderation.revoke_codes_of_person(by=by, user_id=data["person"], evicts=data["evicts"])
    return moderation.revoke_codes_of_chat(by=by, chat_id=data["chat"], evicts=data["evicts"])


SCREENS = [RevokeCode(), RevokeCodesOf()]
