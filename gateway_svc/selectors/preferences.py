"""The sections of the settings, and their forms."""

from django.conf import settings
from django.utils.translation import gettext as _

from abdre.appearance import ACCENTS, TEXT_SIZES, THEMES, Appearance, zones
from gateway_svc.selectors.api import Json
from gateway_svc.selectors.forms import Choices, Option, Switch, choices
from gateway_svc.selectors.people import Viewer
from gateway_svc.selectors.security import Line


def sections(viewer: Viewer | None) -> list[Line]:
    """Each page of /settings/ adds its line here. A stranger sets how this browser shows pages."""
    looks = [
        Line(_("Appearance"), _("Theme, colour, size of text"), "/settings/appearance", "device"),
        Line(_("Language and time"), _("Language, time zone"), "/settings/language", "globe"),
    ]
    if viewer is None:
        return looks
    lines = [
        Line(_("Profile"), _("Name, picture, status"), "/profile", "person"),
        *looks,
        Line(_("Notifications"), _("How you are told, and when not"), "/settings/notifications", "bell"),
        Line(_("Privacy"), _("Who sees what, and who may write to you"), "/settings/privacy", "shield"),
        Line(_("Blocked people"), _("Whom you want nothing to do with"), "/settings/blocked", "stop"),
        Line(_("From the moderators"), _("What they did, and why"), "/notices", "mail"),
        Line(_("Security"), _("How you log in, and where"), "/security", "key"),
    ]
    if not viewer.is_guest:
        lines += [
            Line(_("Personal tokens"), _("For programs that act as you"), "/settings/tokens", "program"),
            Line(_("Bots"), _("Programs with names of their own"), "/settings/bots", "bot"),
        ]
    return lines


def looks(shown: Appearance) -> list[Choices]:
    themes = (_("As the device"), _("Light"), _("Dark"), _("High contrast"))
    accents = (_("Petrol"), _("Blue"), _("Violet"), _("Rose"), _("Green"))
    sizes = (_("Small"), _("Normal"), _("Large"), _("Largest"))
    return [
        choices("theme", _("Theme"), dict(zip(THEMES, themes, strict=True)), shown.theme),
        choices("accent", _("Colour"), dict(zip(ACCENTS, accents, strict=True)), shown.accent),
        choices("text_size", _("Size of text"), dict(zip(TEXT_SIZES, sizes, strict=True)), shown.text_size),
    ]


def habits(shown: Appearance) -> list[Switch]:
    return [
        Switch("enter_sends", _("Enter sends"), shown.enter_sends, _("Shift and Enter begin a new line.")),
        Switch("sounds", _("Sounds"), shown.sounds, _("A short sound when somebody writes.")),
    ]


def languages(shown: Appearance) -> Choices:
    names = {"": _("As the browser asks"), **dict(settings.LANGUAGES)}
    return choices("language", _("Language"), names, shown.language)


def time_zones(shown: Appearance) -> list[Option]:
    """Places, without the older names that stand for them."""
    names = sorted(name for name in zones() if "/" in name and not name.startswith(("Etc/", "SystemV/", "US/")))
    known = names if not shown.time_zone or shown.time_zone in names else [shown.time_zone, *names]
    return [Option("", _("As the device says"), not shown.time_zone)] + [
        Option(name, name.replace("_", " "), name == shown.time_zone) for name in known
    ]


def privacy(shown: Json) -> list[Switch]:
    return [
        Switch(
            "shows_presence",
            _("Show when I am here"),
            shown["shows_presence"],
            _("People who share a chat with you see that you are online, and when you last were."),
        ),
        Switch(
            "shows_receipts",
            _("Show what I have read"),
            shown["shows_receipts"],
            _("Without it, you do not see what others have read either."),
        ),
        Switch(
            "shows_local_time",
            _("Show my local time"),
            shown["shows_local_time"],
            _("On your profile, by your time zone."),
        ),
        Switch(
            "is_findable", _("Let others find me"), shown["is_findable"], _("By my name, in the search for people.")
        ),
    ]


def writers(shown: Json) -> Choices:
    names = {
        "everybody": _("Everybody with an account"),
        "peers": _("Only people who share a chat with me"),
        "nobody": _("Nobody new"),
    }
    return choices("who_may_write", _("Who may begin a chat with me"), names, shown["who_may_write"])
