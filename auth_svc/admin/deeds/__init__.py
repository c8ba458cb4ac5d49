"""A deed of the staff is one screen: what it is about, what it wants to know, why, and one button."""

from django.urls import URLPattern, path

from auth_svc.admin.deeds import chats, codes, members, messages, people, staff
from auth_svc.admin.deeds.screen import DeedScreen, Screens

SCREENS: dict[str, DeedScreen] = {
    screen.name: screen for module in (messages, members, chats, people, codes, staff) for screen in module.SCREENS
}


def paths(screens: Screens) -> list[URLPattern]:
    return [path("deeds/<slug:name>/", screens.view(SCREENS), name="deed")]
