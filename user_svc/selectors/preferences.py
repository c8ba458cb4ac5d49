"""How somebody wants the pages."""

import datetime as dt
import zoneinfo
from functools import cache
from typing import Annotated, TypedDict

from django.core.exceptions import ObjectDoesNotExist

from user_svc.models import Accent, Preferences, PushSubscription, TextSize, Theme, User


class UserPreferencesJson(TypedDict):
    """`language` and `time_zone`: empty for what the browser says.

    `quiet_from`, `quiet_until`: `22:00`; empty for none.
    """

    language: str
    time_zone: str
    theme: Annotated[str, Theme]
    accent: Annotated[str, Accent]
    text_size: Annotated[str, TextSize]
    enter_sends: bool
    sounds: bool
    hides_text: bool
    quiet_from: str
    quiet_until: str
    digest: bool


def preferences_of(user: User) -> Preferences:
    """Theirs, else as it is by default. Read with the person where `select_related` says so."""
    try:
        return user.preferences
    except ObjectDoesNotExist:
        return Preferences(user=user)


def preferences_json(preferences: Preferences) -> UserPreferencesJson:
    return {
        "language": preferences.language,
        "time_zone": preferences.time_zone,
        "theme": preferences.theme,
        "accent": preferences.accent,
        "text_size": preferences.text_size,
        "enter_sends": preferences.enter_sends,
        "sounds": preferences.sounds,
        "hides_text": preferences.hides_text,
        "quiet_from": _clock(preferences.quiet_from),
        "quiet_until": _clock(preferences.quiet_until),
        "digest": preferences.digest,
    }


def _clock(time: dt.time | None) -> str:
    return f"{time:%H:%M}" if time else ""


@cache
def zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def language_of(user: User) -> str:
    """The one that they have chosen, else the one of the browser in which they last switched notifications on; empty
    for none.
    """
    chosen = preferences_of(user).language
    asked_in = PushSubscription.objects.filter(user=user).exclude(language="").order_by("-created_at")
    return chosen or asked_in.values_list("language", flat=True).first() or ""
