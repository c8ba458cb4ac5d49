"""What is told to browsers whose pages are closed: what is news to their person, as they want it, and no more."""

from __future__ import annotations

import datetime as dt
import ipaddress
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from abdre import jobs
from abdre.push_key import first_push_pem
from abdre.store import store
from abdre.tests.browsers import Browser
from abdre.tests.receiver import Receiver, receiver
from abdre.tokens import ALIVE, session_key
from abdre.web_push import Target
from chat_svc import services
from chat_svc.models import Chat, Membership, Notice, Notify, Reminder, Watch
from chat_svc.services import notices
from chat_svc.tests.conftest import say
from user_svc import presence
from user_svc.selectors import push_subscriptions
from user_svc.services import PreferenceFacts, block, change_preferences, forget_push_of, subscribe

if TYPE_CHECKING:
    from pytest_django import Settings

    from user_svc.models import User


@pytest.fixture(autouse=True)
def _loopback(settings: Settings) -> None:
    settings.FETCH_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    settings.PUSH_PEM = first_push_pem()


@pytest.fixture
def service() -> Iterator[Receiver]:
    with receiver(lambda asked: (201, {}, b"")) as made:
        yield made


class Told:
    """A person's browser, and what it was told."""

    def __init__(self, user: User, service: Receiver) -> None:
        self.session = uuid4()
        store.put(session_key(self.session), ALIVE, ttl_s=60)
        self.path = f"/{user.display_name}"
        self._service = service
        self._browser = browser = Browser(service.url(self.path))
        target = Target(browser.endpoint, browser.p256dh, browser.auth)
        subscribe(user_id=user.id, session_id=self.session, target=target)

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.messages]

    @property
    def messages(self) -> list[Any]:
        return [self._browser.read(asked.body) for asked in self._service.asked if asked.path == self.path]


@pytest.fixture
def bobs(chat: Chat, bob: User, service: Receiver) -> Told:
    return Told(bob, service)


def tell_all() -> None:
    """As the worker does, in this thread."""
    notices.note_news()
    for notice_id in notices.due_notices():
        notices.tell(notice_id)


def test_a_message_is_told_once_and_not_to_who_wrote_it(chat: Chat, ada: User, bobs: Told, service: Receiver):
    adas = Told(ada, service)
    say(chat, ada, "salem")

    tell_all()
    tell_all()

    url = f"/chats/{chat.id}?at=1"
    assert bobs.messages == [{"tag": str(chat.id), "title": "Tea", "text": "Ada: salem", "url": url}]
    assert adas.messages == []
    assert not Notice.objects.exists()


# The rule as a table: what the person wants, what stands between, and whether they are told of "salem", of "@bob".
def _nothing(chat: Chat, ada: User, bob: User) -> None:
    pass


def _level(notify: str) -> Callable[[Chat, User, User], None]:
    def wish(chat: Chat, ada: User, bob: User) -> None:
        services.prefer(chat_id=chat.id, user_id=bob.id, facts={"notify": notify})

    return wish


def _muted(chat: Chat, ada: User, bob: User) -> None:
    services.prefer(chat_id=chat.id, user_id=bob.id, facts={"muted_until": timezone.now() + timedelta(hours=1)})


def _muted_until_lately(chat: Chat, ada: User, bob: User) -> None:
    Membership.objects.filter(chat=chat, user=bob).update(muted_until=timezone.now() - timedelta(seconds=1))


def _keep_quiet(bob: User, begin: dt.datetime, end: dt.datetime) -> None:
    hours: PreferenceFacts = {"time_zone": "UTC", "quiet_from": begin.time(), "quiet_until": end.time()}
    change_preferences(user_id=bob.id, facts=hours)


def _quiet(chat: Chat, ada: User, bob: User) -> None:
    now = timezone.now()
    _keep_quiet(bob, now - timedelta(hours=1), now + timedelta(hours=1))


def _quiet_at_another_hour(chat: Chat, ada: User, bob: User) -> None:
    now = timezone.now()
    _keep_quiet(bob, now + timedelta(hours=1), now + timedelta(hours=2))


def _read(chat: Chat, ada: User, bob: User) -> None:
    services.mark_read(chat_id=chat.id, user_id=bob.id, seq=Chat.objects.get(id=chat.id).last_seq)


