"""Questions about people."""

import datetime as dt
import unicodedata
from collections.abc import Iterable
from typing import Any, TypedDict
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Lower
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from abdre.wire import Id, Moment, utc
from user_svc import presence
from user_svc.errors import UserNotFound
from user_svc.models import User, name_key

SEARCH_LIMIT = 20
DELETIONS_AT_ONCE = 100
# Longer than a job is tried again; what has not ended then is begun once more.
DELETION_TAKES = dt.timedelta(hours=6)
# What a person is called who is there no more.
DELETED_NAME = _("Deleted account")
# Unicode's Default_Ignorable_Code_Point (DerivedCoreProperties.txt, 15.1), which Python's tables leave out: signs that
# no font shows. Some are letters or accents by their category.
IGNORABLE = (
    *((0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
    *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF)),
    *((0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)


class UserJson(TypedDict):
    id: Id
    display_name: str
    is_guest: bool


class MeJson(UserJson):
    username: str | None
    email: str | None
    is_staff: bool
    date_joined: Moment


class PresenceJson(TypedDict):
    online: bool
    last_seen: Moment | None


def user_by_id(user_id: UUID) -> User:
    """Raises UserNotFound."""
    try:
        return User.objects.get(id=user_id)
    except User.DoesNotExist as problem:
        raise UserNotFound from problem


def guest_by_id(user_id: UUID) -> User | None:
    """None for a member, and where there is nobody."""
    return User.objects.filter(id=user_id, is_guest=True).first()


def user_by_login(login: str) -> User | None:
    """The member whose user name or e-mail address this is. A user name holds no `@`, so the two never meet."""
    named = people_with_email(login) if "@" in login else User.objects.filter(username_key=name_key(login))
    return named.filter(is_guest=False).first()


def login_key(login: str) -> str:
    """What makes two logins the same, as `user_by_login` reads them."""
    return login.lower() if "@" in login else name_key(login)


def people_with_email(email: str) -> QuerySet[User]:
    """By the expression of the unique index; `iexact` would read all people, for every stranger who asks."""
    return User.objects.annotate(email_key=Lower("email")).filter(email_key=Lower(Value(email.lower())))


def users_by_id(user_ids: Iterable[UUID]) -> dict[UUID, User]:
    return User.objects.in_bulk(list(user_ids))


def look_of(name: str) -> str:
    """What the eye sees of a name: letter case, spelling in Unicode, spaces and invisible signs aside.

    Letters of two scripts that look alike (Latin and Cyrillic a) are two letters here.
    """
    shown = "".join(sign for sign in name if not is_ignorable(sign))
    visible = "".join(sign for sign in name_key(shown) if unicodedata.category(sign) != "Cf" and not is_ignorable(sign))
    return " ".join(visible.split())


def is_ignorable(sign: str) -> bool:
    """Whether no font shows it by itself."""
    return any(first <= ord(sign) <= last for first, last in IGNORABLE)


def banned_among(user_ids: Iterable[UUID]) -> set[UUID]:
    """Those who are banned everywhere or whose account is closed."""
    barred = User.objects.filter(Q(banned_at__isnull=False) | Q(is_active=False), id__in=list(user_ids))
    return set(barred.values_list("id", flat=True))


def due_for_deletion(now: dt.datetime) -> list[UUID]:
    """Whose time of grace is over, the longest first, also those whose deletion has begun and should have ended."""
    due = User.objects.filter(deletion_due_at__lte=now, deleted_at=None)
    waiting = due.exclude(deletion_begun_at__gt=now - DELETION_TAKES)
    return list(waiting.order_by("deletion_due_at").values_list("id", flat=True)[:DELETIONS_AT_ONCE])


def guests_unseen_since(moment: dt.datetime, *, except_: Any) -> list[UUID]:
    """Guests who came before `moment` and were not there after it. `except_`: ids, or a query for them."""
    unseen = User.objects.filter(is_guest=True, deleted_at=None, deletion_due_at=None, date_joined__lt=moment)
    idle = unseen.exclude(last_seen_at__gte=moment).exclude(id__in=except_)
    return list(idle.order_by("date_joined").values_list("id", flat=True)[:DELETIONS_AT_ONCE])


def user_json(user: User) -> UserJson:
    return {"id": str(user.id), "display_name": user.display_name, "is_guest": user.is_guest}


def me_json(user: User) -> MeJson:
    return {
        **user_json(user),
        "username": user.username,
        "email": user.email,
        "is_staff": user.is_staff,
        "date_joined": utc(user.date_joined),
    }


def own_profile(user_id: UUID) -> dict[str, object]:
    """What the person takes along. Raises UserNotFound."""
    user = user_by_id(user_id)
    return {**me_json(user), "last_seen_at": utc(user.last_seen_at), "deletion_due_at": utc(user.deletion_due_at)}


def visible_user(*, user_id: UUID, asked_by: UUID) -> User:
    """Somebody's card: one's own, a member's, or a guest's one shares a chat with. Raises UserNotFound."""
    user = user_by_id(user_id)
    if user.is_guest and user_id != asked_by and not peers(user_id=asked_by, candidates=[user_id]):
        raise UserNotFound
    asker = user_by_id(asked_by)
    if asker.is_guest and user_id != asked_by and not peers(user_id=asked_by, candidates=[user_id]):
        raise UserNotFound
    return user


def search(query: str) -> list[User]:
    """Members whose user name begins with, or whose display name contains `query`; never guests, never by e-mail."""
    members = User.objects.filter(
        is_guest=False, is_active=True, banned_at=None, deactivated_at=None, deletion_due_at=None
    )
    wanted = name_key(query)
    by_name = members.filter(Q(username_key__startswith=wanted) | Q(display_name_key__contains=wanted))
    return list(by_name.order_by("username")[:SEARCH_LIMIT])


def peers(*, user_id: UUID, candidates: Iterable[UUID]) -> set[UUID]:
    """Those of `candidates` who share a chat with the person; chat_svc, above us, is asked by the settings' word."""
    found: set[UUID] = import_string(settings.PEER_VISIBILITY)(user_id, set(candidates))
    return found


def presence_of(*, user_ids: list[UUID], asked_by: UUID) -> dict[str, PresenceJson]:
    """Who of `user_ids` is there. People who share no chat with the asker are left out like unknown ones."""
    visible = peers(user_id=asked_by, candidates=user_ids) | ({asked_by} & set(user_ids))
    online = presence.online(visible)
    last_seen = dict(User.objects.filter(id__in=visible).values_list("id", "last_seen_at"))
    return {str(user_id): _presence(user_id in online, seen) for user_id, seen in last_seen.items()}


def _presence(online: bool, last_seen_at: dt.datetime | None) -> PresenceJson:
    return {"online": online, "last_seen": utc(last_seen_at)}
