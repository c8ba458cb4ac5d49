"""In what order becoming a member takes its locks, so that nobody who is writing meanwhile has to give way."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction

from abdre.db import close_connections
from auth_svc.services import be_guest, register
from auth_svc.tests.people import PASSWORD
from chat_svc.services import create_chat
from user_svc.selectors import user_by_id

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def guest_id() -> UUID:
    return be_guest(display_name="Tom", address="10.9.9.0/24").id


@pytest.fixture
def thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


def become_member(guest_id: UUID) -> None:
    try:
        register(guest_id=guest_id, username="tom", password=PASSWORD, address="10.9.9.0/24", origin="")
    finally:
        close_connections()


@pytest.mark.postgres
def test_a_guest_who_registers_waits_for_a_chat_without_holding_what_its_writer_needs(
    guest_id: UUID, thread: ThreadPoolExecutor
):
    chat = create_chat(creator_id=guest_id, kind="temporary", ttl_s=3600)

    with transaction.atomic(), connection.cursor() as writer:
        writer.execute("SELECT id FROM chat_svc_chat WHERE id = %s FOR UPDATE", [chat.id])
        registering = thread.submit(become_member, guest_id)
        until_somebody_waits(writer)
        # What the foreign key of a message asks of its author's row at the commit.
        writer.execute("SELECT id FROM user_svc_user WHERE id = %s FOR KEY SHARE NOWAIT", [guest_id])

    registering.result(timeout=10)
    assert not user_by_id(guest_id).is_guest


def until_somebody_waits(cursor: Any) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        if cursor.fetchone()[0]:
            return
        time.sleep(0.01)
    raise AssertionError("nobody came to wait")


def test_the_password_is_hashed_before_the_transaction_begins(guest_id: UUID, monkeypatch: pytest.MonkeyPatch):
    create_chat(creator_id=guest_id, kind="temporary", ttl_s=3600)
    inside = []
    user = get_user_model()
    hashing = user.set_password

    def note(self: Any, password: str) -> None:
        inside.append(connection.in_atomic_block)
        hashing(self, password)

    monkeypatch.setattr(user, "set_password", note)

    become_member(guest_id)

    assert inside == [False]
