"""Whom the staff's deeds do not reach: the staff's own account, and who may as much as whoever acts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from chat_svc.errors import TargetProtected
from chat_svc.models import ModerationEntry
from chat_svc.services import moderation
from chat_svc.tests.conftest import member
from chat_svc.tests.moderators import by, moderator
from user_svc.selectors import ADMINISTRATORS, notices_of
from user_svc.services import ban, staff_account

if TYPE_CHECKING:
    from user_svc.models import User

SUPERUSER = {"is_staff": True, "is_superuser": True}


@pytest.fixture
def mira(transactional_db: None) -> User:
    return moderator()


@pytest.fixture
def olga(transactional_db: None) -> User:
    return moderator("olga", ADMINISTRATORS)


@pytest.fixture
def root(transactional_db: None) -> User:
    root = member("root")
    get_user_model().objects.filter(id=root.id).update(**SUPERUSER)
    return root


def is_reached(actor: User, target: User) -> bool:
    try:
        moderation.warn(by=by(actor), user_id=target.id)
    except TargetProtected:
        assert not ModerationEntry.objects.exists()
        assert not notices_of(target.id)
        return False
    return True


def test_the_staffs_own_account_is_nobodys_target(mira: User, olga: User, root: User):
    account = staff_account()

    assert not any(is_reached(actor, account) for actor in (mira, olga, root))


def test_who_may_everything_is_protected_without_being_called_staff(mira: User, olga: User):
    repairs = member("repairs")
    get_user_model().objects.filter(id=repairs.id).update(is_superuser=True)

    assert not any(is_reached(actor, repairs) for actor in (mira, olga))


def _ban(person: User) -> None:
    ban(user_id=person.id)


def _close(person: User) -> None:
    get_user_model().objects.filter(id=person.id).update(is_active=False)


def _deactivate(person: User) -> None:
    get_user_model().objects.filter(id=person.id).update(deactivated_at=timezone.now() - timedelta(days=1))


@pytest.mark.parametrize("out", [_ban, _close, _deactivate], ids=lambda out: out.__name__)
def test_an_administrator_who_is_out_is_reached_by_who_may_everything_alone(
    mira: User, olga: User, root: User, out: Callable[[User], None]
):
    other = moderator("other", ADMINISTRATORS)
    out(other)

    assert not any(is_reached(actor, other) for actor in (mira, olga))
    assert is_reached(root, other)


def test_a_moderator_is_reached_by_administrators_alone(mira: User, olga: User):
    other = moderator("other")

    assert not is_reached(mira, other)
    assert is_reached(olga, other)
