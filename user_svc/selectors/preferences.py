"""How somebody wants the pages."""

from typing import Annotated, TypedDict
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist

from user_svc.models import Accent, Preferences, TextSize, Theme, User


class UserPreferencesJson(TypedDict):
    """`language` and `time_zone`: empty for what the browser says."""

    language: str
    time_zone: str
    theme: Annotated[str, Theme]
    accent: Annotated[str, Accent]
    text_size: Annotated[str, TextSize]
    enter_sends: bool
    sounds: bool


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
    }


def language_of(user_id: UUID) -> str:
    """The one that they have chosen; empty for none."""
    chosen = Preferences.objects.filter(user_id=user_id).values_list("language", flat=True)
    return chosen.first() or ""
