"""The tables of user_svc: people, what they tell of themselves, how they want pages, whom they block."""

from user_svc.models.blocks import Block
from user_svc.models.people import DISPLAY_NAME_LIMIT, USERNAME_KEY_LIMIT, User, name_key
from user_svc.models.preferences import Accent, Preferences, TextSize, Theme
from user_svc.models.profiles import ABOUT_LIMIT, EMOJI_LIMIT, STATUS_LIMIT, Profile, Writers

__all__ = [
    "ABOUT_LIMIT",
    "DISPLAY_NAME_LIMIT",
    "EMOJI_LIMIT",
    "STATUS_LIMIT",
    "USERNAME_KEY_LIMIT",
    "Accent",
    "Block",
    "Preferences",
    "Profile",
    "TextSize",
    "Theme",
    "User",
    "Writers",
    "name_key",
]
