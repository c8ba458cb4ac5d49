"""Leaving for a while, and for good: nothing stays but a row without a name and, if so wished, what was said."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.db import connection
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from pytest_django import Settings

from abdre import jobs
from abdre.db import close_connections
from abdre.tokens import read
from auth_svc import services
from auth_svc.models import ClientError, DeviceCode, Export, Invitation, RecoveryLink, Session
from auth_svc.services import leaving
from auth_svc.services.mail import Change, tell_of_change, tell_owner_of_address
from auth_svc.tests.conftest import member
from auth_svc.tests.people import FIREFOX, PASSWORD, Browser, Visitor, code_of
from chat_svc import selectors as chats
from chat_svc.selectors.reports import report_by_id
from chat_svc.services import create_chat, report_message, send_message
from chat_svc.writer import writer
from user_svc.selectors import search, user_by_id
from user_svc.services import make_administrator

DEACTIVATE, DELETE = "/api/auth/account/deactivate", "/api/auth/account/delete"


def make_old(person: Visitor) -> None:
    """They signed in an hour ago."""
    hour_ago = timezone.now() - timedelta(hours=1)
    Session.objects.filter(user_id=person.id).update(authenticated_at=hour_ago)


def back(person: Visitor, name: str) -> dict[str, Any]:
    person.token = ""  # of a session that has ended
    answer = person.login(name)
    person.signed_in_by(answer)
    body: dict[str, Any] = answer.json()
    return body


def letters() -> list[str]:
    jobs.do_all()
    return [str(letter.subject) for letter in mail.outbox]


def test_who_deactivates_is_signed_out_everywhere_and_not_found(ada: Visitor, visitor, told):
    phone = visitor()
    phone.signed_in_by(phone.login("ada"))
    told.clear()

    answer = ada.post(DEACTIVATE)

    assert answer.status_code == 204
    assert not ada.is_signed_in()
    assert not phone.is_signed_in()
    assert [event["type"] for _group, event in told] == ["session.ended"] * 2
    assert search("ada", asked_by=uuid4()) == []
    assert "Your account was deactivated" in letters()


def test_signing_in_again_is_coming_back(ada: Visitor):
    ada.post(DEACTIVATE)

    assert back(ada, "ada")["came_back"]

    assert ada.is_signed_in()
    assert [user.id for user in search("ada", asked_by=uuid4())] == [ada.id]
    assert "came_back" not in back(ada, "ada")


def test_a_browser_forgets_its_cookies(browser: Callable[[], Browser]):
    ada = browser()
    ada.register("ada")

    ada.post(DEACTIVATE)

    assert (ada.access, ada.secret) == ("", "")


@pytest.mark.parametrize("path", [DEACTIVATE, DELETE])
def test_who_found_the_phone_cannot_send_its_owner_away(ada: Visitor, path: str):
    make_old(ada)

    answer = ada.post(path)

    assert (answer.status_code, code_of(answer)) == (403, "reauthentication_required")
    assert ada.is_signed_in()
    assert user_by_id(ada.id).deactivated_at is user_by_id(ada.id).deletion_due_at is None


@pytest.mark.parametrize(("method", "path"), [("POST", DEACTIVATE), ("POST", DELETE), ("DELETE", DELETE)])
def test_nobody_sends_nobody_away(somebody: Visitor, method: str, path: str):
    assert somebody.ask(method, path, {}).status_code == 401


def test_a_guest_would_not_find_back_and_is_not_deactivated(guest: Visitor):
    answer = guest.post(DEACTIVATE)

    assert (answer.status_code, code_of(answer)) == (403, "account_required")
    assert guest.is_signed_in()


def test_a_deletion_waits_for_two_weeks_and_the_person_is_told(ada: Visitor, told):
    told.clear()

    answer = ada.post(DELETE, {"erase_messages": True}, User_Agent=FIREFOX)

    due_at = user_by_id(ada.id).deletion_due_at
    assert answer.status_code == 202
    assert due_at is not None
    assert timedelta(days=13) < due_at - timezone.now() <= timedelta(days=14)
    assert not ada.is_signed_in()
    assert "session.ended" in [event["type"] for _group, event in told]
    assert "Your account will be deleted" in letters()
    told_by = [str(mail.outbox[-1].body), str(mail.outbox[-1].alternatives[0][0])]  # type: ignore[union-attr]  # a letter has both
    for letter in told_by:
        for said in (f"{due_at:%Y-%m-%d}", "Firefox on Linux", "Network: 10.", "If it was not you: log in"):
            assert said in letter


def test_signing_in_alone_does_not_keep_the_account_but_says_what_is_coming(ada: Visitor):
    ada.post(DELETE)

    answer = back(ada, "ada")

    assert answer["deletion_due_at"] is not None
    held = ada.get("/api/auth/security").json()
    assert (held["deletion_due_at"], held["deletion_grace_days"]) == (answer["deletion_due_at"], 14)
    assert user_by_id(ada.id).deletion_due_at is not None


def test_who_thinks_better_of_it_keeps_the_account(ada: Visitor):
    ada.post(DELETE)
    back(ada, "ada")

    assert ada.delete(DELETE).status_code == 204

    assert ada.get("/api/auth/security").json()["deletion_due_at"] is None
    assert letters().count("Your account will not be deleted") == 1
    ada.delete(DELETE)
    assert letters().count("Your account will not be deleted") == 1


def test_eve_keeps_nobodys_account_but_her_own(ada: Visitor, eve: Visitor):
    ada.post(DELETE)

    eve.delete(DELETE)

    assert user_by_id(ada.id).deletion_due_at is not None


def test_the_last_administrator_stays(ada: Visitor):
    make_administrator(user_id=ada.id)

    answer = ada.post(DELETE)

    assert (answer.status_code, code_of(answer)) == (409, "last_administrator")
    assert ada.is_signed_in()


def test_the_clock_deletes_whose_time_is_over_and_nobody_else(ada: Visitor, bob: Visitor, monkeypatch):
    ada.post(DELETE)
    services.begin_due_deletions()
    jobs.do_all()
    assert user_by_id(ada.id).display_name == "ada"

    later = timezone.now() + timedelta(days=15)
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: later)
        services.begin_due_deletions()
        services.begin_due_deletions()
        jobs.do_all()

    assert (user_by_id(ada.id).display_name, user_by_id(bob.id).display_name) == ("Deleted account", "bob")
    assert ada.login("ada").status_code == 401
    assert bob.is_signed_in()


def test_nobody_comes_in_once_the_deletion_has_begun(ada: Visitor, settings: Settings):
    settings.DELETION_GRACE_DAYS = 0
    ada.post(DELETE)

    ada.token = ""
    answer = ada.login("ada")

    assert (answer.status_code, code_of(answer)) == (403, "account_closed")


def test_a_guest_is_deleted_at_once(guest: Visitor):
    make_old(guest)

    assert guest.post(DELETE).status_code == 202
    jobs.do_all()

    left = user_by_id(guest.id)
    assert (left.display_name, left.is_guest, left.deleted_at is not None) == ("Deleted account", True, True)
    assert not guest.is_signed_in()


def test_idle_guests_go_and_those_who_are_signed_in_stay(guest: Visitor, visitor, monkeypatch):
    other = visitor()
    other.signed_in_by(other.post("/api/auth/guest", {"display_name": "Bota"}))
    moving = visitor()
    moving.signed_in_by(moving.post("/api/auth/guest", {"display_name": "Dana"}))
    later = timezone.now() + timedelta(days=31)
    monkeypatch.setattr(timezone, "now", lambda: later)
    Session.objects.filter(user_id=other.id).update(expires_at=later + timedelta(days=1))
    RecoveryLink.objects.create(user_id=moving.id, token_hash="x", expires_at=later + timedelta(hours=1))

    services.delete_idle_guests()
    jobs.do_all()

    assert user_by_id(guest.id).display_name == "Deleted account"
    assert [user_by_id(person.id).display_name for person in (other, moving)] == ["Bota", "Dana"]


# What is known of a person, each word of it to be found nowhere afterwards.
WORDS = ("Adelheid", "adelheid", "heidi@example.org", "table at the window", "10.99.98", "Firefox/143", "hers at the")


@pytest.fixture
def _writer_rests() -> Iterator[None]:
    """Its connection must not outlive the test's rows."""
    yield
    writer.stop()


