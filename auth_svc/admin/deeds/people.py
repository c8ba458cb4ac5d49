"""Deeds on a person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auth_svc.admin.deeds.screen import DeedScreen, Fact, PersonForm
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


class Warn(DeedScreen):
    name = "warn"
    title = gettext_lazy("Warn somebody")
    button = gettext_lazy("Warn")
    right = Right.MODERATE_PEOPLE
    form = PersonForm

    def about(self, asked: Mapping[str, Any]) -> list[Fact]:
        return facts_of_person(asked["person"])

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        moderation.warn(by=by, user_id=data["person"])
        return _("They read your warning now.")


SCREENS = [Warn()]
