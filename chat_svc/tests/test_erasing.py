"""After the end of a temporary chat no table, no file and no job says a word of it.

What is looked at is the whole database, every column of every table, so tables that nobody had thought of count too;
and a table that hangs on chats and is empty here fails the test, until somebody has thought of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connection, models
from django.test import override_settings
from django.utils import timezone
from django_tasks import task

from abdre import events, jobs
from abdre.events import user_group
from chat_svc import services
from chat_svc.models import Chat, Mention, Pin, SearchBlock
from chat_svc.tests.conftest import Api, Told

if TYPE_CHECKING:
    from user_svc.models import User

SECRET = "zanzibar"


@task()
def _tell(chat_id: str) -> None:
    """A job about a chat, which nobody has done yet."""


@pytest.fixture
def addresses() -> Iterator[None]:
    """Those of all services: codes and knocks are auth_svc's."""
    with override_settings(ROOT_URLCONF="abdre.urls"):
        yield


@pytest.fixture
def lived_in(ada: User, bob: User, eve: User, guest: User, addresses: None) -> Chat:
    """A temporary chat in which everything was done that leaves something behind."""
    chat = services.create_chat(creator_id=ada.id, kind="temporary", title=SECRET, members=[bob.id])
    path = f"/api/chats/{chat.id}"
    for answer in (
        Api(bob)("POST", f"{path}/messages", {"client_id": str(uuid4()), "body": f"**{SECRET}** first"}),
        Api(bob)("PATCH", f"{path}/messages/1", {"body": f"{SECRET} second"}),
        Api(ada)("PUT", f"{path}/messages/1/reactions/👍"),
        Api(ada)("PATCH", f"{path}/mine", {"pinned": True}),
        Api(ada)("PATCH", path, {"topic": SECRET}),
        _come_in(ada, guest, chat, approval=False),
        _come_in(ada, eve, chat, approval=True),
    ):
        assert answer.status_code < 300, answer.content
    if not Mention.objects.filter(chat=chat).exists():
        Mention.objects.create(chat=chat, user=bob, seq=1)
    if not Pin.objects.filter(chat=chat).exists():
        Pin.objects.create(chat=chat, seq=1, pinned_by=ada)
    # One that stands for a many messages.
    SearchBlock.objects.create(chat=chat, number=0, folded=SECRET, oldest_us=0, newest_us=0)
    _tell.enqueue(str(chat.id))
    return chat


def _come_in(host: User, newcomer: User, chat: Chat, *, approval: bool) -> Any:
    wanted = {"chat": str(chat.id), "label": SECRET, "approval": approval}
    made = Api(host)("POST", "/api/auth/invitations", wanted).json()
    return Api(newcomer)("POST", "/api/auth/invitations/accept", {"token": made["token"]})


def hanging_on_chats() -> set[type[models.Model]]:
    """Every model whose rows go with a chat, or with something that does."""
    found: set[type[models.Model]] = {Chat}
    while True:
        more = {
            model
            for model in apps.get_models()
            for field in model._meta.get_fields()
            if isinstance(field, models.ForeignKey) and field.related_model in found
        }
        if more <= found:
            return found - {Chat}
        found |= more


def everything() -> str:
    """All rows of all tables as one text: ids, words and what is packed in JSON alike."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # the database's own names
            rows += [(table, *row) for row in cursor.fetchall()]
    return "\n".join(map(str, rows))


def files() -> set[str]:
    """What is kept beside the database."""
    return {f"{alias}/{name}" for alias in storages.backends if alias != "staticfiles" for name in _walk(alias, "")}


def _walk(alias: str, folder: str) -> Iterator[str]:
    try:
        folders, names = storages[alias].listdir(folder)
    except (FileNotFoundError, NotADirectoryError, NotImplementedError):
        return
    yield from (f"{folder}{name}" for name in names)
    for inner in folders:
        yield from _walk(alias, f"{folder}{inner}/")


def test_nothing_is_left_of_a_temporary_chat(lived_in: Chat, ada: User, monkeypatch: pytest.MonkeyPatch, capsys: Any):
    empty = {model.__name__ for model in hanging_on_chats() if not model._default_manager.exists()}
    assert empty == set(), "do in `lived_in` what leaves a row there"
    assert SECRET in everything()
    told = Told()
    monkeypatch.setattr(events, "hand_over_all", told.note)
    Chat.objects.filter(id=lived_in.id).update(expires_at=timezone.now() - timedelta(seconds=1))

    call_command("erase_expired_chats")
    jobs.do_all()

    assert capsys.readouterr().out == "1 erased\n"
    left = everything()
    for trace in (SECRET, str(lived_in.id), lived_in.id.hex):
        assert trace not in left, [line for line in left.splitlines() if trace in line]
    assert {name for name in files() if str(lived_in.id) in name or lived_in.id.hex in name} == set()
    assert {"type": "chat.removed", "chat": str(lived_in.id), "reason": "expired"} in told.to(user_group(ada.id))


def test_what_lasts_stays(lived_in: Chat, ada: User):
    call_command("erase_expired_chats")

    assert Api(ada)("GET", f"/api/chats/{lived_in.id}").status_code == 200