@pytest.fixture
def scene(transactional_db: None, _writer_rests: None, visitor, settings: Settings) -> tuple[Visitor, Visitor, UUID]:
    """Adelheid, of whom all kinds of things are known; bob, to whom she talked; and their chat."""
    settings.DELETION_GRACE_DAYS = 0
    her: Visitor = visitor()
    her.address = "10.99.98.7"
    account = {"username": "adelheid", "email": "heidi@example.org", "password": PASSWORD, "display_name": "Adelheid"}
    her.signed_in_by(her.post("/api/auth/register", account, User_Agent=FIREFOX))
    bob = member(visitor(), "bob")
    chat = create_chat(creator_id=her.id, kind="group", title="Adelheid’s chat", members=[bob.id])
    send_message(chat_id=chat.id, sender_id=her.id, client_id=uuid4(), body="said by hers at the")
    send_message(chat_id=chat.id, sender_id=bob.id, client_id=uuid4(), body="said by bob")
    services.create_invitation(
        host_id=her.id,
        chat_id=chat.id,
        options=services.Options(ttl=None, max_uses=None, guests=True, label="table at the window"),
    )
    jobs.do_all()
    EmailAddress.objects.filter(user_id=her.id).update(verified=True, primary=True)
    Authenticator.objects.create(user_id=her.id, type="totp", data={"name": "Adelheid's phone"})
    services.note_authentication(session_id=read(her.token).session_id, by_second_factor=True)
    SocialAccount.objects.create(user_id=her.id, provider="oidc", uid="adelheid@elsewhere", extra_data={})
    ClientError.objects.create(fingerprint="f", message="oh", user_id=her.id)
    Export.objects.create(user_id=her.id, made_at=timezone.now(), archive=b"all that Adelheid wrote", size_bytes=23)
    tell_owner_of_address("heidi@example.org")
    DeviceCode.objects.create(
        token_hash="t",
        secret_hash="s",
        check_number="12",
        user_agent="Adelheid's tablet",
        expires_at=timezone.now() + timedelta(seconds=30),
        confirmed_at=timezone.now(),
        confirmed_in=Session.objects.get(user_id=her.id),
    )
    RecoveryLink.objects.create(user_id=her.id, token_hash="r", expires_at=timezone.now() + timedelta(hours=1))
    return her, bob, chat.id


