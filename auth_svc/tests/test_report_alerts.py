"""Staff who are away are told that reports wait: seldom, nothing of what they say, and only while it concerns them."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from abdre import jobs
from abdre.push_key import first_push_pem
from abdre.store import store
from abdre.tests.browsers import Browser as Device
from abdre.tests.receiver import Receiver, receiver
from abdre.tokens import ALIVE, session_key
from abdre.web_push import Target
from auth_svc.models import ReportWatch
from auth_svc.services import alert_staff, looked_at_reports
from auth_svc.tests.people import Visitor
from chat_svc.services.moderation import Deed, Staff, note
from user_svc.selectors import ADMINISTRATORS, MODERATORS
from user_svc.services import PreferenceFacts, appoint, change_preferences, dismiss, subscribe

Report = Any
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def surroundings(settings: Settings) -> None:
    settings.FETCH_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    settings.PUSH_PEM = first_push_pem()
    settings.REPORT_MAIL = True


@pytest.fixture
def letters(ada: Visitor, bob: Visitor, eve: Visitor) -> list[mail.EmailMessage]:
    """What is sent from now on; ada moderates, bob administers, eve is neither."""
    appoint(user_id=ada.id, group=MODERATORS)
    appoint(user_id=bob.id, group=ADMINISTRATORS)
    jobs.do_all()
    mail.outbox.clear()
    return mail.outbox


@pytest.fixture
def service() -> Iterator[Receiver]:
    with receiver(lambda asked: (201, {}, b"")) as made:
        yield made


@pytest.fixture
def phones(service: Receiver, ada: Visitor, bob: Visitor, eve: Visitor) -> dict[str, Device]:
    return {name: phone_of(who, service, name) for name, who in (("ada", ada), ("bob", bob), ("eve", eve))}


def phone_of(who: Visitor, service: Receiver, name: str) -> Device:
    device, session = Device(service.url(f"/{name}")), uuid4()
    store.put(session_key(session), ALIVE, ttl_s=60)
    target = Target(device.endpoint, device.p256dh, device.auth)
    subscribe(user_id=who.id, session_id=session, target=target)
    return device


def report(who: Visitor, *, ago: dt.timedelta = dt.timedelta(), **facts: Any) -> Report:
    at = timezone.now() - ago
    target = {"target_kind": "person", "target_id": uuid4(), "reason": "spam", "note": "secret"}
    return apps.get_model("chat_svc.Report").objects.create(reporter_id=who.id, created_at=at, **target, **facts)


def alert() -> None:
    alert_staff()
    jobs.do_all()


def time_passes(span: dt.timedelta) -> None:
    """What was noted lies so much further back."""
    for watch in ReportWatch.objects.all():
        for name in ("looked_at", "pushed_at", "mailed_at"):
            if moment := getattr(watch, name):
                setattr(watch, name, moment - span)
        watch.save()
    reports = apps.get_model("chat_svc.Report").objects
    for made in reports.all():
        reports.filter(id=made.id).update(created_at=made.created_at - span)


def to_whom(letters: list[mail.EmailMessage]) -> list[str]:
    return sorted(letter.to[0].partition("@")[0] for letter in letters)


def pushed(service: Receiver) -> list[str]:
    return sorted(asked.path.rpartition("/")[2] for asked in service.asked)


def test_the_staffs_browsers_are_told_at_once_and_nobody_elses(letters, phones, service, eve: Visitor):
    report(eve)

    alert()

    assert pushed(service) == ["ada", "bob"]
    [told] = {str(phones[asked.path.rpartition("/")[2]].read(asked.body)) for asked in service.asked}
    assert told == str(
        {"tag": "reports", "title": "New report", "text": "1 report is waiting", "url": "/admin/chat_svc/report/"}
    )
    assert letters == []  # somebody may be there


def test_whom_it_is_about_is_told_neither_by_push_nor_by_letter(letters, phones, service, ada: Visitor, eve: Visitor):
    made = report(eve, ago=11 * MINUTE)
    type(made).objects.filter(id=made.id).update(target_id=ada.id)

    alert()

    assert pushed(service) == ["bob"]
    assert to_whom(letters) == ["bob"]


def test_of_many_reports_they_are_told_once_and_again_minutes_later(letters, phones, service, eve: Visitor):
    for _ in range(3):
        report(eve)
        alert()
    assert pushed(service) == ["ada", "bob"]

    time_passes(6 * MINUTE)
    alert()
    assert len(service.asked) == 4  # of those that came after the first
    time_passes(6 * MINUTE)
    alert()
    assert len(service.asked) == 4

    report(eve)
    alert()
    assert len(service.asked) == 6


def test_who_has_looked_is_not_told_of_what_they_saw(letters, phones, service, ada: Visitor, eve: Visitor):
    report(eve, ago=MINUTE)
    looked_at_reports(user_id=ada.id)

    alert()
    assert pushed(service) == ["bob"]

    report(eve)
    alert()
    assert pushed(service) == ["ada", "bob"]


def _keep_quiet(who: Visitor) -> None:
    now = timezone.now()
    hours: PreferenceFacts = {
        "quiet_from": (now - 60 * MINUTE).time(),
        "quiet_until": (now + 60 * MINUTE).time(),
        "time_zone": "UTC",
    }
    change_preferences(user_id=who.id, facts=hours)


def _go(who: Visitor) -> None:
    dismiss(user_id=who.id)


def _take_all(who: Visitor) -> None:
    apps.get_model("chat_svc.Report").objects.update(claimed_by_id=who.id, claimed_at=timezone.now())


@pytest.mark.parametrize(("stands", "told"), [(_keep_quiet, ["bob"]), (_go, ["bob"]), (_take_all, [])])
def test_not_at_a_quiet_hour_nor_who_has_gone_nor_of_what_is_taken(
    letters, phones, service, ada: Visitor, eve: Visitor, stands: Callable[[Visitor], None], told: list[str]
):
    report(eve)
    alert_staff()
    stands(ada)

    jobs.do_all()

    assert pushed(service) == told


def test_a_letter_comes_when_nobody_did_and_once_an_hour(letters, eve: Visitor, settings: Settings):
    settings.PUBLIC_ORIGIN = "https://chat.example.org"
    since = report(eve, ago=30 * MINUTE).created_at
    report(eve, ago=11 * MINUTE)

    for _ in range(2):
        alert()

    assert to_whom(letters) == ["ada", "bob"]
    assert {letter.subject for letter in letters} == {"2 reports are waiting"}
    for text in (letters[0].body, letters[0].alternatives[0][0]):
        assert f"since {since:%Y-%m-%d %H:%M} UTC" in text
        assert "https://chat.example.org/admin/chat_svc/report/" in text
        assert "secret" not in text

    report(eve)
    time_passes(55 * MINUTE)
    alert()
    assert len(letters) == 2
    time_passes(6 * MINUTE)
    alert()
    assert len(letters) == 4


def test_no_letter_to_who_looks_after_them_nor_to_an_address_that_nobody_confirmed(
    letters, ada: Visitor, eve: Visitor, visitor: Callable[[], Visitor]
):
    mira = visitor()
    mira.signed_in_by(mira.register("mira", email="mira@example.org"))
    appoint(user_id=mira.id, group=MODERATORS)
    report(eve, ago=20 * MINUTE)
    looked_at_reports(user_id=ada.id)
    time_passes(20 * MINUTE)
    report(eve, ago=15 * MINUTE)
    jobs.do_all()
    letters.clear()  # to mira, to confirm the address

    alert()

    assert to_whom(letters) == ["bob"]


def test_an_operator_may_want_no_such_letters(letters, eve: Visitor, settings: Settings):
    settings.REPORT_MAIL = False
    report(eve, ago=20 * MINUTE)

    alert()

    assert letters == []


def test_administrators_alone_are_told_of_what_was_handed_on(letters, phones, service, ada: Visitor, eve: Visitor):
    report(eve, ago=20 * MINUTE, state="escalated")
    note(Staff(id=ada.id, reason="over my head"), Deed.REPORT_ESCALATED)

    alert()

    assert pushed(service) == ["bob"]


def test_where_nothing_waits_little_is_asked_and_nothing_written(letters, eve: Visitor, django_assert_num_queries: Any):
    with django_assert_num_queries(4):
        alert_staff()

    assert not ReportWatch.objects.exists()


def test_the_budget_while_something_waits_of_which_all_were_told(letters, eve: Visitor, django_assert_num_queries: Any):
    report(eve)
    alert()

    # Two questions for news of each kind, and who is to be told of the one that there is.
    with django_assert_num_queries(7):
        alert_staff()
