"""People by what is known of them."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower

from user_svc.errors import UserNotFound
from user_svc.models import ADMINISTRATORS as ADMINISTRATORS
from user_svc.models import MODERATORS as MODERATORS
from user_svc.models import STAFF_ID as STAFF_ID
from user_svc.models import User, name_key


def anybody_is_there() -> bool:
    return User.objects.exists()


def user_by_id(user_id: UUID) -> User:
    """With what they tell and want beside. Raises UserNotFound."""
    try:
        return User.objects.select_related("profile", "preferences").get(id=user_id)
    except User.DoesNotExist as problem:
        raise UserNotFound from problem


def guest_by_id(user_id: UUID) -> User | None:
    """None for a member, and where there is nobody."""
    return User.objects.filter(id=user_id, is_guest=True).first()


def user_by_login(login: str) -> User | None:
    """The member whose user name or e-mail address this is; bots do not log in. No user name holds an `@`."""
    named = people_with_email(login) if "@" in login else User.objects.filter(username_key=name_key(login))
    return named.filter(is_guest=False, is_bot=False).first()


def login_key(login: str) -> str:
    """What makes two logins the same, as `user_by_login` reads them."""
    return login.lower() if "@" in login else name_key(login)


def people_with_email(email: str) -> QuerySet[User]:
    """By the expression of the unique index; `iexact` would read all people, for every stranger who asks."""
    return User.objects.annotate(email_key=Lower("email")).filter(email_key=Lower(Value(email.lower())))


def administrators() -> QuerySet[User]:
    """Also those who came in before there were groups of staff."""
    return User.objects.filter(
        Exists(Group.objects.filter(name=ADMINISTRATORS, user=OuterRef("id"))) | Q(is_superuser=True)
    )


def people_found(words: str) -> QuerySet[User]:
    """For staff: whose user name begins so, whose shown name has it in it, or whose address it is.

    The keys are folded already, and are compared as they stand: folding 100,000 names anew takes longer than that.
    """
    key = name_key(words)
    found = Q(username_key__startswith=key) | Q(display_name_key__contains=key)
    if "@" in words:
        found |= Q(pk__in=people_with_email(words).values("pk"))
    return User.objects.filter(found)


def staff_with(right: str) -> QuerySet[User]:
    """Who of the staff has this right, as `app.codename`, by their group.

    Found from the groups on, since staff are few and people many. Superusers are in none: they are for repairs.
    """
    app, codename = right.split(".")
    groups = Group.objects.filter(permissions__content_type__app_label=app, permissions__codename=codename)
    theirs = User.groups.through.objects.filter(group__in=groups).values("user")
    return User.objects.filter(id__in=theirs, is_staff=True, is_active=True, banned_at=None)


def called(name: str, *, path: str) -> Q:
    """Of rows that point to a person by `path`: who has this user name, or is shown under a name with this in it."""
    key = name_key(name)
    return Q(**{f"{path}__username_key": key}) | Q(**{f"{path}__display_name_key__contains": key})


def users_by_id(user_ids: Iterable[UUID]) -> dict[UUID, User]:
    return User.objects.in_bulk(list(user_ids))


def newcomers_since(since: dt.datetime, *, among: Iterable[UUID]) -> dict[UUID, dt.datetime]:
    """Those who have come since then, and when; guests and members. What bots may say is limited by itself."""
    new = User.objects.filter(id__in=list(among), date_joined__gt=since, is_bot=False)
    return dict(new.values_list("id", "date_joined"))


def banned_among(user_ids: Iterable[UUID]) -> set[UUID]:
    """Those who are banned everywhere or whose account is closed."""
    barred = User.objects.filter(Q(banned_at__isnull=False) | Q(is_active=False), id__in=list(user_ids))
    return set(barred.values_list("id", flat=True))
