"""The cast: ada owns, bob is a member, eve is a stranger, guest came by QR."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from abdre import events
from abdre.tests.signing import bearer
from chat_svc import services
from chat_svc.files import store
from chat_svc.models import Chat, Kind
from chat_svc.writer import Post, Writer, writer
from user_svc.services import create_guest, create_member

if TYPE_CHECKING:
    from user_svc.models import User


@pytest.fixture(autouse=True)
def _writer_rests() -> Iterator[None]:
    """Its connection must not outlive the test's rows."""
    yield
    writer.stop()


def member(name: str) -> User:
    return create_member(username=name, password=None, display_name=name.title())


@pytest.fixture
def ada(transactional_db: None) -> User:
    return member("ada")


@pytest.fixture
def bob(transactional_db: None) -> User:
    return member("bob")


@pytest.fixture
def eve(transactional_db: None) -> User:
    return member("eve")


@pytest.fixture
def guest(transactional_db: None) -> User:
    return create_guest(display_name="Gulnara")


@pytest.fixture
def other(ada: User, bob: User) -> Chat:
    """Another group of ada's, with bob in it."""
    return services.create_chat(creator_id=ada.id, kind=Kind.GROUP, title="Coffee", members=[bob.id])


@pytest.fixture
def chat(ada: User, bob: User) -> Chat:
    """Ada's group, with bob in it."""
    return services.create_chat(creator_id=ada.id, kind=Kind.GROUP, title="Tea", members=[bob.id])


class Told:
    """What was handed to the channel layer, group by group."""

    def __init__(self) -> None:
        self.items: list[tuple[str, dict[str, Any]]] = []

    def note(self, messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
        self.items += [(group, json.loads(item)) for group, message in messages for item in message["items"]]

    def to(self, group: str) -> list[dict[str, Any]]:
        return [item for told, item in self.items if told == group]

    def types_to(self, group: str) -> list[str]:
        return [item["type"] for item in self.to(group)]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, chat: Chat) -> Told:
    recorder = Told()
    monkeypatch.setattr(events, "hand_over_all", recorder.note)
    return recorder


def say(chat: Chat, user: User, body: str = "salem", client_id: UUID | None = None, **options: Any) -> services.Sent:
    said = sent_or_held(chat, user, body, client_id, **options)
    assert isinstance(said, services.Sent)
    return said


def sent_or_held(
    chat: Chat, user: User, body: str, client_id: UUID | None = None, **options: Any
) -> services.Sent | services.Held:
    return services.send_message(
        chat_id=chat.id, sender_id=user.id, client_id=client_id or uuid4(), body=body, **options
    )


def post(chat: Chat, user: User, body: str = "x", client_id: UUID | None = None, reply_to: int | None = None) -> Post:
    return Post(chat.id, user.id, client_id or uuid4(), body, reply_to)


def batch(posts: Sequence[Post]) -> list[Any]:
    """The outcomes of posts that are written together."""
    pen = Writer()
    answers: list[Future[Any]] = [Future() for _ in posts]
    with pen._changed:  # it comes to its queue when all of them stand there
        for one, answer in zip(posts, answers, strict=True):
            pen.submit(one, answer.set_result)
    pen.stop()
    return [answer.result(timeout=10) for answer in answers]


class Api:
    """A program that speaks as one person."""

    def __init__(self, user: User | None) -> None:
        self.headers = bearer(user.id) if user else {}
        self.client = Client(raise_request_exception=True)

    def __call__(self, method: str, path: str, body: object = None) -> Any:
        options: dict[str, Any] = {"headers": self.headers}
        if body is not None:
            options |= {"data": json.dumps(body), "content_type": "application/json"}
        return self.client.generic(method, path, **options)


@pytest.fixture(autouse=True)
def _files_of_one_test(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "default")
    ours = {alias: folder_storage(tmp_path / alias) for alias in ("attachments", "pictures")}
    settings.STORAGES = {**settings.STORAGES, **ours}


def folder_storage(folder: Path) -> dict[str, Any]:
    backend = "django.core.files.storage.FileSystemStorage"
    return {"BACKEND": backend, "OPTIONS": {"location": str(folder), "allow_overwrite": True}}


def begin(chat: Chat, user: User, name: str, size: int, **options: Any) -> dict[str, Any]:
    upload = services.begin_upload(chat_id=chat.id, user_id=user.id, name=name, size=size, **options)
    return {**upload, "id": UUID(upload["id"])}


def send_up(chat: Chat, user: User, name: str, data: bytes, **options: Any) -> dict[str, Any]:
    """A whole file of one part, as it is when it may be sent."""
    upload = begin(chat, user, name, len(data), **options)
    one = {"chat_id": chat.id, "user_id": user.id, "attachment_id": upload["id"]}
    return {**services.receive_part(**one, offset=0, data=data), "id": upload["id"]}


def kept(attachment_id: Any, name: str) -> bytes:
    """What lies in the store. Raises FileNotFoundError."""
    with store.opened(UUID(str(attachment_id)), name) as file:
        return file.read()
