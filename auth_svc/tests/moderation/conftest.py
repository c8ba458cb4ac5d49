"""A chat with a code on the wall, by which a guest came, and staff who look after it."""

from collections.abc import Callable
from uuid import UUID

import pytest

from auth_svc.tests.invitations.codes import Code
from auth_svc.tests.moderation.cast import a_code, come, officer
from auth_svc.tests.people import Visitor
from chat_svc.services import create_chat
from chat_svc.services.moderation import Staff
from user_svc.selectors import ADMINISTRATORS, MODERATORS


@pytest.fixture
def mira(db: None) -> Staff:
    return officer("mira", MODERATORS)


@pytest.fixture
def alma(db: None) -> Staff:
    return officer("alma", ADMINISTRATORS)


@pytest.fixture
def chat(ada: Visitor) -> UUID:
    return create_chat(creator_id=ada.id, kind="group", title="Tea").id


@pytest.fixture
def code(ada: Visitor, chat: UUID) -> Code:
    return a_code(ada, chat)


@pytest.fixture
def tom(visitor: Callable[[], Visitor], code: Code) -> Visitor:
    """A guest, who came by the code."""
    return come(visitor(), code)
