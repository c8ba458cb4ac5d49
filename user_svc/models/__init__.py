"""The tables of user_svc: people, their profiles and preferences, where they are told, whom they block."""

from user_svc.models.blocks import Block
from user_svc.models.people import DISPLAY_NAME_LIMIT, USERNAME_KEY_LIMIT, User, name_key
from user_svc.models.preferences import Accent, Preferences, TextSize, Theme
from user_svc.models.profiles import ABOUT_LIMIT, EMOJI_LIMIT, STATUS_LIMIT, Profile, Writers
from user_svc.models.push import KEY_LIMIT, PushSubscription

__all__ = [
    "ABOUT_LIMIT",
    "DISPLAY_NAME_LIMIT",
    "EMOJI_LIMIT",
    "KEY_LIMIT",
    "STATUS_LIMIT",
    "USERNAME_KEY_LIMIT",
    "Accent",
    "Block",
    "Preferences",
    "Profile",
    "PushSubscription",
    "TextSize",
    "Theme",
    "User",
    "Writers",
    "name_key",
]
