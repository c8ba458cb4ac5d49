"""The log of what staff did: who may write it, and that nobody changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, connection, transaction

from chat_svc.errors import NotStaff, ReasonMissing, TargetProtected
from chat_svc.models import ModerationEntry
from chat_svc.services import moderation
from chat_svc.services.moderation import Staff
from user_svc.selectors import ADMINISTRATORS, MODERATORS, notices_of
from user_svc.services import appoint, dismiss

if TYPE_CHECKING:
    from user_svc.models import User


@pytest.fixture
def moderator(ada: User) -> User:
    appoint(user_id=ada.id, group=MODERATORS)
    return ada


def by(user: User, reason: str = "rude") -> Staff:
    return Staff(id=user.id, reason=reason, address="10.0.0.0/24")


def test_a_warning_is_noted_and_told_to_the_person(moderator: User, eve: User):
    entry = moderation.warn(by=by(moderator), user_id=eve.id)

    assert (entry.actor_id, entry.person_id, entry.deed, entry.reason) == (
        moderator.id,
        eve.id,
        "person.warned",
        "rude",
    )
    assert entry.address == "10.0.0.0/24"
    assert [(notice.kind, notice.reason) for notice in notices_of(eve.id)] == [("warned", "rude")]


def test_who_is_no_staff_may_not_and_nothing_is_noted(bob: User, eve: User):
    with pytest.raises(NotStaff):
        moderation.warn(by=by(bob), user_id=eve.id)

    assert not ModerationEntry.objects.exists()
    assert not notices_of(eve.id)


def test_who_was_dismissed_may_no_longer(moderator: User, eve: User):
    dismiss(user_id=moderator.id)

    with pytest.raises(NotStaff):
        moderation.warn(by=by(moderator), user_id=eve.id)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 1001, "a\0b"])
def test_a_deed_has_a_reason(moderator: User, eve: User, reason: str):
    with pytest.raises(ReasonMissing):
        moderation.warn(by=by(moderator, reason), user_id=eve.id)

    assert not notices_of(eve.id)


def test_nobody_acts_on_themselves_and_moderators_on_no_staff(moderator: User, bob: User, eve: User):
    appoint(user_id=bob.id, group=ADMINISTRATORS)
    appoint(user_id=eve.id, group=MODERATORS)

    for target in (moderator, bob, eve):
        with pytest.raises(TargetProtected):
            moderation.warn(by=by(moderator), user_id=target.id)
    moderation.warn(by=by(bob), user_id=eve.id)

    assert list(ModerationEntry.objects.values_list("person_id", flat=True)) == [eve.id]


@pytest.mark.parametrize("statement", ["UPDATE {} SET reason = 'other'", "DELETE FROM {}"])
def test_an_entry_is_neither_changed_nor_deleted(moderator: User, eve: User, statement: str):
    moderation.warn(by=by(moderator), user_id=eve.id)

    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(ModerationEntry._meta.db_table))

    assert ModerationEntry.objects.get().reason == "rude"


@pytest.mark.postgres
def test_nor_is_the_table_emptied(moderator: User, eve: User):
    moderation.warn(by=by(moderator), user_id=eve.id)

    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {ModerationEntry._meta.db_table}")

    assert ModerationEntry.objects.exists()
