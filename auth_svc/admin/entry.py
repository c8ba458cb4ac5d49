"""The way into the admin: a staff person's access cookie opens a Django session of the path /admin/."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest

from abdre.errors import Unauthenticated
from abdre.path_session import PathSession
from abdre.tokens import ACCESS_COOKIE, Person, verify
from auth_svc.selectors import session_is_alive
from auth_svc.selectors.factors import factors_of, has_shown_second_factor
from auth_svc.services import is_welcome, sign_out
from chat_svc.services.moderation import Right, may
from user_svc.errors import UserNotFound
from user_svc.selectors import user_by_id

if TYPE_CHECKING:
    from user_svc.models import User

admin_session = PathSession(store=SessionStore, cookie="abdre_admin", path="/admin/")

# Who is here, and by which of the person's sessions: the admin's ends with that one.
USER = "user"
OPENED_BY = "opened_by"


def enter(request: HttpRequest) -> None:
    """Set `request.user` to the person who is signed in, if anybody is; only for staff the admin's session opens.

    Raises FirstGo for staff who have not shown a second factor in this session.
    """
    person = _by_access_cookie(request)
    if person:
        request.user = _user(person.id)
        if not may_enter(request.user):
            request.session.flush()
        elif request.session.get(OPENED_BY) != str(person.session_id):
            _require_second_factor(person.id, person.session_id)
            _open(request, person)
    elif OPENED_BY in request.session and session_is_alive(UUID(request.session[OPENED_BY])):
        request.user = _user(UUID(request.session[USER]))
    else:
        request.session.flush()
        request.user = AnonymousUser()
    if OPENED_BY in request.session:  # a factor may be removed, and the setting turned on, while somebody is inside
        _require_second_factor(UUID(request.session[USER]), UUID(request.session[OPENED_BY]))


class FirstGo(Exception):
    """A page of ours that has to be passed first; it leads back."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)


def _require_second_factor(user_id: UUID, session_id: UUID) -> None:
    """Raises FirstGo. Both pages end with a session that has shown one, so nobody is sent in a circle."""
    if settings.ADMIN_SECOND_FACTOR and not has_shown_second_factor(session_id):
        raise FirstGo("/reauthenticate" if factors_of(user_id) else "/security/two-step")


def may_enter(user: User | AnonymousUser) -> bool:
    return user.is_authenticated and user.is_staff and is_welcome(user)


def staff_person(request: HttpRequest) -> User:
    """Who asks, past the door: `request.user` is a person of ours, whatever Django says it may be."""
    return cast("User", request.user)


def has_right(request: HttpRequest, right: Right) -> bool:
    return may(staff_person(request), right)


def leave(request: HttpRequest) -> None:
    """End the admin's session, and the one that opened it."""
    sign_out(user_id=UUID(request.session[USER]), session_id=UUID(request.session[OPENED_BY]))
    request.session.flush()


def _by_access_cookie(request: HttpRequest) -> Person | None:
    try:
        return verify(request.COOKIES.get(ACCESS_COOKIE, ""))
    except Unauthenticated:
        return None


def _open(request: HttpRequest, person: Person) -> None:
    # A new key, so that nobody who knew the old one comes in with it.
    request.session.flush()
    request.session[USER] = str(person.id)
    request.session[OPENED_BY] = str(person.session_id)


def _user(user_id: UUID) -> User | AnonymousUser:
    try:
        return user_by_id(user_id)
    except UserNotFound:
        return AnonymousUser()
