"""What people say of themselves, and to whom."""

import datetime as dt
import unicodedata
from typing import TypedDict
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from abdre.cache import forget_changed, own_card
from user_svc.errors import InvalidProfile
from user_svc.events import profile_of
from user_svc.models import ABOUT_LIMIT, EMOJI_LIMIT, STATUS_LIMIT, Profile, User
from user_svc.selectors import user_by_id
from user_svc.services.accounts import rename
from user_svc.services.names import may_be_shown
from user_svc.services.news import tell_changed

# Signs, and what joins or colours them; keycaps are digits within a frame.
EMOJI_SIGNS = frozenset(("So", "Sm", "Po", "Me"))
EMOJI_PARTS = EMOJI_SIGNS | {"Sk", "Mn", "Cf", "Nd"}


class Status(TypedDict):
    """`until`: None for as long as it is not taken back."""

    emoji: str
    text: str
    until: dt.datetime | None


class ProfileFacts(TypedDict, total=False):
    """What is to be changed. `status`: None takes it back."""

    display_name: str
    status: Status | None
    about: str


class PrivacyFacts(TypedDict, total=False):
    shows_presence: bool
    shows_receipts: bool
    shows_local_time: bool
    is_findable: bool
    who_may_write: str


def change_profile(*, user_id: UUID, facts: ProfileFacts) -> User:
    """All of it or nothing. Raises InvalidName, InvalidProfile, UserNotFound."""
    with transaction.atomic():
        if "display_name" in facts:
            rename(user_id=user_id, display_name=facts["display_name"])
        if told := _told(facts):
            _keep(user_id, **told)
        user = user_by_id(user_id)
        if facts:
            tell_changed(user)
    return user


def change_privacy(*, user_id: UUID, facts: PrivacyFacts) -> Profile:
    """Raises UserNotFound."""
    user = user_by_id(user_id)
    showed = profile_of(user).shows_presence
    with transaction.atomic():
        profile = _keep(user_id, **facts)
        if profile.shows_presence != showed:
            tell_changed(user)  # who sees them asks anew whether they are here
    return profile


def _keep(user_id: UUID, **facts: object) -> Profile:
    profile, _created = Profile.objects.update_or_create(user_id=user_id, defaults=facts)
    forget_changed(own_card(user_id))
    return profile


def _told(facts: ProfileFacts) -> dict[str, object]:
    told: dict[str, object] = {}
    if "about" in facts:
        told["about"] = _checked_text("about", facts["about"], ABOUT_LIMIT, allowed="\n")
    if "status" in facts:
        status = facts["status"] or {"emoji": "", "text": "", "until": None}
        told["status_emoji"] = _checked_emoji(status["emoji"])
        told["status_text"] = _checked_text("status", status["text"], STATUS_LIMIT)
        told["status_until"] = _checked_end(status["until"])
    return told


def _checked_text(field: str, text: str, limit: int, *, allowed: str = "") -> str:
    cleaned = text.replace("\r\n", "\n").strip()
    if len(cleaned) > limit:
        raise InvalidProfile(field, _("At most %(limit)d characters.") % {"limit": limit})
    if not all(may_be_shown(sign) or sign in allowed for sign in cleaned):
        raise InvalidProfile(field, _("This holds signs that cannot be shown."))
    return cleaned


def _checked_emoji(text: str) -> str:
    cleaned = text.strip()
    kinds = {unicodedata.category(sign) for sign in cleaned}
    if cleaned and (len(cleaned) > EMOJI_LIMIT or not kinds & EMOJI_SIGNS or not kinds <= EMOJI_PARTS):
        raise InvalidProfile("status", _("One emoji, or none."))
    return cleaned


def _checked_end(until: dt.datetime | None) -> dt.datetime | None:
    if until is not None and until <= timezone.now():
        raise InvalidProfile("status", _("A status ends in the future."))
    return until
