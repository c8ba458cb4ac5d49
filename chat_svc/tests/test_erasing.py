"""After the end of a temporary chat no table, no file and no job says a word of it.

What is looked at is the whole database, every column of every table, so tables that nobody had thought of count too;
and a table that hangs on chats and is empty here fails the test, until somebody has thought of it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterator
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
from abdre.tests.browsers import Browser
from abdre.tests.receiver import Asked, Reply, receiver
from abdre.web_push import Target
from chat_svc import services
from chat_svc.files import store
from chat_svc.models import MESSAGES_PER_BLOCK, Attachment, Chat, Notice
from chat_svc.services import deliveries, moderation
from chat_svc.tests.conftest import Api, Told, begin, say, send_up, sent_or_held
from chat_svc.tests.moderators import by, moderator
from chat_svc.tests.pictures import photo, picture
from user_svc.services import subscribe

if TYPE_CHECKING:
    from user_svc.models import User

SECRET = "zanzibar"
# What staff did, and told whom of it, is to be known afterwards: by plain ids, and without a word that was said.
OUTLIVING = {"chat_svc_moderationentry", "user_svc_staffnotice"}


@task()
def _tell(chat_id: str) -> None:
    """A job about a chat, which nobody has done yet."""


@pytest.fixture
def addresses() -> Iterator[None]:
    """Those of all services: codes and knocks are auth_svc's; and of a target on this machine."""
    loopback = [ipaddress.ip_network("127.0.0.0/8")]
    with override_settings(ROOT_URLCONF="abdre.urls", FETCH_ALLOWED_NETWORKS=loopback):
        yield


@pytest.fixture
def lived_in(ada: User, bob: User, eve: User, guest: User, addresses: None) -> Chat:
    """A temporary chat in which everything was done that leaves something behind."""
    chat = services.create_chat(creator_id=ada.id, kind="temporary", title=SECRET, members=[bob.id])
    path, soon = f"/api/chats/{chat.id}", (timezone.now() + timedelta(hours=1)).isoformat()
    for answer in (
        *(_said(bob, chat, f"**{SECRET}** @ada {number}") for number in range(MESSAGES_PER_BLOCK)),
        Api(bob)("PATCH", f"{path}/messages/1", {"body": f"{SECRET} second"}),
        Api(ada)("PUT", f"{path}/messages/1/reactions/👍"),
        Api(ada)("PUT", f"{path}/messages/1/pin"),
        Api(ada)("PATCH", f"{path}/mine", {"pinned": True}),
        Api(ada)("PATCH", path, {"topic": SECRET}),
        Api(ada)("PUT", f"{path}/draft", {"body": SECRET}),
        Api(ada)("POST", f"{path}/scheduled", {"client_id": str(uuid4()), "body": SECRET, "send_at": soon}),
        Api(ada)("POST", f"{path}/messages/1/reminder", {"at": soon}),
        Api(ada)("POST", f"{path}/messages/1/report", {"reason": "spam", "note": SECRET}),
        _picture_set(ada, chat),
        _come_in(ada, guest, chat, approval=False),
        _come_in(ada, eve, chat, approval=True),
        *_linked(bob, chat),
        *_exported(bob, chat),
    ):
        assert answer.status_code < 300, answer.content
    _hold(guest, chat)
    _send_files(bob, chat)
    _integrate(ada, chat)
    services.seal_search_blocks()
    _note_for(bob, chat)
    _moderate(chat)
    _tell.enqueue(str(chat.id))
    return chat


def _said(user: User, chat: Chat, body: str) -> Any:
    return Api(user)("POST", f"/api/chats/{chat.id}/messages", {"client_id": str(uuid4()), "body": body})


def _picture_set(user: User, chat: Chat) -> Any:
    api = Api(user)
    path = f"/api/chats/{chat.id}/picture"
    return api.client.put(path, picture(), content_type="image/png", headers=api.headers)


def _linked(user: User, chat: Chat) -> Iterator[Any]:
    """A message with a card and its picture below it."""
    page = f'<title>{SECRET}</title><meta property="og:image" content="/{SECRET}.png">'.encode()
    with receiver(
        lambda asked: _page_or_picture(asked, page), host="127.0.0.2"
    ) as site:  # 127.0.0.1 is the house's own
        yield _said(user, chat, site.url(f"/{SECRET}", "127.0.0.2"))
        jobs.do_all()


def _page_or_picture(asked: Asked, page: bytes) -> Reply:
    is_picture = asked.path.endswith(".png")
    return 200, {"Content-Type": "image/png" if is_picture else "text/html"}, picture() if is_picture else page


def _exported(user: User, chat: Chat) -> Iterator[Any]:
    """One archive that was made, and one that is still to be."""
    yield Api(user)("POST", f"/api/chats/{chat.id}/exports", {"format": "html"})
    jobs.do_all()
    yield Api(user)("POST", f"/api/chats/{chat.id}/exports", {"format": "json"})


