"""Two of the staff at browsers, as if they had logged in and shown a second factor."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

GROUPS = {"administrator": "Administrators", "moderator": "Moderators"}


def at_browsers() -> dict[str, Any]:
    return {name: _at_a_browser(name, group) for name, group in GROUPS.items()}


def _at_a_browser(name: str, group: str) -> Any:
    from django.contrib.auth import get_user_model
    from django.test import Client
    from django.utils import timezone

    from abdre.tokens import ACCESS_COOKIE, AccessToken
    from auth_svc.models import Session
    from user_svc.services import appoint

    person = get_user_model().objects.create(username=f"{name}.{uuid4().hex[:8]}", display_name=name)
    appoint(user_id=person.id, group=group)
    now = timezone.now()
    session = Session.objects.create(user=person, expires_at=now + timedelta(days=1), second_factor_at=now)
    client = Client()
    client.cookies[ACCESS_COOKIE] = str(AccessToken.issue(user_id=person.id, session_id=session.id))
    return client
