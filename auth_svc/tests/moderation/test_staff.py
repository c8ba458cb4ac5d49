"""Administrators appoint and dismiss; nobody raises their own rights, and one administrator always stays."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from auth_svc.services import moderation
from auth_svc.tests.moderation.cast import officer
from auth_svc.tests.people import Visitor
from chat_svc.errors import NotStaff, ReasonMissing, TargetProtected
from chat_svc.selectors.records import last_entries
from chat_svc.services.moderation import Right, Staff, may
from user_svc.errors import LastAdministrator, UserNotFound
from user_svc.selectors import ADMINISTRATORS, MODERATORS, administrators, notices_of, user_by_id
from user_svc.services import appoint as appoint_silently
from user_svc.services import ban as ban_silently


@pytest.mark.parametrize(
    ("group", "may_appoint", "kind"),
    [(MODERATORS, False, "made_moderator"), (ADMINISTRATORS, True, "made_administrator")],
)
def test_somebody_is_appointed_and_told(alma: Staff, bob: Visitor, group: str, may_appoint: bool, kind: str):
    moderation.appoint(by=alma, user_id=bob.id, group=group)

    person = user_by_id(bob.id)
    assert (may(person, Right.MODERATE_PEOPLE), may(person, Right.APPOINT_STAFF)) == (True, may_appoint)
    [entry] = last_entries(bob.id)
    assert (entry.deed, entry.actor_id, entry.details) == ("staff.appointed", alma.id, {"group": group})
    assert [notice.kind for notice in notices_of(bob.id)] == [kind]


def test_somebody_is_dismissed_and_told(alma: Staff, mira: Staff):
    moderation.dismiss(by=alma, user_id=mira.id)

    person = user_by_id(mira.id)
    assert (person.is_staff, may(person, Right.HANDLE_REPORTS)) == (False, False)
    assert [entry.deed for entry in last_entries(mira.id)] == ["staff.dismissed"]
    assert [notice.kind for notice in notices_of(mira.id)] == ["dismissed"]


def test_an_administrator_can_be_dismissed_and_made_a_moderator(alma: Staff):
    other, third = officer("oleg", ADMINISTRATORS), officer("petra", ADMINISTRATORS)

    moderation.dismiss(by=alma, user_id=other.id)
    moderation.appoint(by=alma, user_id=third.id, group=MODERATORS)

    assert [person.id for person in administrators()] == [alma.id]


@pytest.mark.parametrize("deed", ["appoint", "dismiss"])
def test_the_last_administrator_stays(alma: Staff, deed: str):
    """Whoever does it stays one; so this is about somebody to whom an operator has given this one right."""
    oleg = officer("oleg", MODERATORS)
    user_by_id(oleg.id).user_permissions.add(Permission.objects.get(codename=Right.APPOINT_STAFF))
    banned = officer("petra", ADMINISTRATORS)
    ban_silently(user_id=banned.id)

    with pytest.raises(LastAdministrator):
        _do(deed, oleg, alma)

    assert may(user_by_id(alma.id), Right.APPOINT_STAFF)
    assert not last_entries(alma.id)


def _do(deed: str, by: Staff, target: Staff) -> None:
    if deed == "appoint":
        moderation.appoint(by=by, user_id=target.id, group=MODERATORS)
    else:
        moderation.dismiss(by=by, user_id=target.id)


@pytest.mark.parametrize("deed", ["appoint", "dismiss"])
def test_nobody_changes_their_own_rights(alma: Staff, deed: str):
    officer("oleg", ADMINISTRATORS)

    with pytest.raises(TargetProtected):
        _do(deed, alma, alma)

    assert may(user_by_id(alma.id), Right.APPOINT_STAFF)


@pytest.mark.parametrize("deed", ["appoint", "dismiss"])
def test_a_moderator_may_not_and_nobody_hears_of_it(mira: Staff, bob: Visitor, told, deed: str):
    appoint_silently(user_id=bob.id, group=MODERATORS)
    told.clear()

    with pytest.raises(NotStaff):
        _do(deed, mira, Staff(id=bob.id))
    with pytest.raises(NotStaff):
        moderation.appoint(by=mira, user_id=mira.id, group=ADMINISTRATORS)

    assert not told
    assert not last_entries(bob.id)
    assert user_by_id(bob.id).is_staff


def test_a_guest_cannot_be_appointed(alma: Staff, guest: Visitor):
    with pytest.raises(UserNotFound):
        moderation.appoint(by=alma, user_id=guest.id, group=MODERATORS)

    assert not last_entries(guest.id)
    assert not notices_of(guest.id)


def test_who_is_not_on_the_staff_cannot_be_dismissed(alma: Staff, bob: Visitor):
    with pytest.raises(UserNotFound):
        moderation.dismiss(by=alma, user_id=bob.id)


def test_a_reason_is_asked(alma: Staff, bob: Visitor):
    with pytest.raises(ReasonMissing):
        moderation.appoint(by=Staff(id=alma.id), user_id=bob.id, group=MODERATORS)

    assert not user_by_id(bob.id).is_staff