def _send_files(user: User, chat: Chat) -> None:
    """A photo that was said, with its thumbnails; one that was not; and half of a file."""
    said = send_up(chat, user, f"{SECRET}.jpg", photo())
    say(chat, user, f"look, {SECRET}", attachments=[said["id"]])
    send_up(chat, user, f"{SECRET}.png", picture())
    half = begin(chat, user, f"{SECRET}.txt", store.PART_BYTES + 1)
    services.receive_part(
        chat_id=chat.id, user_id=user.id, attachment_id=half["id"], offset=0, data=bytes(store.PART_BYTES)
    )


def _hold(user: User, chat: Chat) -> None:
    """A guest's photo that nobody has let through."""
    Chat.objects.filter(id=chat.id).update(guest_files="held")
    photo_of_tea = send_up(chat, user, f"{SECRET}.jpg", photo())
    assert isinstance(sent_or_held(chat, user, SECRET, attachments=[photo_of_tea["id"]]), services.Held)


def _integrate(user: User, chat: Chat) -> None:
    """Something outside has written here, and something outside has heard of it."""
    path = f"/api/chats/{chat.id}"
    with receiver() as target:
        wanted = {"name": SECRET, "url": target.url(f"/{SECRET}")}
        assert Api(user)("POST", f"{path}/outgoing-hooks", wanted).status_code == 201
        dropped, incoming = (Api(user)("POST", f"{path}/incoming-hooks", {"name": SECRET}).json() for _ in range(2))
        assert Api(user)("DELETE", f"{path}/incoming-hooks/{dropped['id']}").status_code == 204
        assert Api(None)("POST", f"/api/chats/hooks/{incoming['secret']}", {"text": SECRET}).status_code < 300
        for hook_id in deliveries.due_hooks():
            deliveries.deliver_claimed(hook_id)


def _moderate(chat: Chat) -> None:
    """Staff has deleted a message, which can be restored."""
    moderation.delete_messages(by=by(moderator()), chat_id=chat.id, seqs=[2])


def _note_for(user: User, chat: Chat) -> None:
    """A browser of theirs is still to be told of what was said."""
    browser = Browser("https://push.example/1")
    target = Target(browser.endpoint, browser.p256dh, browser.auth)
    subscription = subscribe(user_id=user.id, session_id=uuid4(), target=target)
    Notice.objects.create(chat=chat, subscription=subscription, since=0, until=1)


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


def everything(*, but_for: Collection[str] = ()) -> str:
    """All rows of all tables as one text: ids, words and what is packed in JSON alike."""
    with connection.cursor() as cursor:
        rows = []
        for table in set(connection.introspection.table_names(cursor)) - set(but_for):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  # the database's own names
            rows += [(table, *row) for row in cursor.fetchall()]
    return "\n".join(map(str, rows))


def files() -> set[str]:
    """What is kept beside the database, folders too, since they are named by what they are of."""
    return {f"{alias}/{name}" for alias in storages.backends if alias != "staticfiles" for name in _walk(alias, "")}


def _walk(alias: str, folder: str) -> Iterator[str]:
    try:
        folders, names = storages[alias].listdir(folder)
    except (FileNotFoundError, NotADirectoryError, NotImplementedError):
        return
    yield from (f"{folder}{name}" for name in names)
    yield from (f"{folder}{inner}/" for inner in folders if len(inner) > 2)  # the branches of `files/store.py` stay
    for inner in folders:
        yield from _walk(alias, f"{folder}{inner}/")


def found(user: User) -> int:
    return len(Api(user)("GET", f"/api/chats/search?q={SECRET}").json()["items"])


def test_nothing_is_left_of_a_temporary_chat(lived_in: Chat, ada: User, monkeypatch: pytest.MonkeyPatch, capsys: Any):
    empty = {model.__name__ for model in hanging_on_chats() if not model._default_manager.exists()}
    assert empty == set(), "do in `lived_in` what leaves a row there"
    assert SECRET in everything()
    assert found(ada) > 0
    assert any("thumb" in name for name in files())
    assert Attachment.objects.filter(of_preview=True, message_seq__isnull=False).exists()
    assert any(name.startswith(f"pictures/chats/{lived_in.id}/") for name in files())
    told = Told()
    monkeypatch.setattr(events, "hand_over_all", told.note)
    Chat.objects.filter(id=lived_in.id).update(expires_at=timezone.now() - timedelta(seconds=1))

    call_command("erase_expired_chats")
    jobs.do_all()

    assert capsys.readouterr().out == "1 erased\n"
    left = everything(but_for=OUTLIVING)
    for trace in (SECRET, str(lived_in.id), lived_in.id.hex):
        assert trace not in left, [line for line in left.splitlines() if trace in line]
    assert SECRET not in everything()
    assert files() <= {"pictures/chats/"}
    assert found(ada) == 0
    assert {"type": "chat.removed", "chat": str(lived_in.id), "reason": "expired"} in told.to(user_group(ada.id))


def test_what_lasts_stays(ada: User):
    chat = services.create_chat(creator_id=ada.id, kind="temporary", title=SECRET)
    said = send_up(chat, ada, "tea.png", picture())
    say(chat, ada, attachments=[said["id"]])
    before = files()

    call_command("erase_expired_chats")

    assert Api(ada)("GET", f"/api/chats/{chat.id}").status_code == 200
    assert files() == before != set()
