"""The tables of user_svc: people, their profiles and preferences, where they are told and what staff tells them, whom
they block."""

from user_svc.models.blocks import Block
from user_svc.models.notices import NOTICE_REASON_LIMIT, NoticeKind, StaffNotice
from user_svc.models.people import (
    ADMINISTRATORS,
    DISPLAY_NAME_LIMIT,
    MODERATORS,
    STAFF_ID,
    USERNAME_KEY_LIMIT,
    User,
    name_key,
)
from user_svc.models.preferences import Accent, Preferences, TextSize, Theme
from user_svc.models.profiles import ABOUT_LIMIT, EMOJI_LIMIT, STATUS_LIMIT, Profile, Writers
from user_svc.models.push import KEY_LIMIT, PushSubscription

__all__ = [
    "ABOUT_LIMIT",
    "ADMINISTRATORS",
    "DISPLAY_NAME_LIMIT",
    "EMOJI_LIMIT",
    "KEY_LIMIT",
    "MODERATORS",
    "NOTICE_REASON_LIMIT",
    "STAFF_ID",
    "STATUS_LIMIT",
    "USERNAME_KEY_LIMIT",
    "Accent",
    "Block",
    "NoticeKind",
    "Preferences",
    "Profile",
    "PushSubscription",
    "StaffNotice",
    "TextSize",
    "Theme",
    "User",
    "Writers",
    "name_key",
]
