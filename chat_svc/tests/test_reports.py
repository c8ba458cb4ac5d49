"""Whoever sees something bad can say so to the staff, and who is reported does not hear of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from abdre.events import user_group
from chat_svc import services
from chat_svc.models import Chat, Report
from chat_svc.selectors.reports import queue
from chat_svc.services.reports import old_reports
from chat_svc.tests.conftest import Api, Told, member, say
from user_svc.selectors import MODERATORS
from user_svc.services import appoint

if TYPE_CHECKING:
    from user_svc.models import User

REPORTS = "/api/chats/reports"


@pytest.fixture
def said(chat: Chat, ada: User) -> int:
    for number in range(9):
        say(chat, ada, f"line {number}")
    return 5


@pytest.fixture
def addresses() -> Iterator[None]:
    with override_settings(ROOT_URLCONF="abdre.urls"):
        yield


def path_of(chat: Chat, seq: int) -> str:
    return f"/api/chats/{chat.id}/messages/{seq}/report"


def test_a_message_is_kept_as_it_was_with_its_neighbours_and_nobody_is_told(
    chat: Chat, said: int, ada: User, bob: User, told: Told
):
    answer = Api(bob)("POST", path_of(chat, said), {"reason": "abuse", "note": " Look. "})

    assert answer.status_code == 201
    assert told.items == []
    services.edit_message(chat_id=chat.id, actor_id=ada.id, seq=said, body="harmless")
    [report] = Report.objects.all()
    assert (str(report.id), report.reporter_id, report.target_id) == (answer.json()["id"], bob.id, ada.id)
    assert (report.reason, report.note, report.state) == ("abuse", "Look.", "open")
    assert report.snapshot is not None
    assert [one["body"] for one in report.snapshot] == [f"line {number}" for number in range(1, 8)]


def test_the_snapshot_shows_what_was_edited_and_deleted_until_then(chat: Chat, said: int, ada: User, bob: User):
    services.edit_message(chat_id=chat.id, actor_id=ada.id, seq=said, body="worse")
    services.edit_message(chat_id=chat.id, actor_id=ada.id, seq=said + 1, body="other")
    services.delete_message(chat_id=chat.id, actor_id=ada.id, seq=said + 1)

    services.report_message(chat_id=chat.id, reporter_id=bob.id, seq=said, reason="abuse")
    services.edit_message(chat_id=chat.id, actor_id=ada.id, seq=said, body="harmless")

    snapshot = {one["seq"]: one for one in Report.objects.get().snapshot or []}
    assert (snapshot[said]["body"], [edit["body"] for edit in snapshot[said]["edits"]]) == ("worse", ["line 4"])
    assert snapshot[said + 1]["deleted_at"]
    assert [edit["body"] for edit in snapshot[said + 1]["edits"]] == ["line 5"]
    assert snapshot[said - 1]["edits"] == []


def test_once_for_each_person_and_message(chat: Chat, said: int, bob: User, guest: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)

    answers = [Api(who)("POST", path_of(chat, said), {"reason": "spam"}) for who in (bob, bob, guest)]

    assert [answer.status_code for answer in answers] == [201, 200, 201]
    assert answers[0].json() == answers[1].json()
    assert Report.objects.count() == 2
    assert Api(bob)("POST", path_of(chat, said + 1), {"reason": "spam"}).status_code == 201


@pytest.mark.parametrize("state", ["resolved", "rejected"])
def test_what_was_closed_can_be_reported_again_and_the_staff_hears_of_it(
    chat: Chat, said: int, ada: User, bob: User, told: Told, state: str
):
    mira = member("mira")
    appoint(user_id=mira.id, group=MODERATORS)
    person = {"kind": "person", "id": str(ada.id), "reason": "abuse"}

    def report() -> list[int]:
        message = Api(bob)("POST", path_of(chat, said), {"reason": "abuse"})
        return [message.status_code, Api(bob)("POST", REPORTS, person).status_code]

    assert report() == [201, 201]
    Report.objects.update(state="escalated")
    assert report() == [200, 200]
    Report.objects.update(state=state, closed_at=timezone.now())
    told.items.clear()

    assert report() == [201, 201]
    assert report() == [200, 200]

    assert sorted(Report.objects.values_list("state", flat=True)) == sorted(["open", "open", state, state])
    assert told.types_to(user_group(mira.id)) == ["report.created"] * 2


def test_closed_ones_are_found_by_their_index_however_many_there_are(chat: Chat, said: int, bob: User):
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        with CaptureQueriesContext(connection) as asked:
            queue(tab="done", user_id=bob.id)
        cursor.execute(f"{EXPLAIN[connection.vendor]} {asked[0]['sql']}")
        plan = str(cursor.fetchall())
        assert "report_closed" in old_reports().explain()

    assert "report_closed" in plan
    assert "TEMP B-TREE" not in plan


EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}


def test_a_chat_that_is_over_can_be_reported_still(chat: Chat, said: int, ada: User, bob: User):
    services.close_chat(chat_id=chat.id, actor_id=ada.id)

    assert Api(bob)("POST", path_of(chat, said), {"reason": "spam"}).status_code == 201


def test_nobody_reports_what_they_cannot_see(chat: Chat, said: int, ada: User, bob: User, eve: User, guest: User):
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=bob.id)
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"history_for_newcomers": False})
    services.enrol(chat_id=chat.id, user_id=guest.id)

    codes = [Api(who)("POST", path_of(chat, said), {"reason": "spam"}).status_code for who in (eve, bob, guest)]

    assert codes == [404, 404, 404]
    assert not Report.objects.exists()


def test_the_snapshot_shows_no_more_than_its_reporter_sees(chat: Chat, said: int, ada: User, guest: User):
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"history_for_newcomers": False})
    services.enrol(chat_id=chat.id, user_id=guest.id)
    seq = say(chat, ada, "new").message["seq"]

    services.report_message(chat_id=chat.id, reporter_id=guest.id, seq=seq, reason="spam")

    snapshot = Report.objects.get().snapshot
    assert snapshot is not None
    assert [one["body"] for one in snapshot] == ["new"]


def test_ones_own_a_deleted_one_and_the_chats_own_are_not_reported(chat: Chat, said: int, ada: User, bob: User):
    services.delete_message(chat_id=chat.id, actor_id=ada.id, seq=said)
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"title": "Other"})

    assert Api(ada)("POST", path_of(chat, said + 1), {"reason": "spam"}).status_code == 422
    assert Api(bob)("POST", path_of(chat, said), {"reason": "spam"}).status_code == 404
    assert Api(bob)("POST", path_of(chat, 10), {"reason": "spam"}).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"reason": "dull"}, "reason"), ({"reason": "spam", "note": "x" * 1_001}, "note"), ({}, "reason")],
)
def test_what_is_wrong_is_named(chat: Chat, said: int, bob: User, wrong: dict[str, str], field: str):
    answer = Api(bob)("POST", path_of(chat, said), wrong)

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, [field])
    assert not Report.objects.exists()


def test_a_person_is_reported_once_by_who_may_see_them(chat: Chat, ada: User, bob: User, told: Told):
    wanted = {"kind": "person", "id": str(ada.id), "reason": "impersonation"}

    answers = [Api(bob)("POST", REPORTS, wanted) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert told.items == []
    assert [(one.target_kind, one.target_id, one.snapshot) for one in Report.objects.all()] == [
        ("person", ada.id, None)
    ]


def test_a_guest_in_no_chat_of_ones_own_an_unknown_person_and_oneself_are_not_reported(
    chat: Chat, bob: User, guest: User
):
    for nobody, status in ((guest.id, 404), (uuid4(), 404), (bob.id, 422)):
        wanted = {"kind": "person", "id": str(nobody), "reason": "spam"}
        assert Api(bob)("POST", REPORTS, wanted).status_code == status
    assert not Report.objects.exists()


def test_an_invitation_is_reported_by_who_came_by_it_and_by_no_stranger(
    chat: Chat, ada: User, bob: User, eve: User, guest: User, addresses: None
):
    made = Api(ada)("POST", "/api/auth/invitations", {"chat": str(chat.id)}).json()
    wanted = {"kind": "invitation", "id": made["id"], "reason": "spam"}
    assert Api(eve)("POST", REPORTS, wanted).status_code == 404
    assert Api(guest)("POST", "/api/auth/invitations/accept", {"token": made["token"]}).status_code == 200

    assert [Api(who)("POST", REPORTS, wanted).status_code for who in (guest, bob)] == [201, 201]

    assert Api(bob)("POST", REPORTS, {**wanted, "id": str(uuid4())}).status_code == 404
    assert Report.objects.count() == 2


@pytest.mark.parametrize("kind", ["message", "chat"])
def test_other_kinds_have_other_ways(chat: Chat, bob: User, kind: str):
    answer = Api(bob)("POST", REPORTS, {"kind": kind, "id": str(uuid4()), "reason": "spam"})

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, ["kind"])


def test_twenty_in_an_hour_and_not_one_more(chat: Chat, ada: User, bob: User):
    for _ in range(21):
        say(chat, ada)
    answers = [Api(bob)("POST", path_of(chat, seq), {"reason": "spam"}).status_code for seq in range(1, 22)]

    assert answers == [201] * 20 + [429]
    assert Api(bob)("POST", path_of(chat, 1), {"reason": "spam"}).status_code == 200  # known already


def test_the_budget(chat: Chat, said: int, bob: User, django_assert_num_queries: Any):
    # The membership, the message, its neighbours and their edits, whether it is known; then get or create in its
    # transaction; after it how many wait, and who is to hear of it.
    with django_assert_num_queries(15):
        services.report_message(chat_id=chat.id, reporter_id=bob.id, seq=said, reason="spam")
