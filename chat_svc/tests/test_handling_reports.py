"""Staff takes reports on, passes them on and closes them; each deed is noted, and of two at once one wins."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from django.test import override_settings

from abdre.db import close_connections
from abdre.errors import AppError
from abdre.events import user_group
from chat_svc.errors import (
    CannotUndo,
    ChatNotFound,
    NothingToDelete,
    NotStaff,
    ReasonMissing,
    ReportClosed,
    ReportEscalated,
    ReportFree,
    ReportNotFound,
    ReportTaken,
)
from chat_svc.models import Chat, Message, ModerationEntry, Report
from chat_svc.selectors import reports
from chat_svc.selectors.overview import waiting_reports
from chat_svc.services import enrol, moderation, report_message, report_target, waiting_since
from chat_svc.services.moderation import Staff
from chat_svc.tests.conftest import Told, say
from user_svc.selectors import ADMINISTRATORS, MODERATORS, notices_of
from user_svc.services import appoint, create_bot, create_member

if TYPE_CHECKING:
    from user_svc.models import User

Deed = Callable[..., None]
DEEDS: list[Deed] = [
    moderation.claim_report,
    moderation.release_report,
    moderation.resolve_report,
    moderation.reject_report,
    moderation.escalate_report,
    moderation.reopen_report,
    moderation.delete_reported_message,
]


def staff(name: str, group: str) -> User:
    person = create_member(username=name, password=None, display_name=name.title())
    appoint(user_id=person.id, group=group)
    return person


@pytest.fixture
def mira(transactional_db: None) -> User:
    return staff("mira", MODERATORS)


@pytest.fixture
def nurlan(transactional_db: None) -> User:
    return staff("nurlan", MODERATORS)


@pytest.fixture
def olga(transactional_db: None) -> User:
    return staff("olga", ADMINISTRATORS)


@pytest.fixture
def report(chat: Chat, ada: User, bob: User) -> Report:
    """Of what ada said, by bob."""
    seq = say(chat, ada, "you fool").message["seq"]
    return report_message(chat_id=chat.id, reporter_id=bob.id, seq=seq, reason="abuse")[0]


def by(user: User, reason: str = "seen to") -> Staff:
    return Staff(id=user.id, reason=reason, address="10.0.0.0/24")


def now(report: Report) -> tuple[str, UUID | None, UUID | None]:
    report.refresh_from_db()
    return report.state, report.claimed_by_id, report.closed_by_id


def noted() -> list[tuple[UUID, str]]:
    return list(ModerationEntry.objects.order_by("id").values_list("actor_id", "deed"))


def test_who_takes_one_has_it_and_it_is_noted_once(report: Report, ada: User, mira: User):
    for _ in range(2):
        moderation.claim_report(by=by(mira, ""), report_id=report.id)

    assert now(report) == ("open", mira.id, None)
    [entry] = ModerationEntry.objects.all()
    assert (entry.deed, entry.report_id, entry.person_id) == ("report.claimed", report.id, ada.id)
    assert (entry.chat_id, entry.seq, entry.address) == (report.chat_id, report.seq, "10.0.0.0/24")


def test_what_somebody_has_is_nobody_elses_until_they_give_it_back(report: Report, mira: User, nurlan: User):
    moderation.claim_report(by=by(mira), report_id=report.id)

    for deed in (moderation.claim_report, moderation.release_report, moderation.resolve_report):
        with pytest.raises(ReportTaken, match="Mira has taken this report"):
            deed(by=by(nurlan), report_id=report.id)
    moderation.release_report(by=by(mira, ""), report_id=report.id)
    moderation.claim_report(by=by(nurlan), report_id=report.id)

    assert now(report) == ("open", nurlan.id, None)
    assert [deed for _, deed in noted()] == ["report.claimed", "report.released", "report.claimed"]


def test_of_two_who_take_it_at_once_one_has_it(report: Report, mira: User, nurlan: User):
    together = Barrier(2)

    def take(person: User) -> str:
        together.wait(timeout=10)
        try:
            moderation.claim_report(by=by(person), report_id=report.id)
        except ReportTaken as refused:
            return refused.text
        finally:
            close_connections()
        return "mine"

    with ThreadPoolExecutor(2) as threads:
        answers = dict(zip((mira, nurlan), threads.map(take, (mira, nurlan)), strict=True))

    [winner] = [person for person, answer in answers.items() if answer == "mine"]
    assert sorted(answers.values()) == sorted(["mine", f"{winner.display_name} has taken this report."])
    assert now(report)[1] == winner.id
    assert noted() == [(winner.id, "report.claimed")]


def test_an_administrator_gives_back_what_somebody_left_lying(report: Report, mira: User, olga: User):
    moderation.claim_report(by=by(mira), report_id=report.id)

    moderation.release_report(by=by(olga), report_id=report.id)

    assert now(report) == ("open", None, None)
    with pytest.raises(ReportFree):
        moderation.release_report(by=by(olga), report_id=report.id)


@pytest.mark.parametrize(
    ("close", "state"), [(moderation.resolve_report, "resolved"), (moderation.reject_report, "rejected")]
)
def test_what_is_closed_is_told_to_its_reporter_and_to_nobody_else(
    report: Report, ada: User, bob: User, mira: User, told: Told, close: Deed, state: str
):
    close(by=by(mira, "said in jest"), report_id=report.id)

    assert now(report) == (state, None, mira.id)
    assert [(notice.kind, notice.reason) for notice in notices_of(bob.id)] == [("report_handled", "")]
    assert not notices_of(ada.id)
    heard = {group for group, item in told.items if not item["type"].startswith(("message.", "report"))}
    assert heard <= {user_group(bob.id)}
    assert told.to(user_group(mira.id))[-1] == {"type": "reports.changed", "waiting": 0}
    for deed in DEEDS[:5]:
        with pytest.raises(ReportClosed):
            deed(by=by(mira), report_id=report.id)


def test_what_was_reported_is_deleted_once_and_each_report_of_it_resolved(
    chat: Chat, report: Report, ada: User, mira: User, guest: User
):
    enrol(chat_id=chat.id, user_id=guest.id)
    other, _ = report_message(chat_id=chat.id, reporter_id=guest.id, seq=report.seq, reason="abuse")

    for one in (report, other):
        moderation.delete_reported_message(by=by(mira), report_id=one.id)

    assert [deed for _, deed in noted()] == ["messages.deleted", "report.resolved", "report.resolved"]
    assert [notice.kind for notice in notices_of(ada.id)] == ["messages_deleted"]


def test_what_somebody_else_has_taken_is_not_deleted_either(
    chat: Chat, report: Report, ada: User, mira: User, nurlan: User
):
    moderation.claim_report(by=by(mira), report_id=report.id)

    with pytest.raises(ReportTaken):
        moderation.delete_reported_message(by=by(nurlan), report_id=report.id)

    assert Message.objects.get(chat=chat, seq=report.seq).deleted_at is None
    assert not notices_of(ada.id)


def test_where_no_message_was_reported_none_is_deleted(chat: Chat, ada: User, bob: User, mira: User):
    report, _ = report_target(kind="person", target_id=ada.id, reporter_id=bob.id, reason="spam")

    with pytest.raises(NothingToDelete):
        moderation.delete_reported_message(by=by(mira), report_id=report.id)

    assert now(report) == ("open", None, None)


def test_a_reporter_of_many_is_told_once_until_they_have_read_it(
    chat: Chat, report: Report, ada: User, bob: User, mira: User
):
    seq = say(chat, ada, "and you too").message["seq"]
    other, _ = report_message(chat_id=chat.id, reporter_id=bob.id, seq=seq, reason="abuse")

    for one in (report, other):
        moderation.resolve_report(by=by(mira), report_id=one.id)

    assert notices_of(bob.id).count() == 1


def test_what_is_escalated_is_for_administrators_alone(
    report: Report, mira: User, nurlan: User, olga: User, told: Told
):
    moderation.claim_report(by=by(mira), report_id=report.id)
    moderation.escalate_report(by=by(mira, "over my head"), report_id=report.id)
    assert now(report) == ("escalated", None, None)
    assert told.to(user_group(mira.id))[-1] == {"type": "reports.changed", "waiting": 0}
    assert told.to(user_group(olga.id))[-1] == {"type": "report.escalated", "waiting": 1}

    for deed in DEEDS[:5]:
        with pytest.raises(ReportEscalated):
            deed(by=by(nurlan), report_id=report.id)
    with pytest.raises(NotStaff):
        moderation.reopen_report(by=by(nurlan), report_id=report.id)
    moderation.claim_report(by=by(olga), report_id=report.id)
    moderation.resolve_report(by=by(olga), report_id=report.id)

    assert now(report) == ("resolved", olga.id, olga.id)


@pytest.mark.parametrize(
    "before", [moderation.resolve_report, moderation.reject_report, moderation.escalate_report], ids=str
)
def test_who_did_it_takes_it_back_and_a_colleague_does_not(
    report: Report, mira: User, nurlan: User, olga: User, before: Deed
):
    before(by=by(mira), report_id=report.id)

    with pytest.raises(NotStaff):
        moderation.reopen_report(by=by(nurlan), report_id=report.id)
    moderation.reopen_report(by=by(mira, "too soon"), report_id=report.id)
    assert now(report) == ("open", None, None)
    before(by=by(mira), report_id=report.id)
    moderation.reopen_report(by=by(olga, "look again"), report_id=report.id)

    entries = list(ModerationEntry.objects.order_by("id"))
    assert [entry.undoes for entry in entries] == [None, entries[0].pk, None, entries[2].pk]
    with pytest.raises(CannotUndo):
        moderation.reopen_report(by=by(olga), report_id=report.id)


def test_what_an_administrator_has_taken_is_not_called_back(report: Report, mira: User, olga: User):
    moderation.escalate_report(by=by(mira), report_id=report.id)
    moderation.claim_report(by=by(olga), report_id=report.id)

    with pytest.raises(ReportTaken):
        moderation.reopen_report(by=by(mira), report_id=report.id)

    assert now(report) == ("escalated", olga.id, None)


@pytest.mark.parametrize("deed", [moderation.resolve_report, moderation.reject_report, moderation.escalate_report])
def test_without_a_reason_nothing_is_closed(report: Report, bob: User, mira: User, deed: Deed):
    with pytest.raises(ReasonMissing):
        deed(by=by(mira, " "), report_id=report.id)

    assert now(report) == ("open", None, None)
    assert not notices_of(bob.id)


@pytest.mark.parametrize("deed", DEEDS)
def test_members_strangers_and_staff_without_the_right_are_refused(
    report: Report, bob: User, eve: User, mira: User, deed: Deed
):
    mira.groups.clear()

    for person in (bob, eve, mira):
        with pytest.raises(NotStaff):
            deed(by=by(person), report_id=report.id)

    assert now(report) == ("open", None, None)
    assert noted() == []


@pytest.mark.parametrize("deed", DEEDS)
def test_what_is_not_there_is_not_found(olga: User, deed: Deed):
    with pytest.raises(ReportNotFound):
        deed(by=by(olga), report_id=uuid4())


def test_what_was_closed_is_not_opened_again_beside_a_new_report_of_the_same(report: Report, bob: User, mira: User):
    moderation.reject_report(by=by(mira), report_id=report.id)
    assert report.chat_id
    anew, is_new = report_message(chat_id=report.chat_id, reporter_id=bob.id, seq=report.seq, reason="abuse")
    assert is_new

    with pytest.raises(CannotUndo):
        moderation.reopen_report(by=by(mira), report_id=report.id)

    assert (now(report)[0], now(anew)[0]) == ("rejected", "open")
    assert [deed for _, deed in noted()] == ["report.rejected"]


@pytest.fixture
def miras(report: Report, ada: User, mira: User) -> Report:
    """The same, of what mira said."""
    Report.objects.filter(id=report.id).update(target_id=mira.id)
    return report


def refusal(deed: Deed, person: User, report_id: UUID) -> type[AppError]:
    with pytest.raises(AppError) as refused:
        deed(by=by(person), report_id=report_id)
    return refused.type


@pytest.mark.parametrize("group", [MODERATORS, ADMINISTRATORS])
@pytest.mark.parametrize("deed", [*DEEDS, moderation.look_at_report])
def test_what_is_about_oneself_is_as_if_it_were_not_there_whatever_became_of_it(
    miras: Report, mira: User, nurlan: User, told: Told, deed: Deed, group: str
):
    appoint(user_id=mira.id, group=group)
    for is_done in (False, True):
        if is_done:
            moderation.reject_report(by=by(nurlan), report_id=miras.id)
        before = now(miras), noted(), told.items.copy()
        assert refusal(deed, mira, miras.id) is refusal(deed, mira, uuid4())
        assert (now(miras), noted(), told.items) == before


def test_it_is_in_no_queue_of_theirs_and_in_no_count_and_colleagues_see_it(
    miras: Report, mira: User, nurlan: User, olga: User
):
    assert seen(mira) == [0, 0, 0, None]
    assert [seen(colleague)[:3] for colleague in (nurlan, olga)] == [[1, 1, 1]] * 2
    moderation.escalate_report(by=by(nurlan), report_id=miras.id)
    assert [len(reports.queue(tab="escalated", user_id=who.id).items) for who in (mira, nurlan)] == [0, 1]
    moderation.reject_report(by=by(olga), report_id=miras.id)
    assert [len(reports.queue(tab="done", user_id=who.id).items) for who in (mira, nurlan)] == [0, 1]


def seen(person: User) -> list[object]:
    """In the queue, above it, on the first page; since when one waits."""
    queued = reports.queue(tab="open", user_id=person.id).items
    counted = reports.waiting_counts(person.id).get("open", 0)
    overview = waiting_reports(asked_by=person.id)
    return [len(queued), counted, overview.total, waiting_since(person)]


def test_so_is_it_with_what_is_about_their_bot_or_their_code(report: Report, mira: User, monkeypatch: Any):
    bot = create_bot(owner_id=mira.id, display_name="Helper", username="helper")
    code = uuid4()
    monkeypatch.setattr("auth_svc.selectors.invitations_of", lambda hosts: [code] if mira.id in hosts else [])
    of_a_code = {"target_kind": "invitation", "target_id": code, "chat": None, "seq": 0}
    for facts in ({"target_id": bot.id}, of_a_code):
        Report.objects.filter(id=report.id).update(**facts)
        assert seen(mira)[:3] == [0, 0, 0]
        with pytest.raises(ReportNotFound):
            moderation.claim_report(by=by(mira), report_id=report.id)


def test_what_one_has_reported_oneself_one_closes(chat: Chat, report: Report, bob: User):
    """As elsewhere: a staff of one has nobody else to do it."""
    appoint(user_id=bob.id, group=MODERATORS)
    moderation.resolve_report(by=by(bob), report_id=report.id)
    assert now(report) == ("resolved", None, bob.id)


def test_a_look_is_noted_once_in_ten_minutes_for_each_person(report: Report, mira: User, olga: User, monkeypatch: Any):
    for person in (mira, mira, olga):
        moderation.look_at_report(by=by(person), report_id=report.id)
    assert noted() == [(mira.id, "looked"), (olga.id, "looked")]

    monkeypatch.setattr("chat_svc.services.moderation.looking.ONE_LOOK", moderation.looking.ONE_LOOK * 0)
    moderation.look_at_report(by=by(mira), report_id=report.id)

    assert noted()[2:] == [(mira.id, "looked")]
    assert {(entry.reason, entry.report_id) for entry in ModerationEntry.objects.all()} == {("", report.id)}


def test_nobody_without_the_right_looks_and_nobody_at_what_is_not_there(report: Report, bob: User, mira: User):
    with pytest.raises(NotStaff):
        moderation.look_at_report(by=by(bob), report_id=report.id)
    with pytest.raises(ReportNotFound):
        moderation.look_at_report(by=by(mira), report_id=uuid4())

    assert noted() == []


def test_a_chat_is_opened_only_where_the_operator_says_so(report: Report, bob: User, mira: User, olga: User):
    assert report.chat_id
    for person in (mira, olga):
        with pytest.raises(ChatNotFound):
            moderation.read_chat(by=by(person), chat_id=report.chat_id)
    assert noted() == []

    with override_settings(MODERATORS_READ="all"):
        for _ in range(2):
            moderation.read_chat(by=by(mira), chat_id=report.chat_id)
        for person, chat_id, refusal in ((bob, report.chat_id, NotStaff), (mira, uuid4(), ChatNotFound)):
            refused: type[AppError] = refusal
            with pytest.raises(refused):
                moderation.read_chat(by=by(person), chat_id=chat_id)

    assert noted() == [(mira.id, "looked")]
    assert ModerationEntry.objects.get().chat_id == report.chat_id
