"""What user_svc tells: shapes and their builders."""

from typing import NotRequired, TypedDict
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone

from abdre.wire import Id, Moment, utc
from user_svc.models import STAFF_ID, Profile, StaffNotice, User

# What is counted of people who come (abdre.tally); a guest who takes an account is counted as both.
ACCOUNTS_MADE = "accounts.made"
GUESTS_MADE = "guests.made"


class UserJson(TypedDict):
    """`picture` names the content of the person's picture, for its address; null for none.

    `is_bot` stands there only where it is true, and so does `speaks_for_staff`: of the one account by which staff acts
    in chats, whoever of them it was.
    """

    id: Id
    display_name: str
    is_guest: bool
    is_bot: NotRequired[bool]
    speaks_for_staff: NotRequired[bool]
    picture: str | None


class StatusJson(TypedDict):
    """`emoji` and `text`: one of them may be empty. `until`: null for as long as it stands."""

    emoji: str
    text: str
    until: Moment | None


class NoticeJson(TypedDict):
    """What staff let somebody know. `chat`: which it is about, `chat_title` its name then; empty once it is erased.

    `until`: how long what was done holds. `seen_at`: when the person said that they have read it.
    """

    id: int
    kind: str
    reason: str
    chat: Id | None
    chat_title: str
    until: Moment | None
    created_at: Moment
    seen_at: Moment | None


class NoticeEvent(TypedDict):
    type: str
    notice: NoticeJson


class NoticeSeenEvent(TypedDict):
    type: str
    notice: int


class UserEvent(TypedDict):
    type: str
    user: UserJson
    status: StatusJson | None


class PreferencesEvent(TypedDict):
    type: str


class BlockEvent(TypedDict):
    type: str
    user: str
    blocked: bool


def user_json(user: User) -> UserJson:
    return user_card(str(user.id), user.display_name, is_guest=user.is_guest, is_bot=user.is_bot, picture=user.picture)


def user_card(user_id: str, display_name: str, *, is_guest: bool, is_bot: bool, picture: str | None) -> UserJson:
    """For who has the columns and not the row."""
    card: UserJson = {"id": user_id, "display_name": display_name, "is_guest": is_guest, "picture": picture}
    if is_bot:
        card["is_bot"] = True
        if user_id == str(STAFF_ID):
            card["speaks_for_staff"] = True
    return card


def profile_of(user: User) -> Profile:
    """Theirs, else one as it is by default. Read with the person where `select_related` says so."""
    try:
        return user.profile
    except ObjectDoesNotExist:
        return Profile(user=user)


def status_json(profile: Profile) -> StatusJson | None:
    """None for none, and for one whose time is over."""
    is_over = profile.status_until is not None and profile.status_until <= timezone.now()
    if is_over or not (profile.status_emoji or profile.status_text):
        return None
    return {"emoji": profile.status_emoji, "text": profile.status_text, "until": utc(profile.status_until)}


def user_changed(user: User) -> UserEvent:
    """For everybody who shares a chat with them."""
    return {"type": "user.changed", "user": user_json(user), "status": status_json(profile_of(user))}


def preferences_changed() -> PreferencesEvent:
    """For the person's own devices: what they knew of these is to be asked anew."""
    return {"type": "preferences.changed"}


def block_changed(user_id: UUID, *, blocked: bool) -> BlockEvent:
    """For the blocker's own devices alone."""
    return {"type": "block.changed", "user": str(user_id), "blocked": blocked}


def notice_json(notice: StaffNotice) -> NoticeJson:
    return {
        "id": notice.id,
        "kind": notice.kind,
        "reason": notice.reason,
        "chat": str(notice.chat_id) if notice.chat_id else None,
        "chat_title": notice.chat_title,
        "until": utc(notice.until),
        "created_at": utc(notice.created_at),
        "seen_at": utc(notice.seen_at),
    }


def notice_created(notice: StaffNotice) -> NoticeEvent:
    """For the person's own devices alone."""
    return {"type": "notice.created", "notice": notice_json(notice)}


def notice_seen(notice_id: int) -> NoticeSeenEvent:
    """For the person's own devices alone: it was read on one of them."""
    return {"type": "notice.seen", "notice": notice_id}
