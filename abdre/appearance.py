"""How this browser is to show pages: its cookies say so, written when somebody chooses or comes in, strangers too."""

import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils import timezone

COOKIE = "appearance"
ZONE_COOKIE = "time_zone"
THEMES = ("system", "light", "dark", "contrast")
ACCENTS = ("petrol", "blue", "violet", "rose", "green")
TEXT_SIZES = ("small", "normal", "large", "largest")


@dataclass(frozen=True)
class Appearance:
    """`time_zone` and `language`: empty for what the browser says."""

    theme: str = THEMES[0]
    accent: str = ACCENTS[0]
    text_size: str = "normal"
    enter_sends: bool = True
    sounds: bool = True
    time_zone: str = ""
    language: str = ""

    @property
    def dark_media(self) -> str:
        """Where the dark sheet holds; empty: nowhere."""
        media = {"system": "(prefers-color-scheme: dark)", "dark": "all"}
        return media.get(self.theme, "")

    @property
    def contrast_media(self) -> str:
        return "all" if self.theme == "contrast" else "(prefers-contrast: more)"

    @property
    def dark_contrast_media(self) -> str:
        media = {"light": "", "dark": "(prefers-contrast: more)", "contrast": "(prefers-color-scheme: dark)"}
        return media.get(self.theme, "(prefers-contrast: more) and (prefers-color-scheme: dark)")

    def cookies(self) -> dict[str, str]:
        """By name; an empty one is to be taken away."""
        words = [self.theme, self.accent, self.text_size, str(int(self.enter_sends)), str(int(self.sounds))]
        return {COOKIE: ".".join(words), ZONE_COOKIE: self.time_zone, settings.LANGUAGE_COOKIE_NAME: self.language}


DEFAULT = Appearance()


def appearance_of(cookies: Mapping[str, str]) -> Appearance:
    """What a cookie says that is none of ours, is as if it were not there."""
    theme, accent, text_size, enter_sends, sounds, *_more = [*cookies.get(COOKIE, "").split("."), *[""] * 5]
    zone, language = cookies.get(ZONE_COOKIE, ""), cookies.get(settings.LANGUAGE_COOKIE_NAME, "")
    return Appearance(
        theme=_one_of(THEMES, theme, DEFAULT.theme),
        accent=_one_of(ACCENTS, accent, DEFAULT.accent),
        text_size=_one_of(TEXT_SIZES, text_size, DEFAULT.text_size),
        enter_sends=enter_sends != "0",
        sounds=sounds != "0",
        time_zone=zone if zone in zones() else "",
        language=language if language in dict(settings.LANGUAGES) else "",
    )


def _one_of(known: tuple[str, ...], said: str, default: str) -> str:
    return said if said in known else default


@cache
def zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def zone_of(shown: Appearance) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(shown.time_zone or timezone.get_default_timezone_name())
