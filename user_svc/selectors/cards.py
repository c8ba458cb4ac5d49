"""The JSON that is shown of people."""

from typing import TypedDict
from uuid import UUID

from abdre.wire import Id, Moment, utc
from user_svc.models import User
from user_svc.selectors.people import user_by_id


class UserJson(TypedDict):
    id: Id
    display_name: str
    is_guest: bool


class MeJson(UserJson):
    username: str | None
    email: str | None
    is_staff: bool
    date_joined: Moment


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