def _blocked(chat: Chat, ada: User, bob: User) -> None:
    block(user_id=bob.id, other_id=ada.id)


def _blocked_by_the_other(chat: Chat, ada: User, bob: User) -> None:
    block(user_id=ada.id, other_id=bob.id)


def _deleted(chat: Chat, ada: User, bob: User) -> None:
    services.delete_message(chat_id=chat.id, actor_id=ada.id, seq=Chat.objects.get(id=chat.id).last_seq)


def _cleared(chat: Chat, ada: User, bob: User) -> None:
    services.clear_chat(chat_id=chat.id, user_id=bob.id)


def _left(chat: Chat, ada: User, bob: User) -> None:
    services.leave_chat(chat_id=chat.id, user_id=bob.id)


def _removed(chat: Chat, ada: User, bob: User) -> None:
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=bob.id)


def _closed(chat: Chat, ada: User, bob: User) -> None:
    services.close_chat(chat_id=chat.id, actor_id=ada.id)


def _logged_out(chat: Chat, ada: User, bob: User) -> None:
    forget_push_of([UUID(one["session"]) for one in push_subscriptions(user_id=bob.id, session_id=uuid4())])


RULES = [
    (_nothing, True, True),
    (_level(Notify.ALL), True, True),
    (_level(Notify.MENTIONS), False, True),
    (_level(Notify.NOTHING), False, False),
    (_muted, False, False),
    (_muted_until_lately, True, True),
    (_quiet, False, False),
    (_quiet_at_another_hour, True, True),
    (_read, False, False),
    (_blocked, False, False),
    (_blocked_by_the_other, False, False),
    (_deleted, False, False),
    (_cleared, False, False),
    (_left, False, False),
    (_removed, False, False),
    (_closed, False, False),
    (_logged_out, False, False),
]


@pytest.mark.parametrize("is_mention", [False, True], ids=["salem", "@bob"])
@pytest.mark.parametrize(("stands", "of_all", "of_mentions"), RULES, ids=[rule.__name__ for rule, *_ in RULES])
def test_who_is_told(
    chat: Chat, ada: User, bob: User, bobs: Told, stands: Any, of_all: bool, of_mentions: bool, is_mention: bool
):
    say(chat, ada, "@bob" if is_mention else "salem")
    notices.note_news()

    stands(chat, ada, bob)
    tell_all()

    assert bool(bobs.messages) is (of_mentions if is_mention else of_all)
    assert not Notice.objects.exists()


@pytest.mark.parametrize("stands", [_level(Notify.NOTHING), _muted, _read, _removed])
def test_for_whom_it_is_no_news_nothing_is_even_noted(chat: Chat, ada: User, bob: User, bobs: Told, stands: Any):
    say(chat, ada, "@bob")
    stands(chat, ada, bob)

    notices.note_news()

    assert not Notice.objects.exists()


def test_who_has_a_page_open_is_told_by_that_and_by_push_if_they_do_not_read_it(
    chat: Chat, ada: User, bob: User, bobs: Told, monkeypatch: pytest.MonkeyPatch
):
    presence.arrive([bob.id], held=[bob.id], holder="page")
    say(chat, ada, "salem")

    tell_all()
    at_once = bobs.texts
    Notice.objects.update(next_try_at=timezone.now())
    tell_all()

    assert (at_once, bobs.texts) == ([], ["Ada: salem"])


def test_who_has_closed_the_page_since_is_told_at_once(chat: Chat, ada: User, bob: User, bobs: Told):
    presence.arrive([bob.id], held=[bob.id], holder="page")
    say(chat, ada, "one")
    tell_all()
    presence.leave([bob.id], holder="page")
    say(chat, ada, "two")

    tell_all()

    assert bobs.texts == ["Ada: two"]


def test_a_strangers_browser_is_never_asked_about(chat: Chat, ada: User, eve: User, bobs: Told, service: Receiver):
    eves = Told(eve, service)
    say(chat, ada, "@eve @all")

    tell_all()

    assert (len(bobs.messages), eves.messages) == (1, [])


