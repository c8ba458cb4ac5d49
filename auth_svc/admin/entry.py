"""The way into the admin: a staff person's access cookie opens a Django session of the path /admin/."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest

from abdre.errors import Unauthenticated
from abdre.path_session import PathSession
from abdre.tokens import ACCESS_COOKIE, Person, verify
from auth_svc.selectors import session_is_alive
from user_svc.errors import UserNotFound
from user_svc.selectors import user_by_id

if TYPE_CHECKING:
    from user_svc.models import User

admin_session = PathSession(store=SessionStore, cookie="abdre_admin", path="/admin/")

# Who is here, and by which of the person's sessions: the admin's ends with that one.
USER = "user"
OPENED_BY = "opened_by"


def enter(request: HttpRequest) -> None:
    """Set `request.user` to the person who is signed in, if anybody is."""
    person = _by_access_cookie(request)
    if person and request.session.get(OPENED_BY) != str(person.session_id):
        _open(request, person)
    elif not person and not _still_lives(request):
        request.session.flush()
    request.user = _user(request)


def opened_by(request: HttpRequest) -> UUID:
    return UUID(request.session[OPENED_BY])


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


def _still_lives(request: HttpRequest) -> bool:
    return OPENED_BY in request.session and session_is_alive(opened_by(request))


def _user(request: HttpRequest) -> User | AnonymousUser:
    try:
        return user_by_id(UUID(request.session[USER])) if USER in request.session else AnonymousUser()
    except UserNotFound:
        return AnonymousUser()
