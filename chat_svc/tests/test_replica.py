"""History and search from a replica that may be behind: nobody is shown less than was acknowledged, nor what is not
theirs any more."""

import copy
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import connections, router
from django.test.utils import CaptureQueriesContext

from abdre import replica as reading
from abdre.doctor import replica as doctor
from abdre.postgresql.base import DatabaseWrapper
from chat_svc import services
from chat_svc.errors import NotAMember
from chat_svc.models import MESSAGES_PER_BLOCK, Chat, Kind
from chat_svc.selectors import messages, search, thread
from chat_svc.tests.conftest import say
from deploy.ci.cluster.replica import Replica

if TYPE_CHECKING:
    from user_svc.models import User

pytestmark = pytest.mark.postgres

PEOPLE = 5  # who read at the same time


@pytest.fixture(scope="module")
def server(django_db_setup: None) -> Iterator[Replica]:
    primary = connections["default"].settings_dict
    with Replica(primary_port=int(primary["PORT"]), password=primary["PASSWORD"]) as copied:
        yield copied


@pytest.fixture
def replica(server: Replica, chat: Chat, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Replica]:
    """As `ABDRE_DATABASE_REPLICA_URL` makes it."""
    there = copy.deepcopy(connections["default"].settings_dict) | {"PORT": str(server.port)}
    there["OPTIONS"]["pool"] |= {"timeout": 1, "reconnect_timeout": 0}
    connection: Any = DatabaseWrapper(there, "replica")
    connections["replica"] = connection
    settings.HAS_REPLICA = True
    monkeypatch.setattr(router, "routers", [reading.Router()])
    monkeypatch.setattr(reading, "_rests_until", 0.0)
    yield server
    connection.close()
    connection.close_pool()
    del connections["replica"]


class Asked:
    """How often each of the two was asked."""

    def __init__(self, on: ExitStack) -> None:
        self.primary = on.enter_context(CaptureQueriesContext(connections["default"]))
        self.replica = on.enter_context(CaptureQueriesContext(connections["replica"]))

    def read(self, table: str) -> tuple[bool, bool]:
        """Whether rows of it were read: at the primary, at the replica."""
        first, second = (
            any(f'FROM "{table}"' in query["sql"] for query in one.captured_queries)
            for one in (self.primary, self.replica)
        )
        return first, second


def asked(work: Callable[[], Any]) -> Asked:
    with ExitStack() as on:
        both = Asked(on)
        work()
        return both


def bodies(chat: Chat, user: "User", **options: Any) -> list[str]:
    return [item["body"] for item in messages(chat_id=chat.id, user_id=user.id, **options)["items"]]


def found(user: "User", text: str, **options: Any) -> list[str]:
    return [hit["message"]["body"] for hit in search(user_id=user.id, text=text, **options)["items"]]


def test_what_the_replica_has_is_read_there(replica: Replica, chat: Chat, bob: "User"):
    say(chat, bob, "salem")
    replica.catch_up()

    history = asked(lambda: bodies(chat, bob))
    searched = asked(lambda: found(bob, "salem"))

    assert history.read("chat_svc_message") == (False, True)
    assert searched.read("chat_svc_message") == (False, True)
    assert bodies(chat, bob) == found(bob, "salem") == ["salem"]


def test_what_was_acknowledged_a_moment_ago_is_shown_however_far_behind_the_replica_is(
    replica: Replica, chat: Chat, bob: "User"
):
    root = say(chat, bob, "root").message["seq"]
    with replica.standing_still():
        say(chat, bob, "salem")
        say(chat, bob, "reply", thread=root)

        assert bodies(chat, bob) == ["root", "salem", "reply"]
        assert bodies(chat, bob, after=root) == ["salem", "reply"]
        assert found(bob, "salem") == found(bob, "salem", chat_id=chat.id) == ["salem"]
        replies = thread(chat_id=chat.id, user_id=bob.id, seq=root)
        assert [item["body"] for item in replies["items"]] == ["reply"]


