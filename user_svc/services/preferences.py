"""People say how they want the pages."""

import datetime as dt
from typing import TypedDict
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from abdre.cache import forget_changed, own_card
from abdre.events import publish, user_group
from user_svc.errors import InvalidProfile
from user_svc.events import preferences_changed
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


def claim_digest(*, user_id: UUID, before: dt.datetime) -> bool:
    """Whether a letter about missed mentions may go out now: asked for, and none since `before`."""
    due = Preferences.objects.filter(Q(digest_at__isnull=True) | Q(digest_at__lt=before), user_id=user_id, digest=True)
    return bool(due.update(digest_at=timezone.now()))


def give_back_digest(*, user_id: UUID, former: dt.datetime | None) -> None:
    """The letter could not go out."""
    Preferences.objects.filter(user_id=user_id).update(digest_at=former)


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
    publish(user_group(user_id), preferences_changed())
    return preferences
