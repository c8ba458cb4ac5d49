"""Deeds on a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from auth_svc.admin.deeds.screen import HIDDEN, DeedScreen, Fact, PersonForm
from auth_svc.services import moderation as accounts
from chat_svc.services import moderation
from chat_svc.services.moderation import Right, Staff
from user_svc.selectors import user_by_id


def facts_of_person(user_id: UUID) -> list[Fact]:
    """Raises UserNotFound."""
    person = user_by_id(user_id)
    kind = _("Guest") if person.is_guest else _("Bot") if person.is_bot else _("Member")
    return [
        (_("Name"), person.display_name),
        (_("User name"), person.username or "–"),
        (_("Kind"), kind),
        (_("Here since"), person.date_joined),
    ]


class PersonScreen(DeedScreen):
    right = Right.MODERATE_PEOPLE
    form = PersonForm

    def about(self, by: Staff, asked: Mapping[str, Any]) -> list[Fact]:
        return facts_of_person(asked["person"])


class Warn(PersonScreen):
    name = "warn"
    title = gettext_lazy("Warn somebody")
    button = gettext_lazy("Warn")

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        moderation.warn(by=by, user_id=data["person"])
        return _("They read your warning now.")


class BanForm(PersonForm):
    """`chat`: where it was about; then only the codes into that chat are meant."""

    with_code = forms.BooleanField(
        label=gettext_lazy("And the code"),
        required=False,
        help_text=gettext_lazy("The code by which they came is dead; nobody comes in by it any more."),
    )
    with_guests = forms.BooleanField(
        label=gettext_lazy("And the guests who came by the same code"),
        required=False,
        help_text=gettext_lazy("Each of them is banned too. Who has an account is not."),
    )
    erases_messages = forms.BooleanField(
        label=gettext_lazy("And all they wrote"),
        required=False,
        help_text=gettext_lazy("In every chat. It can be restored for a time."),
    )
    chat = forms.UUIDField(required=False, widget=HIDDEN)


class Ban(PersonScreen):
    name = "ban"
    title = gettext_lazy("Ban somebody")
    button = gettext_lazy("Ban")
    form = BanForm

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        accounts.ban(
            by=by,
            user_id=data["person"],
            chat_id=data["chat"],
            with_code=data["with_code"],
            with_guests=data["with_guests"],
            erases_messages=data["erases_messages"],
        )
        return _("They are banned, and signed out everywhere.")


class Unban(PersonScreen):
    name = "unban"
    title = gettext_lazy("Lift a ban")
    button = gettext_lazy("Let them in again")

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        accounts.unban(by=by, user_id=data["person"])
        return _("They may come in again.")


class EndSessions(PersonScreen):
    name = "end-sessions"
    title = gettext_lazy("Sign somebody out everywhere")
    button = gettext_lazy("Sign out")

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        ended = accounts.end_sessions(by=by, user_id=data["person"])
        return ngettext("%(count)d session was ended.", "%(count)d sessions were ended.", ended) % {"count": ended}


SCREENS = [Warn(), Ban(), Unban(), EndSessions()]