def test_what_was_edited_or_deleted_a_moment_ago_is_not_shown_as_it_was(replica: Replica, chat: Chat, bob: "User"):
    first, second = (say(chat, bob, body).message["seq"] for body in ("tea", "coffee"))
    with replica.standing_still():
        services.edit_message(chat_id=chat.id, actor_id=bob.id, seq=first, body="green tea")
        services.delete_message(chat_id=chat.id, actor_id=bob.id, seq=second)

        assert bodies(chat, bob) == ["green tea", ""]
        assert (found(bob, "tea"), found(bob, "coffee")) == (["green tea"], [])


def test_who_was_removed_sees_nothing_though_they_are_still_a_member_at_the_replica(
    replica: Replica, chat: Chat, ada: "User", bob: "User"
):
    say(chat, ada, "salem")
    with replica.standing_still():
        services.remove_member(chat_id=chat.id, user_id=bob.id, actor_id=ada.id)

        with pytest.raises(NotAMember):
            messages(chat_id=chat.id, user_id=bob.id)
        with pytest.raises(NotAMember):
            search(user_id=bob.id, text="salem", chat_id=chat.id)
        assert found(bob, "salem") == []


def test_what_is_sealed_at_the_primary_alone_is_found(replica: Replica, chat: Chat, bob: "User"):
    say(chat, bob, "salem")
    for number in range(MESSAGES_PER_BLOCK):
        say(chat, bob, f"~{number}~")
    with replica.standing_still():
        assert services.seal_search_blocks()

        assert found(bob, "salem") == ["salem"]


def test_a_chat_that_is_not_there_yet_is_read_at_the_primary(replica: Replica, ada: "User"):
    with replica.standing_still():
        fresh = services.create_chat(creator_id=ada.id, kind=Kind.GROUP, title="New", members=[])
        services.send_message(chat_id=fresh.id, sender_id=ada.id, client_id=uuid4(), body="first")

        assert bodies(fresh, ada)[-1] == "first"
        assert found(ada, "first") == ["first"]


def test_without_the_replica_everything_is_read_at_the_primary_and_nobody_waits_for_it_twice(
    replica: Replica, chat: Chat, bob: "User", monkeypatch: pytest.MonkeyPatch
):
    say(chat, bob, "salem")
    replica.halt()
    try:
        assert bodies(chat, bob) == ["salem"]
        monkeypatch.setattr(connections["replica"], "ensure_connection", pytest.fail)
        assert bodies(chat, bob) == found(bob, "salem") == ["salem"]
    finally:
        replica.start_again()


def test_a_replica_that_was_restarted_is_read_again_at_once_however_many_connections_died_with_it(
    replica: Replica, chat: Chat, bob: "User", monkeypatch: pytest.MonkeyPatch
):
    say(chat, bob, "salem")
    fill_the_pool()
    replica.halt()
    replica.start_again()
    replica.catch_up()

    assert bodies(chat, bob) == ["salem"]  # this one finds out
    monkeypatch.setattr(reading, "_rests_until", 0.0)

    assert asked(lambda: bodies(chat, bob)).read("chat_svc_message") == (False, True)


def fill_the_pool() -> None:
    connection: Any = connections["replica"]
    connection.pool.open()
    lent = [connection.pool.getconn() for _ in range(PEOPLE)]
    for one in lent:
        connection.pool.putconn(one)


def said() -> list[str]:
    return [finding.what for finding in doctor.look()]


def test_the_doctor_is_silent_about_a_replica_in_order(replica: Replica):
    replica.catch_up()

    assert said() == []


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"USER": "nobody"}, "No connection by ABDRE_DATABASE_REPLICA_URL"),
        ({"PORT": ""}, "leads to a server that writes"),  # the primary's
        ({"NAME": "postgres"}, "leads to a database without chats"),
    ],
)
def test_the_doctor_names_a_replica_that_is_none(replica: Replica, wrong: dict[str, str], named: str):
    there = {name: value or connections["default"].settings_dict[name] for name, value in wrong.items()}
    connections["replica"].settings_dict.update(there)

    [what] = said()

    assert named in what


def test_the_doctor_names_a_replica_that_falls_behind(
    replica: Replica, chat: Chat, bob: "User", monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(doctor, "BEHIND_BYTES", 0)
    with replica.standing_still():
        say(chat, bob, "salem")

        [what] = said()

    assert "behind" in what
