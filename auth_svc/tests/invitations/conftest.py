"""ada's group "Café", with bob in it, and a code into it."""

from uuid import UUID

import pytest

from auth_svc.tests.invitations.codes import Code, invite
from auth_svc.tests.people import Visitor
from chat_svc.services import create_chat, enrol


@pytest.fixture
def chat(ada: Visitor, bob: Visitor) -> UUID:
    assert ada.id
    assert bob.id
    chat = create_chat(creator_id=ada.id, kind="group", title="Café")
    enrol(chat_id=chat.id, user_id=bob.id)
    return chat.id


@pytest.fixture
def code(ada: Visitor, chat: UUID) -> Code:
    return invite(ada, chat)
