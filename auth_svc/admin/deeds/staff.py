"""Deeds on the staff itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from auth_svc.admin.deeds.people import PersonScreen
from auth_svc.services import moderation
from chat_svc.services.moderation import Right, Staff
from user_svc.selectors import ADMINISTRATORS, MODERATORS


class AppointModerator(PersonScreen):
    name = "appoint-moderator"
    title = gettext_lazy("Appoint a moderator")
    button = gettext_lazy("Appoint")
    right = Right.APPOINT_STAFF

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        moderation.appoint(by=by, user_id=data["person"], group=MODERATORS)
        return _("They are a moderator now, and are asked for a second factor when they come in.")


class AppointAdministrator(PersonScreen):
    name = "appoint-administrator"
    title = gettext_lazy("Appoint an administrator")
    button = gettext_lazy("Appoint")
    right = Right.APPOINT_STAFF

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        moderation.appoint(by=by, user_id=data["person"], group=ADMINISTRATORS)
        return _("They are an administrator now, and are asked for a second factor when they come in.")


class Dismiss(PersonScreen):
    name = "dismiss"
    title = gettext_lazy("Dismiss from the staff")
    button = gettext_lazy("Dismiss")
    right = Right.APPOINT_STAFF

    def run(self, by: Staff, data: Mapping[str, Any]) -> str:
        moderation.dismiss(by=by, user_id=data["person"])
        return _("They are no longer on the staff.")


SCREENS = [AppointModerator(), AppointAdministrator(), Dismiss()]
