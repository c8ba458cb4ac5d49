"""People go for a while, or for good."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.utils import timezone

from abdre.cache import CHANGED, own_card
from abdre.store import store
from user_svc import selectors, services
from user_svc.errors import LastAdministrator
from user_svc.models import User
from user_svc.tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return services.create_member(
        username="ada", password=PASSWORD, email="ada@example.org", display_name="Ada Lovelace"
    )


@pytest.fixture
def gone(ada: User) -> User:
    """Ada, when her time of grace is over."""
    ask(ada)
    return ada


def ask(user: User, *, in_: timedelta = timedelta(0), erases_messages: bool = False) -> None:
    due_at = timezone.now() + in_
    services.ask_for_deletion(user_id=user.id, due_at=due_at, erases_messages=erases_messages)


def again(user: User) -> User:
    return User.objects.get(id=user.id)


def test_who_is_deactivated_is_not_found_until_they_come_back(ada: User):
    services.deactivate(user_id=ada.id)
    assert selectors.search("ada", asked_by=uuid4()) == []

    assert services.come_back(user_id=ada.id)
    assert not services.come_back(user_id=ada.id)

    assert selectors.search("ada", asked_by=uuid4()) == [ada]


def test_a_closed_account_does_not_open_by_coming_back(ada: User):
    User.objects.filter(id=ada.id).update(is_active=False)
    services.deactivate(user_id=ada.id)

    services.come_back(user_id=ada.id)

    assert not again(ada).is_active


def test_a_guest_has_no_way_back_and_is_not_deactivated():
    guest = services.create_guest(display_name="Gulnara")

    services.deactivate(user_id=guest.id)

    assert again(guest).deactivated_at is None


def test_who_will_be_deleted_is_not_found_and_can_be_kept(ada: User):
    ask(ada, in_=timedelta(days=14))
    assert selectors.search("ada", asked_by=uuid4()) == []

    assert services.keep_account(user_id=ada.id)
    assert not services.keep_account(user_id=ada.id)

    assert selectors.search("ada", asked_by=uuid4()) == [ada]


def test_nobody_is_deleted_before_the_time(ada: User):
    ask(ada, in_=timedelta(minutes=1))

    assert selectors.due_for_deletion(timezone.now()) == []
    assert not services.begin_deletion(user_id=ada.id)


def test_a_deletion_begins_once_and_then_there_is_no_way_back(gone: User):
    assert selectors.due_for_deletion(timezone.now()) == [gone.id]

    assert services.begin_deletion(user_id=gone.id)

    assert not services.begin_deletion(user_id=gone.id)
    assert not services.keep_account(user_id=gone.id)
    assert not again(gone).is_active


def test_a_deletion_that_does_not_end_begins_again_later(gone: User):
    services.begin_deletion(user_id=gone.id)
    User.objects.update(deletion_begun_at=timezone.now() - timedelta(hours=7))

    assert services.begin_deletion(user_id=gone.id)

    services.end_deletion(user_id=gone.id)
    User.objects.update(deletion_begun_at=timezone.now() - timedelta(hours=7))
    assert not services.begin_deletion(user_id=gone.id)
    assert selectors.due_for_deletion(timezone.now()) == []


def test_deletions_that_are_under_way_keep_no_others_waiting(gone: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("user_svc.selectors.leaving.DELETIONS_AT_ONCE", 1)
    services.begin_deletion(user_id=gone.id)
    bob = services.create_member(username="bob", password=PASSWORD)
    ask(bob)

    assert selectors.due_for_deletion(timezone.now()) == [bob.id]

    services.begin_deletion(user_id=bob.id)
    assert selectors.due_for_deletion(timezone.now()) == []
    assert selectors.due_for_deletion(timezone.now() + timedelta(hours=7)) == [gone.id]


def test_the_only_administrator_stays_and_the_last_of_two_does(ada: User):
    services.make_administrator(user_id=ada.id)
    with pytest.raises(LastAdministrator):
        ask(ada)

    bob = services.create_member(username="bob", password=PASSWORD)
    services.make_administrator(user_id=bob.id)
    ask(bob)
    with pytest.raises(LastAdministrator):
        ask(ada)

    assert again(ada).deletion_due_at is None


def test_nothing_is_left_of_the_person_but_the_row(gone: User):
    services.make_administrator(user_id=gone.id)
    gone.groups.add(Group.objects.create(name="moderators"))
    services.seen([gone.id])
    services.begin_deletion(user_id=gone.id)

    services.anonymise(user_id=gone.id)

    left = again(gone)
    assert (left.display_name, left.email, left.last_seen_at, left.last_login) == ("Deleted account", None, None, None)
    assert re.fullmatch(r"deleted\.[0-9a-f]{8}", left.username or "")
    assert not any((left.is_active, left.is_staff, left.is_superuser, left.has_usable_password()))
    assert not left.groups.exists()
    assert store.get(own_card(left.id)) in (None, CHANGED)
    assert selectors.user_by_login("ada") is None
    assert services.create_member(username="ada", password=PASSWORD, email="ada@example.org")


def test_what_an_administrator_did_stays_on_record(gone: User):
    services.make_administrator(user_id=gone.id)
    LogEntry.objects.create(user=gone, object_id="7", object_repr="a report", action_flag=CHANGE)

    services.anonymise(user_id=gone.id)

    assert [(entry.user.display_name, entry.object_id) for entry in LogEntry.objects.all()] == [
        ("Deleted account", "7")
    ]


def test_a_guest_stays_a_guest_without_a_name():
    guest = services.create_guest(display_name="Gulnara")
    ask(guest)

    services.anonymise(user_id=guest.id)

    left = again(guest)
    assert (left.display_name, left.is_guest, left.username) == ("Deleted account", True, None)


def test_guests_who_were_not_there_for_long_are_idle():
    guests = [services.create_guest(display_name=name) for name in ("Long ago", "Seen", "Elsewhere", "New")]
    long_ago, yesterday = timezone.now() - timedelta(days=40), timezone.now() - timedelta(days=1)
    User.objects.exclude(display_name="New").update(date_joined=long_ago)
    User.objects.filter(display_name="Seen").update(last_seen_at=yesterday)
    services.create_member(username="ada", password=PASSWORD)

    idle = selectors.guests_unseen_since(timezone.now() - timedelta(days=30), except_=[guests[2].id])

    assert idle == [guests[0].id]