def rows() -> Iterator[tuple[str, str]]:
    """Each row of each table, as text."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # the database's own names
            yield from ((table, str(row)) for row in cursor.fetchall())


def tables_with(word: str) -> set[str]:
    return {table for table, row in rows() if word in row}


def tables_naming(user_id: UUID) -> set[str]:
    return tables_with(str(user_id)) | tables_with(user_id.hex)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("erases", [True, False])
def test_nothing_of_the_person_is_left_in_any_table(scene, erases: bool):
    her, _bob, _chat = scene
    assert all(tables_with(word) for word in WORDS)

    her.post(DELETE, {"erase_messages": erases})
    jobs.do_all()

    left = {word: tables for word in WORDS if (tables := tables_with(word))}
    assert left == ({} if erases else {"hers at the": {"chat_svc_message"}})
    # The row, what belongs to others' chats, and the job that has just ended: ids without a name.
    assert tables_naming(her.id) == {
        *("user_svc_user", "chat_svc_chat", "chat_svc_membership", "chat_svc_message", "auth_svc_invitation"),
        "chat_svc_membershipentry",
        "django_tasks_database_dbtaskresult",
    }
    assert tables_with("said by bob") == {"chat_svc_message"}


@pytest.mark.django_db(transaction=True)
def test_what_the_person_reported_waits_for_the_staff_still_and_names_nobody(scene):
    her, _bob, chat = scene
    report, _new = report_message(chat_id=chat, reporter_id=her.id, seq=2, reason="abuse", note="help")

    her.post(DELETE, {"erase_messages": True})
    jobs.do_all()

    assert tables_with("help") == {"chat_svc_report"}
    assert report_by_id(report.id).reporter.display_name == "Deleted account"
    assert {word: tables for word in WORDS if (tables := tables_with(word))} == {}


@pytest.mark.django_db(transaction=True)
def test_letters_that_wait_or_failed_do_not_go_out_any_more(scene):
    her, _bob, _chat = scene
    tell_of_change(user_id=her.id, change=Change.EMAIL, to="once.adelheid@example.org")
    tell_of_change(user_id=her.id, change=Change.PASSWORD)
    about_her = DBTaskResult.objects.filter(args_kwargs__args__0=str(her.id))
    about_her.ready().filter(args_kwargs__args__1=Change.PASSWORD).update(status=TaskResultStatus.FAILED)
    # The mail server is away until the deletion is done.
    about_her.ready().update(run_after=timezone.now() + timedelta(minutes=1))

    her.post(DELETE, {"erase_messages": True})
    mail.outbox.clear()
    jobs.do_all()

    assert tables_with("once.adelheid") == set()
    assert {job.task_path for job in about_her} == {"auth_svc.services.leaving.delete_account"}


@pytest.mark.django_db(transaction=True)
def test_the_chat_goes_on_under_bob(scene):
    her, bob, chat = scene

    her.post(DELETE, {"erase_messages": False})
    jobs.do_all()

    [only] = chats.members(chat_id=chat, user_id=bob.id)
    assert (only["user"]["id"], only["role"]) == (str(bob.id), "owner")
    first = chats.messages(chat_id=chat, user_id=bob.id)["items"][0]
    assert (first["sender"]["display_name"], first["body"]) == ("Deleted account", "said by hers at the")
    assert not Invitation.objects.claimable(timezone.now()).exists()


STEPS = ["chats.forget_name", "users.anonymise", "chats.leave_chats", "chats.erase_messages", "users.end_deletion"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("step", STEPS)
def test_what_a_worker_died_of_is_taken_up_and_ended(scene, step: str, monkeypatch: pytest.MonkeyPatch):
    her, _bob, _chat = scene

    class Died(BaseException):
        pass

    def die(**_: Any) -> None:
        raise Died

    owner, _dot, name = step.partition(".")
    with monkeypatch.context() as patch:
        patch.setattr(getattr(leaving, owner), name, die)
        her.post(DELETE, {"erase_messages": True})
        jobs.do_all()
    assert user_by_id(her.id).deleted_at is None

    leaving.delete_account.call(str(her.id))

    assert {word: tables for word in WORDS if (tables := tables_with(word))} == {}
    assert user_by_id(her.id).deleted_at is not None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_administrators_who_go_at_once_one_stays(transactional_db: None, visitor):
    pair = [member(visitor(), name) for name in ("ada", "bob")]
    for person in pair:
        make_administrator(user_id=person.id)
    begun = threading.Barrier(2)
    statuses: list[int] = []

    def go(person: Visitor) -> None:
        begun.wait()
        statuses.append(person.client.post(DELETE, {}, "application/json", headers=person.own_headers()).status_code)
        close_connections()

    both = [threading.Thread(target=go, args=(person,)) for person in pair]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()

    assert sorted(statuses) == [202, 409]


def test_the_session_that_asks_is_the_one_that_must_be_recent(ada: Visitor, visitor):
    make_old(ada)
    phone = visitor()
    phone.signed_in_by(phone.login("ada"))

    assert ada.post(DELETE).status_code == 403
    assert read(ada.token).session_id != read(phone.token).session_id
    assert phone.post(DELETE).status_code == 202
