"""Letters about missed mentions: for who asks for them, of what is unread for an hour, seldom, and with a way out."""

import datetime as dt
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.utils import timezone

from abdre import jobs
from abdre.tests.browsers import Browser
from abdre.web_push import Target
from auth_svc.services import digests
from auth_svc.services.digests import send_digests
from auth_svc.tests.people import Visitor
from chat_svc.services import create_chat, mark_read, prefer, send_message
from chat_svc.writer import writer
from user_svc.selectors import preferences_of, user_by_id
from user_svc.services import block, change_preferences, subscribe

pytestmark = pytest.mark.django_db(transaction=True)  # the writer commits on a connection of its own


@pytest.fixture(autouse=True)
def _writer_rests() -> Iterator[None]:
    """Its connection must not outlive the test's rows."""
    yield
    writer.stop()


@pytest.fixture
def letters(ada: Visitor) -> list[mail.EmailMessage]:
    """What is sent from now on."""
    jobs.do_all()
    mail.outbox.clear()
    return mail.outbox


@pytest.fixture
def chat(transactional_db: None, ada: Visitor, eve: Visitor, letters: Any, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """In which eve calls ada, who wishes letters, longer ago than anybody waits."""
    change_preferences(user_id=ada.id, facts={"digest": True})
    monkeypatch.setattr(digests, "UNREAD_FOR", dt.timedelta(0))
    chat: UUID = create_chat(creator_id=eve.id, kind="group", title="Tea", members=[ada.id]).id
    send_message(chat_id=chat, sender_id=eve.id, client_id=uuid4(), body="@ada salem <b>")
    return chat


def send_all() -> None:
    send_digests()
    jobs.do_all()


def test_a_missed_mention_comes_as_a_letter_once(chat: UUID, letters: list[Any], settings: Any):
    settings.PUBLIC_ORIGIN = "https://chat.example.org"

    send_all()
    send_all()

    [letter] = letters
    assert (letter.subject, letter.to) == ("You were mentioned", ["ada@example.org"])
    html = letter.alternatives[0][0]
    assert "@ada salem <b>" in letter.body
    assert "@ada salem &lt;b&gt;" in html
    for text in (letter.body, html):
        assert f"https://chat.example.org/chats/{chat}" in text
        assert "https://chat.example.org/digest/off/" in text


def test_who_has_chosen_no_language_gets_the_letter_in_that_of_their_browser(
    chat: UUID, ada: Visitor, letters: list[Any]
):
    browser = Browser("https://push.example/1")
    target = Target(browser.endpoint, browser.p256dh, browser.auth)
    subscribe(user_id=ada.id, session_id=uuid4(), target=target, language="ru")

    send_all()

    [letter] = letters
    assert letter.subject == "Вас упомянули"


def _read(chat: UUID, ada: Visitor, eve: Visitor) -> None:
    mark_read(chat_id=chat, user_id=ada.id, seq=1)


def _muted(chat: UUID, ada: Visitor, eve: Visitor) -> None:
    prefer(chat_id=chat, user_id=ada.id, facts={"muted_until": timezone.now() + dt.timedelta(days=1)})


def _told_nothing(chat: UUID, ada: Visitor, eve: Visitor) -> None:
    prefer(chat_id=chat, user_id=ada.id, facts={"notify": "nothing"})


def _blocked(chat: UUID, ada: Visitor, eve: Visitor) -> None:
    block(user_id=ada.id, other_id=eve.id)


def _not_wished(chat: UUID, ada: Visitor, eve: Visitor) -> None:
    change_preferences(user_id=ada.id, facts={"digest": False})


@pytest.mark.parametrize("stands", [_read, _muted, _told_nothing, _blocked, _not_wished])
@pytest.mark.parametrize("is_asked", [False, True], ids=["before the look", "before the letter is written"])
def test_what_is_no_news_any_more_is_in_no_letter(
    chat: UUID, ada: Visitor, eve: Visitor, letters: list[Any], stands: Any, is_asked: bool
):
    if is_asked:
        send_digests()
    stands(chat, ada, eve)

    send_all()

    assert letters == []


def test_what_is_new_is_left_for_later(chat: UUID, letters: list[Any], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(digests, "UNREAD_FOR", dt.timedelta(hours=1))

    send_all()

    assert letters == []


def test_a_letter_that_cannot_go_out_is_tried_again(chat: UUID, ada: Visitor, letters: list[Any], monkeypatch: Any):
    def fail(*_: Any, **__: Any) -> None:
        raise OSError("no mail server")

    with monkeypatch.context() as away:
        away.setattr(digests, "deliver", fail)
        send_all()
    assert preferences_of(user_by_id(ada.id)).digest_at is None

    send_all()

    assert len(letters) == 1


def test_the_letters_own_link_switches_them_off(
    chat: UUID, ada: Visitor, visitor: Any, letters: list[Any], settings: Any
):
    settings.PUBLIC_ORIGIN = "https://chat.example.org"
    send_all()
    token = letters[0].body.partition("/digest/off/")[2].split()[0]

    answer = visitor().post("/api/auth/digest/off", {"token": token})

    assert answer.status_code == 204
    assert preferences_of(user_by_id(ada.id)).digest is False


def test_a_made_up_link_switches_nothing_off(chat: UUID, ada: Visitor, visitor: Any):
    answer = visitor().post("/api/auth/digest/off", {"token": f"{ada.id}:made:up"})

    assert answer.status_code == 404
    assert preferences_of(user_by_id(ada.id)).digest is True
