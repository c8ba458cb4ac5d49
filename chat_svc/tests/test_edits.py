"""What messages said before is kept, for staff who have shown a second factor, for a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from django.utils import timezone

from chat_svc import selectors, services
from chat_svc.errors import MessageNotFound
from chat_svc.models import Chat, Kind, MessageEdit, ModerationEntry, Role
from chat_svc.rights import Action, may
from chat_svc.tests.conftest import Api, say
from user_svc.selectors import MODERATORS
from user_svc.services import appoint

if TYPE_CHECKING:
    from user_svc.models import User

Proof = Callable[[bool], None]


@pytest.fixture
def proof(monkeypatch: pytest.MonkeyPatch) -> Proof:
    """Whether the session has shown a second factor, which is a fact of auth_svc."""

    def shown(is_shown: bool) -> None:
        def has_shown(session_id: UUID) -> bool:
            return is_shown

        monkeypatch.setattr("auth_svc.selectors.factors.has_shown_second_factor", has_shown)

    return shown


@pytest.fixture
def edited(chat: Chat, bob: User) -> Chat:
    """Bob has said something, and twice something else instead."""
    say(chat, bob, "first words")
    for body in ("second thoughts", "**third**"):
        services.edit_message(chat_id=chat.id, actor_id=bob.id, seq=1, body=body)
    return chat


def staff(user: User) -> User:
    appoint(user_id=user.id, group=MODERATORS)
    return user


@pytest.fixture
def reported(edited: Chat, ada: User) -> Chat:
    """And ada has reported it."""
    services.report_message(chat_id=edited.id, reporter_id=ada.id, seq=1, reason="abuse")
    return edited


def read(user: User | None, chat: Chat, seq: int = 1) -> Any:
    return Api(user)("GET", f"/api/chats/{chat.id}/messages/{seq}/edits")


def bodies(chat: Chat) -> list[str]:
    return [edit["body"] for edit in selectors.edits(chat_id=chat.id, seq=1)]


def test_each_body_is_kept_with_its_version_and_each_look_is_noted(reported: Chat, eve: User, proof: Proof):
    proof(True)

    items = read(staff(eve), reported).json()["items"]

    assert [item["body"] for item in items] == ["first words", "second thoughts"]
    assert [set(item) for item in items] == [{"version", "body", "edited_at"}] * 2
    assert items[0]["version"] < items[1]["version"]
    assert list(ModerationEntry.objects.values_list("actor_id", "deed", "chat_id", "seq")) == [
        (eve.id, "looked", reported.id, 1)
    ]


def test_what_nobody_has_reported_staff_does_not_read_either(edited: Chat, bob: User, eve: User, proof: Proof):
    proof(True)

    assert read(staff(eve), edited).status_code == 404
    assert read(staff(bob), edited).status_code == 403
    assert not ModerationEntry.objects.exists()


def test_unless_the_operator_says_otherwise(edited: Chat, eve: User, proof: Proof, settings: Any):
    proof(True)
    settings.MODERATORS_READ = "all"

    assert len(read(staff(eve), edited).json()["items"]) == 2
    assert read(staff(eve), edited, seq=7).status_code == 404


def test_nobody_else_reads_them_whatever_they_are_in_the_chat(edited: Chat, ada: User, bob: User, guest: User):
    services.enrol(chat_id=edited.id, user_id=guest.id)

    for person in (ada, bob, guest):
        answer = read(person, edited)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")
    assert not any(may(Action.SEE_EDITS, role=role, kind=kind) for role in Role for kind in Kind)


def test_to_strangers_there_is_no_such_chat(edited: Chat, eve: User):
    assert (read(eve, edited).status_code, read(None, edited).status_code) == (404, 401)


def test_staff_show_a_second_factor_first(reported: Chat, eve: User, proof: Proof):
    proof(False)

    answer = read(staff(eve), reported)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "second_factor_needed")


def test_of_a_message_that_is_not_there_nothing_is_kept(edited: Chat):
    with pytest.raises(MessageNotFound):
        selectors.edits(chat_id=edited.id, seq=7)


def test_they_outlive_the_message_for_a_time(edited: Chat, bob: User, settings: Any):
    services.delete_message(chat_id=edited.id, actor_id=bob.id, seq=1)
    assert bodies(edited) == ["first words", "second thoughts"]

    MessageEdit.objects.filter(body="first words").update(edited_at=timezone.now() - timedelta(days=91))
    assert services.forget_old_edits() == 1

    assert bodies(edited) == ["second thoughts"]


def test_they_go_with_their_author_who_wants_them_erased(edited: Chat, ada: User, bob: User):
    say(edited, ada, "ada's")
    services.edit_message(chat_id=edited.id, actor_id=ada.id, seq=2, body="changed")
    services.delete_message(chat_id=edited.id, actor_id=bob.id, seq=1)

    services.erase_messages(user_id=bob.id)

    assert list(MessageEdit.objects.values_list("body", flat=True)) == ["ada's"]


def test_they_go_with_a_temporary_chat(ada: User):
    chat = services.create_chat(creator_id=ada.id, kind=Kind.TEMPORARY)
    say(chat, ada)
    services.edit_message(chat_id=chat.id, actor_id=ada.id, seq=1, body="changed")
    Chat.objects.filter(id=chat.id).update(expires_at="2020-01-01T00:00:00Z")

    services.erase_expired_chats()

    assert MessageEdit.objects.count() == 0