def test_who_comes_in_is_told_from_then_on(chat: Chat, ada: User, eve: User, service: Receiver):
    eves = Told(eve, service)
    say(chat, ada, "before")
    services.add_member(chat_id=chat.id, actor_id=ada.id, user_id=eve.id)
    say(chat, ada, "after")

    tell_all()

    assert eves.texts == ["Ada: after"]


def test_a_new_chat_is_told_of(ada: User, bob: User, bobs: Told):
    chat = services.create_chat(creator_id=ada.id, kind="direct", members=[bob.id])
    say(chat, ada, "**salem**, bob")

    tell_all()

    assert [(told["title"], told["text"]) for told in bobs.messages] == [("Ada", "salem, bob")]


def test_who_hides_the_text_is_told_that_there_is_some(chat: Chat, ada: User, bob: User, bobs: Told):
    change_preferences(user_id=bob.id, facts={"hides_text": True})
    say(chat, ada, "salem")

    tell_all()

    [told] = bobs.messages
    assert (told["title"], told["text"]) == ("New message", "")


@pytest.mark.parametrize(("chosen", "title"), [("", "Жаңа хабарлама"), ("ru", "Новое сообщение")])
def test_who_has_chosen_no_language_is_told_in_the_browsers(
    chat: Chat, ada: User, bob: User, bobs: Told, chosen: str, title: str
):
    change_preferences(user_id=bob.id, facts={"hides_text": True, "language": chosen})
    bob.push_subscriptions.update(language="kk")
    say(chat, ada, "salem")

    tell_all()

    assert [told["title"] for told in bobs.messages] == [title]


def test_of_a_long_message_its_beginning_is_told(chat: Chat, ada: User, bobs: Told):
    say(chat, ada, "a" * 500)

    tell_all()

    assert bobs.texts == [f"Ada: {'a' * 99}…"]


def test_several_messages_are_told_as_the_newest(chat: Chat, ada: User, bobs: Told):
    for body in ("one", "two", "three"):
        say(chat, ada, body)

    tell_all()

    assert bobs.texts == ["Ada: three"]


def test_a_service_that_fails_is_asked_again_later(chat: Chat, ada: User, bobs: Told, service: Receiver):
    service.answer = lambda asked: (503, {}, b"")
    say(chat, ada, "salem")
    tell_all()
    notice = Notice.objects.get()
    service.answer = lambda asked: (201, {}, b"")
    Notice.objects.update(next_try_at=timezone.now())

    tell_all()

    assert notice.next_try_at > timezone.now() + timedelta(seconds=10)
    assert bobs.texts == ["Ada: salem", "Ada: salem"]
    assert not Notice.objects.exists()


def test_a_service_that_always_fails_is_left_alone_in_the_end(chat: Chat, ada: User, bobs: Told, service: Receiver):
    service.answer = lambda asked: (503, {}, b"")
    say(chat, ada, "salem")

    for _ in range(notices.TRIES + 2):
        tell_all()
        Notice.objects.update(next_try_at=timezone.now())

    assert len(bobs.messages) == notices.TRIES
    assert not Notice.objects.exists()


def test_what_is_said_while_one_is_told_is_told_next(chat: Chat, ada: User, bobs: Told, service: Receiver):
    def answer(asked: Any) -> Any:
        if len(service.asked) == 1:
            say(chat, ada, "meanwhile")
            notices.note_news()
        return (201, {}, b"")

    service.answer = answer
    say(chat, ada, "salem")
    tell_all()

    tell_all()

    assert bobs.texts == ["Ada: salem", "Ada: meanwhile"]


def test_the_clocks_deed_tells_on_threads_of_its_own(chat: Chat, ada: User, bobs: Told, service: Receiver):
    told = threading.Event()
    service.answer = lambda asked: (told.set(), (201, {}, b""))[1]  # type: ignore[func-returns-value]
    say(chat, ada, "salem")

    notices.push_news()

    assert told.wait(timeout=10)
    notices._threads.submit(int).result(timeout=10)
    assert bobs.texts == ["Ada: salem"]


def test_one_of_several_workers_tells(chat: Chat, ada: User, bobs: Told):
    say(chat, ada, "salem")
    notices.note_news()
    [notice_id] = notices.due_notices()

    claims = [notices._claim(notice_id), notices._claim(notice_id)]

    assert (claims, notices.due_notices()) == ([True, False], [])


