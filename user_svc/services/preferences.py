"""People say how they want the pages."""

import zoneinfo
from functools import cache
from typing import TypedDict
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from abdre.cache import forget_changed, own_card
from user_svc.errors import InvalidProfile
from user_svc.models import Preferences
from user_svc.selectors import user_by_id


class PreferenceFacts(TypedDict, total=False):
    """`language` and `time_zone`: empty for what the browser says."""

    language: str
    time_zone: str
    theme: str
    accent: str
    text_size: str
    enter_sends: bool
    sounds: bool


def change_preferences(*, user_id: UUID, facts: PreferenceFacts) -> Preferences:
    """Raises InvalidProfile, UserNotFound."""
    user_by_id(user_id)
    if facts.get("language") and facts["language"] not in dict(settings.LANGUAGES):
        raise InvalidProfile("language", _("This language is not spoken here."))
    if facts.get("time_zone") and facts["time_zone"] not in _zones():
        raise InvalidProfile("time_zone", _("There is no such time zone."))
    preferences, _created = Preferences.objects.update_or_create(user_id=user_id, defaults=facts)
    forget_changed(own_card(user_id))
    return preferences


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())
