"""Who is banned is out everywhere at once, and lets nobody in any more."""

from uuid import UUID, uuid4

import pytest

from auth_svc.services import ban
from auth_svc.tests.people import Visitor, code_of
from chat_svc.services import create_chat
from user_svc.errors import UserNotFound
from user_svc.selectors import user_by_id


@pytest.fixture
def chat(ada: Visitor) -> UUID:
    return create_chat(creator_id=ada.id, kind="group", title="Tea").id


def test_who_is_banned_is_signed_out_on_every_device_and_does_not_come_back(ada: Visitor, visitor):
    phone = visitor()
    phone.signed_in_by(phone.login("ada"))

    with ada.commits():
        ban(user_id=ada.id)

    assert not ada.is_signed_in()
    assert not phone.is_signed_in()
    assert phone.refresh().status_code == 401
    assert code_of(visitor().login("ada")) == "account_closed"


def test_the_hub_hears_of_the_ban_before_the_sessions_end(ada: Visitor, told):
    with ada.commits():
        ban(user_id=ada.id)

    assert [(group, event["type"]) for group, event in told] == [
        (f"user.{ada.id}", "user.banned"),
        (f"user.{ada.id}", "session.ended"),
    ]


def test_the_codes_of_who_is_banned_are_dead(ada: Visitor, somebody: Visitor, chat: UUID):
    code = ada.post("/api/auth/invitations", {"chat": str(chat)}).json()

    with ada.commits():
        ban(user_id=ada.id)

    refused = somebody.post("/api/auth/invitations/accept", {"token": code["token"], "display_name": "Tom"})
    assert (refused.status_code, code_of(refused)) == (410, "invitation_revoked")


def test_a_second_ban_keeps_the_day_of_the_first(ada: Visitor):
    with ada.commits():
        ban(user_id=ada.id)
    since = user_by_id(ada.id).banned_at

    with ada.commits():
        ban(user_id=ada.id)

    assert since is not None
    assert user_by_id(ada.id).banned_at == since


def test_nobody_cannot_be_banned(db: None):
    with pytest.raises(UserNotFound):
        ban(user_id=uuid4())