def test_a_push_service_keeps_nothing_past_the_end_of_the_chat(ada: User, bob: User, bobs: Told, service: Receiver):
    chat = services.create_chat(creator_id=ada.id, kind="temporary", ttl_s=600, members=[bob.id])
    say(chat, ada, "salem")

    tell_all()

    assert 500 < int(service.asked[0].headers["ttl"]) <= 600


def test_the_look_costs_one_query_while_nothing_was_said(chat: Chat, ada: User, bobs: Told):
    say(chat, ada, "salem")
    tell_all()

    with CaptureQueriesContext(connection) as asked:
        tell_all()

    assert len(asked) == 2  # the chats, the notices


def test_a_chat_of_many_browsers_costs_no_more_queries(
    chat: Chat, ada: User, eve: User, guest: User, bobs: Told, service: Receiver
):
    def cost() -> int:
        say(chat, ada, "salem")
        with CaptureQueriesContext(connection) as asked:
            notices.note_news()
        return len(asked)

    few = cost()
    for newcomer in (eve, guest):
        services.enrol(chat_id=chat.id, user_id=newcomer.id)
        Told(newcomer, service)

    assert cost() == few


def test_only_chats_with_browsers_are_watched(chat: Chat, other: Chat, eve: User, ada: User, bobs: Told):
    unheard = services.create_chat(creator_id=ada.id, kind="group", title="Quiet", members=[eve.id])

    assert set(Watch.objects.values_list("chat_id", flat=True)) == {chat.id, other.id} - {unheard.id}


def test_a_reminder_reaches_its_persons_browsers_and_nobody_elses(
    chat: Chat, ada: User, bob: User, bobs: Told, service: Receiver
):
    adas = Told(ada, service)
    said = say(chat, ada, "buy tea").message["seq"]
    services.remind(chat_id=chat.id, user_id=bob.id, seq=said, at=timezone.now() + timedelta(hours=1))
    Reminder.objects.update(remind_at=timezone.now())

    services.tell_reminders()
    jobs.do_all()

    [told] = bobs.messages
    assert (told["title"], told["text"]) == ("Reminder", "Ada: buy tea")
    assert told["url"] == f"/chats/{chat.id}?at={said}"
    assert adas.messages == []


def test_a_reminder_of_what_is_gone_meanwhile_is_pushed_to_nobody(chat: Chat, ada: User, bob: User, bobs: Told):
    said = say(chat, ada, "buy tea").message["seq"]
    services.remind(chat_id=chat.id, user_id=bob.id, seq=said, at=timezone.now() + timedelta(hours=1))
    Reminder.objects.update(remind_at=timezone.now())
    services.tell_reminders()
    services.delete_message(chat_id=chat.id, actor_id=ada.id, seq=said)

    jobs.do_all()

    assert bobs.messages == []


def test_a_reminder_that_the_service_did_not_take_is_tried_again(chat: Chat, ada: User, bob: User, service: Receiver):
    answers = [503, 201]
    service.answer = lambda asked: (answers.pop(0), {}, b"")
    told = Told(bob, service)
    said = say(chat, ada, "buy tea").message["seq"]
    services.remind(chat_id=chat.id, user_id=bob.id, seq=said, at=timezone.now() + timedelta(hours=1))
    Reminder.objects.update(remind_at=timezone.now())
    services.tell_reminders()
    jobs.do_all()

    DBTaskResult.objects.failed().update(finished_at=timezone.now() - timedelta(days=1))  # the pause is over
    jobs.tidy()
    jobs.do_all()

    assert [one["text"] for one in told.messages] == ["Ada: buy tea"] * 2


def test_who_wants_no_text_is_reminded_without_it(chat: Chat, ada: User, bob: User, bobs: Told):
    change_preferences(user_id=bob.id, facts={"hides_text": True, "language": "ru"})
    said = say(chat, ada, "buy tea").message["seq"]
    services.remind(chat_id=chat.id, user_id=bob.id, seq=said, at=timezone.now() + timedelta(hours=1))
    Reminder.objects.update(remind_at=timezone.now())

    services.tell_reminders()
    jobs.do_all()

    assert [(told["title"], told["text"]) for told in bobs.messages] == [("Напоминание", "")]
