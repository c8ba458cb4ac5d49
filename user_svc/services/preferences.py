"""People say how they want the pages."""

import datetime as dt
from typing import TypedDict
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from abdre.cache import forget_changed, own_card
from user_svc.errors import InvalidProfile
from user_svc.models import Preferences
from user_svc.selectors import user_by_id
from user_svc.selectors.preferences import zones


class PreferenceFacts(TypedDict, total=False):
    """`language` and `time_zone`: empty for what the browser says."""

    language: str
    time_zone: str
    theme: str
    accent: str
    text_size: str
    enter_sends: bool
    sounds: bool
    hides_text: bool
    quiet_from: dt.time | None
    quiet_until: dt.time | None
    digest: bool


def change_preferences(*, user_id: UUID, facts: PreferenceFacts) -> Preferences:
    """Raises InvalidProfile, UserNotFound."""
    user_by_id(user_id)
    if facts.get("language") and facts["language"] not in dict(settings.LANGUAGES):
        raise InvalidProfile("language", _("This language is not spoken here."))
    if facts.get("time_zone") and facts["time_zone"] not in zones():
        raise InvalidProfile("time_zone", _("There is no such time zone."))
    if (facts.get("quiet_from") is None) != (facts.get("quiet_until") is None):
        raise InvalidProfile("quiet_until", _("Quiet hours have a beginning and an end."))
    preferences, _created = Preferences.objects.update_or_create(user_id=user_id, defaults=facts)
    forget_changed(own_card(user_id))
    return preferences
