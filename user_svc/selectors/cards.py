"""The JSON that is shown of people, beyond what everybody sees of them (`events.user_json`)."""

from typing import Annotated, TypedDict
from uuid import UUID

from abdre.wire import Id, Moment, utc
from user_svc.events import NoticeJson, StatusJson, UserJson, profile_of, status_json, user_json
from user_svc.models import Profile, User, Writers
from user_svc.selectors.blocks import blocked_ids, has_blocked
from user_svc.selectors.notices import recent_notices, unseen_notices
from user_svc.selectors.people import user_by_id
from user_svc.selectors.preferences import UserPreferencesJson, preferences_json, preferences_of
from user_svc.selectors.visibility import visible_user


class MeJson(UserJson):
    """`blocked`: the people whom I have blocked. `notices`: what staff let me know, and I have not read yet."""

    username: str | None
    email: str | None
    is_staff: bool
    date_joined: Moment
    about: str
    status: StatusJson | None
    preferences: UserPreferencesJson
    blocked: list[Id]
    notices: list[NoticeJson]


class ProfileJson(UserJson):
    """`time_zone`: null unless they show it. `is_blocked`: by me."""

    username: str | None
    about: str
    status: StatusJson | None
    date_joined: Moment
    time_zone: str | None
    is_blocked: bool


class PrivacyJson(TypedDict):
    """`who_may_write`: who may begin a direct chat with me; `peers` are those who share a chat with me."""

    shows_presence: bool
    shows_receipts: bool
    shows_local_time: bool
    is_findable: bool
    who_may_write: Annotated[str, Writers]


def me_json(user: User) -> MeJson:
    profile = profile_of(user)
    return {
        **user_json(user),
        "username": user.username,
        "email": user.email,
        "is_staff": user.is_staff,
        "date_joined": utc(user.date_joined),
        "about": profile.about,
        "status": status_json(profile),
        "preferences": preferences_json(preferences_of(user)),
        "blocked": [str(user_id) for user_id in blocked_ids(user.id)],
        "notices": unseen_notices(user.id),
    }


def profile_json(*, user_id: UUID, asked_by: UUID) -> ProfileJson:
    """Raises UserNotFound."""
    user = visible_user(user_id=user_id, asked_by=asked_by)
    profile = profile_of(user)
    zone = preferences_of(user).time_zone if profile.shows_local_time else ""
    return {
        **user_json(user),
        "username": user.username,
        "about": profile.about,
        "status": status_json(profile),
        "date_joined": utc(user.date_joined),
        "time_zone": zone or None,
        "is_blocked": has_blocked(user_id=asked_by, other_id=user_id),
    }


def privacy_json(profile: Profile) -> PrivacyJson:
    return {
        "shows_presence": profile.shows_presence,
        "shows_receipts": profile.shows_receipts,
        "shows_local_time": profile.shows_local_time,
        "is_findable": profile.is_findable,
        "who_may_write": profile.who_may_write,
    }


def own_profile(user_id: UUID) -> dict[str, object]:
    """What the person takes along. Raises UserNotFound."""
    user = user_by_id(user_id)
    moments = {"last_seen_at": utc(user.last_seen_at), "deletion_due_at": utc(user.deletion_due_at)}
    privacy = privacy_json(profile_of(user))
    return {**me_json(user), **moments, "privacy": privacy, "notices": recent_notices(user_id)}
