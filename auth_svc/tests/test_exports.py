"""An archive of what is known of a person: for that person alone, whole, and without a secret."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.db import IntegrityError
from django.utils import timezone

from abdre import jobs
from abdre.tokens import read
from auth_svc import services
from auth_svc.models import Export, Session
from auth_svc.models.exports import FAILED_AFTER, KEPT
from auth_svc.tests.people import FIREFOX, PASSWORD, Visitor, code_of
from chat_svc.services import create_chat, delete_message, send_message
from chat_svc.writer import writer
from user_svc.selectors import user_by_id

EXPORTS = "/api/auth/exports"


def listed(person: Visitor) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = person.get(EXPORTS).json()["items"]
    return items


def archive_of(person: Visitor) -> Any:
    return person.get(f"{EXPORTS}/{listed(person)[0]['id']}/archive")


@pytest.fixture
def made(ada: Visitor) -> Visitor:
    """Ada, who has an archive."""
    ada.post(EXPORTS)
    jobs.do_all()
    return ada


def test_an_archive_is_made_in_the_background_and_its_owner_is_told(ada: Visitor):
    answer = ada.post(EXPORTS)
    assert (answer.status_code, answer.json()["status"]) == (202, "waiting")
    assert [item["status"] for item in listed(ada)] == ["waiting"]

    jobs.do_all()

    [export] = listed(ada)
    assert (export["status"], export["id"]) == ("ready", answer.json()["id"])
    assert export["size_bytes"] == len(archive_of(ada).content)
    assert [str(letter.subject) for letter in mail.outbox].count("The archive of your data is ready") == 1


def test_it_comes_as_a_file_that_nobody_keeps(made: Visitor):
    answer = archive_of(made)

    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="abdre-chat-2')
    assert answer.headers["Cache-Control"] == "no-store"


def test_it_is_for_its_owner_alone(made: Visitor, eve: Visitor, somebody: Visitor):
    path = f"{EXPORTS}/{listed(made)[0]['id']}/archive"

    answer = eve.get(path)

    assert (answer.status_code, code_of(answer)) == (404, "export_not_found")
    assert answer.json() == eve.get(f"{EXPORTS}/{uuid4()}/archive").json()
    assert listed(eve) == []
    assert somebody.get(path).status_code == somebody.get(EXPORTS).status_code == 401


def test_what_is_not_made_yet_is_not_there(ada: Visitor):
    ada.post(EXPORTS)

    assert archive_of(ada).status_code == 404


def test_one_at_a_time(ada: Visitor):
    ada.post(EXPORTS)

    answer = ada.post(EXPORTS)

    assert (answer.status_code, code_of(answer)) == (409, "export_pending")
    with pytest.raises(IntegrityError):
        Export.objects.create(user_id=ada.id)


def test_five_a_day(ada: Visitor, eve: Visitor):
    statuses = []
    for _ in range(6):
        statuses.append(ada.post(EXPORTS).status_code)
        jobs.do_all()

    assert statuses == [202] * 5 + [429]
    assert eve.post(EXPORTS).status_code == 202


def test_who_found_the_phone_takes_nothing_along(ada: Visitor):
    Session.objects.filter(user_id=ada.id).update(authenticated_at=timezone.now() - timedelta(hours=1))

    answer = ada.post(EXPORTS)

    assert (answer.status_code, code_of(answer)) == (403, "reauthentication_required")
    assert listed(ada) == []


def test_who_found_the_phone_does_not_take_along_what_its_owner_has_asked_for(made: Visitor):
    Session.objects.filter(user_id=made.id).update(authenticated_at=timezone.now() - timedelta(hours=1))

    refused = archive_of(made)
    assert made.get("/api/auth/security").json()["must_show_again"]
    assert (refused.status_code, code_of(refused)) == (403, "reauthentication_required")

    made.post("/api/auth/reauthenticate", {"password": PASSWORD})
    assert archive_of(made).status_code == 200
    assert not made.get("/api/auth/security").json()["must_show_again"]


def test_a_guest_takes_along_what_it_has(guest: Visitor):
    Session.objects.filter(user_id=guest.id).update(authenticated_at=timezone.now() - timedelta(hours=1))

    assert guest.post(EXPORTS).status_code == 202
    jobs.do_all()

    assert part_of(archive_of(guest), "profile.json")["display_name"] == "Гость"


def test_after_a_week_it_is_gone(made: Visitor):
    path = f"{EXPORTS}/{listed(made)[0]['id']}/archive"
    Export.objects.update(made_at=timezone.now() - KEPT)
    assert listed(made) == []
    assert made.get(path).status_code == 404

    services.forget_exports()

    assert not Export.objects.exists()


def test_what_could_not_be_made_says_so_and_can_be_asked_for_again(ada: Visitor):
    ada.post(EXPORTS)
    Export.objects.update(asked_at=timezone.now() - FAILED_AFTER)
    assert [item["status"] for item in listed(ada)] == ["failed"]

    assert ada.post(EXPORTS).status_code == 202

    assert [item["status"] for item in listed(ada)] == ["waiting"]


def test_made_twice_by_a_worker_that_died_it_is_one_and_told_once(made: Visitor):
    [export] = listed(made)

    services.make_export.call(str(made.id), export["id"])
    jobs.do_all()

    assert listed(made) == [export]
    assert [str(letter.subject) for letter in mail.outbox].count("The archive of your data is ready") == 1


def part_of(answer: Any, name: str) -> Any:
    with ZipFile(BytesIO(answer.content)) as archive:
        return json.loads(archive.read(name))


@pytest.mark.django_db(transaction=True)
def test_all_that_is_known_stands_in_it_and_no_secret(transactional_db: None, visitor):
    ada, bob = visitor(), visitor()
    account = {"username": "ada", "email": "ada@example.org", "password": PASSWORD, "display_name": "Ada"}
    ada.signed_in_by(ada.post("/api/auth/register", account, User_Agent=FIREFOX))
    bob.signed_in_by(bob.register("bob"))
    chat = create_chat(creator_id=ada.id, kind="group", title="Tea", members=[bob.id])
    for person, body in ((ada, "мои слова"), (bob, "not hers"), (ada, "taken back")):
        send_message(chat_id=chat.id, sender_id=person.id, client_id=uuid4(), body=body)
    delete_message(chat_id=chat.id, actor_id=ada.id, seq=3)
    writer.stop()
    invitation = services.create_invitation(
        host_id=ada.id,
        chat_id=chat.id,
        options=services.Options(ttl=None, max_uses=None, guests=True, label="door"),
    )
    EmailAddress.objects.filter(user_id=ada.id).update(verified=True, primary=True)
    Authenticator.objects.create(user_id=ada.id, type="totp", data={"name": "phone", "secret": "JBSWY3DPEHPK3PXP"})
    services.note_authentication(session_id=read(ada.token).session_id, by_second_factor=True)
    said = {"iss": "https://login.example.org", "sub": "42"}
    SocialAccount.objects.create(user_id=ada.id, provider="oidc", uid="x", extra_data=said)

    ada.post(EXPORTS)
    jobs.do_all()

    answer = archive_of(ada)
    account_part = part_of(answer, "account.json")
    assert part_of(answer, "profile.json")["username"] == "ada"
    assert account_part["addresses"] == [{"email": "ada@example.org", "verified": True, "primary": True}]
    assert [(factor["kind"], factor["name"]) for factor in account_part["factors"]] == [("totp", "phone")]
    assert [(linked["issuer"], linked["subject"]) for linked in account_part["linked_accounts"]] == [
        ("https://login.example.org", "42")
    ]
    assert [session["device"] for session in part_of(answer, "sessions.json")] == ["Firefox on Linux"]
    assert [(made["title"], made["label"]) for made in part_of(answer, "invitations_made.json")] == [("Tea", "door")]
    assert part_of(answer, "invitations_used.json") == []
    assert [(item["title"], item["role"]) for item in part_of(answer, "chats.json")] == [("Tea", "owner")]
    assert [(item["seq"], item["body"], bool(item["deleted_at"])) for item in part_of(answer, "messages.json")] == [
        (1, "мои слова", False),
        (3, "", True),
    ]
    with ZipFile(BytesIO(answer.content)) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
        assert set(archive.read("README.txt").decode().split()) >= set(archive.namelist()) - {"README.txt"}
    secrets = (
        user_by_id(ada.id).password,
        "JBSWY3DPEHPK3PXP",
        invitation.token_hash,
        invitation.token() or "",
        "not hers",
    )
    assert not [secret for secret in secrets if secret.encode() in everything]
