"""The staff of the tests, and what nobody else may do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from chat_svc.errors import NotStaff, ReasonMissing
from chat_svc.models import ModerationEntry
from chat_svc.services.moderation import Staff
from chat_svc.tests.conftest import Told, member
from user_svc.selectors import MODERATORS, notices_of
from user_svc.services import appoint, dismiss

if TYPE_CHECKING:
    from user_svc.models import User


def moderator(name: str = "mira", group: str = MODERATORS) -> User:
    person = member(name)
    appoint(user_id=person.id, group=group)
    return person


def by(user: User, reason: str = "rude") -> Staff:
    return Staff(id=user.id, reason=reason, address="10.0.0.0/24")


def refused(told: Told, deed: Callable[[Staff], object], *, member: User) -> None:
    """Of a member, of staff without the right, of who is staff no longer, and without a reason: nobody hears of it."""
    clerk, gone, mira = moderator("clerk"), moderator("gone"), moderator("needy")
    clerk.groups.clear()
    dismiss(user_id=gone.id)
    before = told.items.copy(), ModerationEntry.objects.count(), notices_of(member.id).count()

    for nobody in (member, clerk, gone):
        with pytest.raises(NotStaff):
            deed(by(nobody))
    with pytest.raises(ReasonMissing):
        deed(by(mira, " "))

    assert (told.items, ModerationEntry.objects.count(), notices_of(member.id).count()) == before
