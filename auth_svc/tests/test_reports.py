"""The queue of reports and a report's page: what staff sees, does and may not see."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlsplit
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.utils import timezone
from pytest_django import Settings

from auth_svc.admin.reports import buttons
from auth_svc.admin.reports.buttons import OFFERS, UNDONE_BY
from auth_svc.services.moderation import ban
from auth_svc.tests.people import Browser, Visitor
from auth_svc.tests.test_deeds import staff
from chat_svc.errors import AttachmentNotFound
from chat_svc.selectors import served
from chat_svc.services import create_chat, moderation, report_message, report_target
from chat_svc.services.moderation import Deed, Staff
from user_svc.selectors import ADMINISTRATORS, MODERATORS

QUEUE = "/admin/chat_svc/report/"
Entry = apps.get_model("chat_svc.ModerationEntry")
Message = apps.get_model("chat_svc.Message")
Report = apps.get_model("chat_svc.Report")


@pytest.fixture
def one_house(settings: Settings) -> None:
    """The addresses of all services, also where this one stands alone."""
    settings.ROOT_URLCONF = "abdre.urls"


@pytest.fixture
def lively_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a session lives is asked every two seconds, whatever the page."""
    monkeypatch.setattr("abdre.tokens.session_lives", lambda session_id: True)


@pytest.fixture
def mira(browser) -> Browser:
    return staff(browser(), "mira", MODERATORS)


@pytest.fixture
def olga(browser) -> Browser:
    return staff(browser(), "olga", ADMINISTRATORS)


@pytest.fixture
def chat(ada: Visitor, bob: Visitor) -> UUID:
    return create_chat(creator_id=ada.id, kind="group", title="Tea", members=[bob.id]).id


def say(chat_id: UUID, sender: Visitor, *bodies: str, **facts: Any) -> int:
    """Rows as the writer makes them: it has a connection of its own, which sees nothing of this test's transaction."""
    chat = apps.get_model("chat_svc.Chat").objects.get(id=chat_id)
    for body in bodies:
        chat.last_seq, chat.version = chat.last_seq + 1, chat.version + 1
        numbers = {"chat": chat, "seq": chat.last_seq, "version": chat.version}
        Message.objects.create(**numbers, sender_id=sender.id, client_id=uuid4(), body=body, **facts)
    chat.save(update_fields=["last_seq", "version"])
    return int(chat.last_seq)


def reported(chat_id: UUID, seq: int, by: Visitor, reason: str = "abuse", note: str = "") -> Any:
    return report_message(chat_id=chat_id, reporter_id=by.id, seq=seq, reason=reason, note=note)[0]


@pytest.fixture
def report(chat: UUID, ada: Visitor, bob: Visitor) -> Any:
    say(chat, bob, "good morning")
    seq = say(chat, ada, "you <b>fool</b>")
    return reported(chat, seq, bob, note="Look.")


def page_of(report: Any) -> str:
    return f"{QUEUE}{report.id}/change/"


def press(tab: Browser, deed: str, *reports: Any, **fields: Any):
    fields = {"deed": deed, "reports": [str(report.id) for report in reports], **fields}
    with tab.commits():
        return tab.client.post(f"{QUEUE}deeds/", fields, headers=tab.own_headers(), REMOTE_ADDR=tab.address)


def deeds_on(page: Any) -> set[str]:
    return {unescape(path) for path in re.findall(r'href="(/admin/deeds/[^"]+)"', page.content.decode())}


def name_of(path: str) -> str:
    return path.split("/")[3]


def noted() -> list[str]:
    return list(Entry.objects.exclude(deed="looked").order_by("id").values_list("deed", flat=True))


class TestTheQueue:
    def test_each_target_stands_once_with_what_was_said_and_how_many_reported_it(
        self, mira: Browser, chat: UUID, report: Any, ada: Visitor, eve: Visitor
    ):
        apps.get_model("chat_svc.Membership").objects.create(chat_id=chat, user_id=eve.id, version=900)
        reported(chat, report.seq, eve)
        report_target(kind="person", target_id=ada.id, reporter_id=eve.id, reason="impersonation", note="not she")

        shown = mira.get(QUEUE).content.decode()

        assert shown.count('class="card queue__row"') == 2
        assert "you &lt;b&gt;fool&lt;/b&gt;" in shown
        assert shown.count("2 reports") == 1
        assert "Message: Insults or harassment" in shown
        assert "Person: Somebody pretends to be somebody else" in shown

    def test_who_has_opened_it_is_not_written_to(self, mira: Browser, report: Any):
        watches = apps.get_model("auth_svc.ReportWatch").objects.filter(user_id=mira.id, looked_at__isnull=False)
        assert not watches.exists()

        mira.get(QUEUE)

        assert watches.exists()

    def test_it_is_narrowed_by_kind_and_reason(
        self, mira: Browser, chat: UUID, report: Any, ada: Visitor, bob: Visitor
    ):
        report_target(kind="person", target_id=ada.id, reporter_id=bob.id, reason="impersonation")

        counts = {
            query: mira.get(f"{QUEUE}?{query}").content.count(b"queue__row")
            for query in ("kind=message", "kind=person&reason=impersonation", "reason=spam", "kind=x&page=0&tab=y")
        }

        assert list(counts.values()) == [1, 1, 0, 2]

    def test_what_was_taken_stands_under_mine_and_names_who_has_it(self, mira: Browser, browser, report: Any):
        nurlan = staff(browser(), "nurlan", MODERATORS)

        assert press(mira, "claim", report)["Location"] == QUEUE

        assert b"queue__row" in mira.get(f"{QUEUE}?tab=mine").content
        assert b"You have taken it." in mira.get(QUEUE).content
        assert b"queue__row" not in nurlan.get(f"{QUEUE}?tab=mine").content
        assert b"Taken by <bdi>mira" in nurlan.get(QUEUE).content
        press(nurlan, "claim", report)
        assert b"mira has taken this report." in nurlan.get(QUEUE).content

    def test_many_are_closed_with_one_reason_after_a_page_that_asks(
        self, mira: Browser, chat: UUID, report: Any, ada: Visitor, bob: Visitor
    ):
        other = reported(chat, say(chat, ada, "and you too"), bob)

        asked = press(mira, "resolve", report, other, next=f"{QUEUE}?tab=open")
        unsaid = press(mira, "resolve", report, other, exactly="1", reason=" ")
        done = press(mira, "resolve", report, other, exactly="1", reason="warned", next=f"{QUEUE}?tab=open")

        assert (asked.status_code, unsaid.status_code) == (200, 422)
        assert asked.content.count(b'name="reports"') == 2
        assert done["Location"] == f"{QUEUE}?tab=open"
        assert noted() == ["report.resolved"] * 2
        assert {entry.reason for entry in Entry.objects.all()} == {"warned"}
        assert b"Resolve: 2 reports." in mira.get(f"{QUEUE}?tab=done").content

    def test_whoever_acts_on_a_row_acts_on_all_that_it_stands_for(
        self, mira: Browser, chat: UUID, report: Any, eve: Visitor
    ):
        apps.get_model("chat_svc.Membership").objects.create(chat_id=chat, user_id=eve.id, version=900)
        other = reported(chat, report.seq, eve)

        press(mira, "claim", report)

        assert set(Report.objects.values_list("id", "claimed_by")) == {(report.id, mira.id), (other.id, mira.id)}

    def test_what_one_is_refused_does_not_keep_the_others(
        self, mira: Browser, chat: UUID, report: Any, ada: Visitor, bob: Visitor
    ):
        other = reported(chat, say(chat, ada, "and you too"), bob)
        press(mira, "reject", report, reason="no", exactly="1")

        press(mira, "reject", report, other, reason="in jest", exactly="1")

        shown = mira.get(QUEUE).content
        assert b"Reject: 1 report." in shown
        assert b"This report is closed already." in shown

    def test_reported_messages_are_deleted_with_one_reason_and_their_reports_resolved(
        self, mira: Browser, chat: UUID, report: Any, ada: Visitor, bob: Visitor
    ):
        other = reported(chat, say(chat, ada, "and you too"), bob)
        person, _ = report_target(kind="person", target_id=ada.id, reporter_id=bob.id, reason="spam")

        asked = press(mira, "delete", report, other, person)
        press(mira, "delete", report, other, person, exactly="1", reason="insults")

        assert b"who wrote the messages reads it" in asked.content
        assert list(Message.objects.filter(sender_id=ada.id).values_list("body", flat=True)) == ["", ""]
        assert noted() == ["messages.deleted", "report.resolved"] * 2
        assert set(Report.objects.values_list("id", "state")) == {
            (report.id, "resolved"),
            (other.id, "resolved"),
            (person.id, "open"),
        }
        assert b"No message was reported here" in mira.get(QUEUE).content

    def test_who_may_not_delete_messages_is_not_offered_it_and_refused(self, mira: Browser, report: Any):
        moderators = apps.get_model("auth.Group").objects.get(name=MODERATORS)
        moderators.permissions.remove(*moderators.permissions.filter(codename="moderate_messages"))

        assert b'value="delete"' not in mira.get(QUEUE).content
        press(mira, "delete", report, exactly="1", reason="insults")

        assert b"Your account may not do that." in mira.get(QUEUE).content
        assert noted() == []

    def test_moderators_do_not_close_what_was_escalated_and_administrators_do(
        self, mira: Browser, olga: Browser, report: Any
    ):
        press(mira, "escalate", report, reason="over my head", exactly="1")
        press(mira, "resolve", report, reason="after all", exactly="1")
        assert b"for the administrators now" in mira.get(f"{QUEUE}?tab=escalated").content

        press(olga, "resolve", report, reason="closed", exactly="1")

        assert noted() == ["report.escalated", "report.resolved"]

    @pytest.mark.parametrize("deed", ["claim", "release", "resolve", "reject", "escalate", "reopen"])
    def test_whoever_may_not_handle_reports_sees_and_does_nothing(self, mira: Browser, browser, report: Any, deed: str):
        member: Browser = browser()
        member.register("carol")
        get_user_model().objects.get(id=mira.id).groups.clear()

        for tab in (member, mira):
            assert tab.get(QUEUE).status_code == 403
            assert tab.get(page_of(report)).status_code == 403
            assert press(tab, deed, report, reason="mine", exactly="1").status_code == 403
        assert browser().get(QUEUE).status_code == 302
        assert not Entry.objects.exists()

    def test_what_is_no_deed_of_ours_is_not_found_and_none_chosen_is_said(self, mira: Browser, report: Any):
        assert press(mira, "burn", report).status_code == 404
        assert press(mira, "claim", reports="nothing").status_code == 404
        assert mira.get(f"{QUEUE}deeds/").status_code == 405
        assert press(mira, "claim", next="https://evil.example/")["Location"] == QUEUE
        assert b"Please choose a report first." in mira.get(QUEUE).content

    @pytest.mark.usefixtures("lively_sessions")
    @pytest.mark.parametrize("tab", ["open", "mine", "escalated", "done"])
    def test_it_costs_the_same_whatever_its_length(
        self, mira: Browser, chat: UUID, report: Any, ada: Visitor, bob: Visitor, visitor, count_queries, tab: str
    ):
        report_target(kind="invitation", target_id=_code(ada, chat), reporter_id=bob.id, reason="spam")
        state = {"mine": "open", "done": "resolved"}.get(tab, tab)
        closed = timezone.now() if tab == "done" else None
        Report.objects.update(state=state, claimed_by=mira.id, claimed_at=timezone.now(), closed_at=closed)
        mira.get(QUEUE)
        few = count_queries(lambda: mira.get(f"{QUEUE}?tab={tab}"))
        assert few <= 16
        for number in range(8):
            reporter = visitor().signed_in_by(visitor().register(f"reporter{number}"))
            report_target_of(ada, reporter, state=state, claimed_by_id=mira.id, closed_at=closed)
            reported_row(chat, say(chat, ada, "more"), reporter, ada, state, mira, closed)

        assert count_queries(lambda: mira.get(f"{QUEUE}?tab={tab}")) == few


def _code(host: Visitor, chat: UUID) -> UUID:
    return UUID(host.post("/api/auth/invitations", {"chat": str(chat)}).json()["id"])


def report_target_of(target: Visitor, reporter: Visitor, **facts: Any) -> None:
    Report.objects.create(
        target_kind="person",
        target_id=target.id,
        reporter_id=reporter.id,
        reason="spam",
        claimed_at=timezone.now(),
        **facts,
    )


def reported_row(
    chat: UUID, seq: int, reporter: Visitor, author: Visitor, state: str, by: Browser, closed: Any
) -> None:
    Report.objects.create(
        target_kind="message",
        target_id=author.id,
        chat_id=chat,
        seq=seq,
        reporter_id=reporter.id,
        reason="spam",
        snapshot=[],
        state=state,
        claimed_by_id=by.id,
        claimed_at=timezone.now(),
        closed_at=closed,
    )


class TestAReportsPage:
    def test_it_shows_the_message_as_it_was_and_what_became_of_it(
        self, mira: Browser, chat: UUID, report: Any, bob: Visitor
    ):
        _edit(chat, report.seq, "harmless")

        shown = mira.get(page_of(report)).content.decode()

        assert "you &lt;b&gt;fool&lt;/b&gt;" in shown
        assert "good morning" in shown
        assert "It was changed, and says:" in shown
        assert "harmless" in shown
        assert "Look." in shown

    def test_what_was_edited_before_and_deleted_after_is_told(
        self, mira: Browser, chat: UUID, ada: Visitor, bob: Visitor
    ):
        seq = say(chat, ada, "first words")
        _edit(chat, seq, "second words")
        report = reported(chat, seq, bob)
        _edit(chat, seq, "third words")
        _edit(chat, seq, "fourth words")
        Message.objects.filter(chat=chat, seq=seq).update(body="", deleted_at=timezone.now())

        shown = mira.get(page_of(report)).content.decode()

        before, after = shown.split("The message now")
        assert [word in before for word in ("first words", "second words")] == [True, True]
        assert [word in after for word in ("first words", "second words", "third words")] == [False, False, True]
        assert "It was deleted:" in after

    def test_an_opened_report_is_one_entry_of_the_log_for_each_person(self, mira: Browser, olga: Browser, report: Any):
        for tab in (mira, mira, olga):
            assert tab.get(page_of(report)).status_code == 200
        mira.get(QUEUE)

        looks = Entry.objects.order_by("id").values_list("actor_id", "deed", "report_id")
        assert list(looks) == [(mira.id, "looked", report.id), (olga.id, "looked", report.id)]

    def test_a_person_and_a_code_are_told_with_what_was_before(
        self, mira: Browser, chat: UUID, report: Any, ada: Visitor, bob: Visitor
    ):
        person, _ = report_target(kind="person", target_id=ada.id, reporter_id=bob.id, reason="spam")
        code, _ = report_target(kind="invitation", target_id=_code(ada, chat), reporter_id=bob.id, reason="spam")
        moderation.warn(by=Staff(mira.id, reason="be kind"), user_id=ada.id)

        for shown in (mira.get(page_of(one)).content.decode() for one in (person, code)):
            assert "ada" in shown
            assert "be kind" in shown
            assert "3 open" in shown  # of the reporter
        assert page_of(report) in mira.get(page_of(person)).content.decode()

    def test_each_button_leads_to_its_screen_with_all_that_is_asked_there(
        self, mira: Browser, chat: UUID, report: Any, ada: Visitor, bob: Visitor
    ):
        code, _ = report_target(kind="invitation", target_id=_code(ada, chat), reporter_id=bob.id, reason="spam")

        offered = {path for one in (report, code) for path in deeds_on(mira.get(page_of(one)))}

        assert {name_of(path) for path in offered} == {offer.screen for offers in OFFERS.values() for offer in offers}
        assert f"/admin/deeds/warn/?person={ada.id}&report={report.id}&next={quote_plus(page_of(report))}" in offered
        assert {path: mira.get(path).status_code for path in offered} == dict.fromkeys(offered, 200)

    def test_each_deed_that_can_be_taken_back_leads_to_where_it_is(
        self, mira: Browser, chat: UUID, report: Any, ada: Visitor
    ):
        by = Staff(mira.id, reason="rude", report_id=report.id)
        moderation.delete_messages(by=by, chat_id=chat, seqs=[report.seq])
        moderation.silence(by=by, user_id=ada.id, lasts=timedelta(hours=1))
        moderation.ban_from_chat(by=by, chat_id=chat, user_id=ada.id)
        moderation.lock_chat(by=by, chat_id=chat)
        moderation.close_chat(by=by, chat_id=chat)
        ban(by=by, user_id=ada.id)

        undoing = {path for path in deeds_on(mira.get(page_of(report))) if "entry=" in path}

        assert {name_of(path) for path in undoing} == {*UNDONE_BY.values()}
        assert {path: mira.get(path).status_code for path in undoing} == dict.fromkeys(undoing, 200)

    def test_no_button_leads_where_one_may_not_go(self, mira: Browser, report: Any):
        moderators = apps.get_model("auth.Group").objects.get(name=MODERATORS)
        for right in moderators.permissions.exclude(codename="handle_reports"):
            moderators.permissions.remove(right)

        assert "/admin/deeds/" not in mira.get(page_of(report)).content.decode()

    def test_what_was_done_is_told_and_can_be_taken_back(
        self, mira: Browser, report: Any, ada: Visitor, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setitem(buttons.UNDONE_BY, Deed.WARNED, "warn")  # any screen that there is
        entry = moderation.warn(by=Staff(mira.id, reason="be kind", report_id=report.id), user_id=ada.id)

        shown = mira.get(page_of(report)).content.decode()
        assert f"/admin/deeds/warn/?entry={entry.pk}&amp;person={ada.id}" in shown

        moderation.note(Staff(mira.id, reason="no"), Deed.WARNED, undoes=entry.pk)
        shown = mira.get(page_of(report)).content.decode()
        assert f"entry={entry.pk}" not in shown
        assert "taken back" in shown

    def test_what_was_done_about_another_report_of_the_same_is_told_too(
        self, mira: Browser, chat: UUID, report: Any, ada: Visitor, eve: Visitor
    ):
        apps.get_model("chat_svc.Membership").objects.create(chat_id=chat, user_id=eve.id, version=900)
        other = reported(chat, report.seq, eve)
        moderation.warn(by=Staff(mira.id, reason="be kind", report_id=other.id), user_id=ada.id)
        moderation.claim_report(by=Staff(mira.id), report_id=other.id)

        shown = mira.get(page_of(report)).content.decode()

        done = shown.split("What was done about it")[1].split("</section>")[0]
        assert "be kind" in done
        assert "Took a report" not in done

    def test_closing_it_closes_the_others_of_the_same_where_that_is_wanted(
        self, mira: Browser, chat: UUID, report: Any, eve: Visitor
    ):
        apps.get_model("chat_svc.Membership").objects.create(chat_id=chat, user_id=eve.id, version=900)
        other = reported(chat, report.seq, eve)
        assert f'name="beside" value="{other.id}"' in mira.get(page_of(report)).content.decode()

        press(mira, "resolve", report, exactly="1", beside=str(other.id), reason="warned")
        assert Report.objects.filter(state="open").get().id == other.id
        press(mira, "reopen", report, exactly="1", beside=str(other.id), reason="both")
        press(mira, "resolve", report, exactly="1", beside=str(other.id), reason="warned", all="1")

        assert not Report.objects.filter(state="open").exists()

    def test_opening_it_again_is_offered_to_who_closed_it_and_to_administrators(
        self, mira: Browser, olga: Browser, browser, report: Any
    ):
        nurlan = staff(browser(), "nurlan", MODERATORS)
        press(mira, "resolve", report, exactly="1", reason="warned")

        offered = [b'value="reopen"' in tab.get(page_of(report)).content for tab in (mira, nurlan, olga)]

        assert offered == [True, False, True]
        assert b'value="resolve"' not in mira.get(page_of(report)).content

    def test_nothing_is_saved_there_and_what_is_not_there_is_not_found(self, mira: Browser, report: Any):
        assert mira.client.post(page_of(report), headers=mira.own_headers()).status_code == 405
        assert mira.get(f"{QUEUE}{uuid4()}/change/").status_code == 404
        assert mira.get(f"{QUEUE}nothing/change/").status_code == 404
        assert mira.get(f"{QUEUE}add/").status_code == 403
        assert mira.get(f"{QUEUE}{report.id}/delete/").status_code == 403

    @pytest.mark.usefixtures("lively_sessions")
    def test_it_costs_the_same_however_much_was_before(
        self, mira: Browser, chat: UUID, report: Any, ada: Visitor, bob: Visitor, count_queries
    ):
        moderation.warn(by=Staff(mira.id, reason="be kind", report_id=report.id), user_id=ada.id)
        reported(chat, say(chat, ada, "more"), bob)
        mira.get(page_of(report))
        few = count_queries(lambda: mira.get(page_of(report)))
        assert few <= 26
        for _ in range(6):
            moderation.warn(by=Staff(mira.id, reason="be kind", report_id=report.id), user_id=ada.id)
            reported(chat, say(chat, ada, "more"), bob)

        assert count_queries(lambda: mira.get(page_of(report))) == few


def _edit(chat: UUID, seq: int, body: str) -> None:
    message = Message.objects.get(chat=chat, seq=seq)
    row = apps.get_model("chat_svc.Chat").objects.get(id=chat)
    row.version += 1
    row.save(update_fields=["version"])
    apps.get_model("chat_svc.MessageEdit").objects.create(
        chat=row, seq=seq, version=message.version, sender_id=message.sender_id, body=message.body
    )
    Message.objects.filter(chat=chat, seq=seq).update(body=body, version=row.version, edited_at=timezone.now())


@pytest.mark.usefixtures("one_house")
class TestWhatNobodyReported:
    """The table of what moderators and administrators cannot read, by any address of the admin."""

    SECRET = "the secret of the two of them"

    @pytest.fixture
    def private(self, ada: Visitor, bob: Visitor) -> list[UUID]:
        """A private chat and a direct one, which nobody has reported."""
        chats = [
            create_chat(creator_id=ada.id, kind="group", title="Quiet", members=[bob.id]),
            create_chat(creator_id=ada.id, kind="direct", members=[bob.id]),
        ]
        for chat in chats:
            say(chat.id, ada, self.SECRET)
        return [chat.id for chat in chats]

    @pytest.mark.parametrize("who", ["mira", "olga"])
    def test_it_is_read_by_nobody(
        self, who: str, request: pytest.FixtureRequest, private: list[UUID], report: Any, ada: Visitor, bob: Visitor
    ):
        tab: Browser = request.getfixturevalue(who)
        for chat_id in private:
            assert tab.get(f"/admin/chats/{chat_id}/").status_code == 404
            assert tab.get(f"/admin/chats/{chat_id}/files/{uuid4()}/").status_code == 404
            assert tab.get(f"{QUEUE}{report.id}/files/{uuid4()}/").status_code == 404
            assert tab.get(f"/admin/chat_svc/message/{chat_id}/change/").status_code == 404
            assert tab.get(f"/api/chats/{chat_id}/messages").status_code == 404
        pages = [QUEUE, page_of(report), "/admin/chat_svc/chat/", "/admin/chat_svc/membership/"]
        pages += [f"/admin/chat_svc/chat/{chat_id}/change/" for chat_id in private]
        pages += [f"/admin/user_svc/user/{person.id}/change/" for person in (ada, bob)]

        assert self.SECRET not in "".join(tab.get(page).content.decode() for page in pages)

    def test_where_the_operator_says_so_it_is_read_and_noted(
        self, mira: Browser, browser, private: list[UUID], ada: Visitor, settings: Settings
    ):
        settings.MODERATORS_READ = "all"
        say(private[0], ada, *[f"line {number}" for number in range(60)])
        member: Browser = browser()
        member.register("carol")

        for _ in range(2):
            newest = mira.get(f"/admin/chats/{private[0]}/").content.decode()
        earlier = mira.get(f"/admin/chats/{private[0]}/?before=12").content.decode()

        assert "line 59" in newest
        assert self.SECRET not in newest
        assert "?before=12" in newest
        assert self.SECRET in earlier
        assert [(entry.deed, entry.chat_id) for entry in Entry.objects.all()] == [("looked", private[0])]
        assert member.get(f"/admin/chats/{private[0]}/").status_code == 403
        assert mira.get(f"/admin/chats/{uuid4()}/").status_code == 404


@pytest.mark.usefixtures("one_house")
class TestFilesOfAReport:
    @pytest.fixture
    def photo(self, chat: UUID, ada: Visitor) -> dict[str, Any]:
        facts = {"name": "<i>.png", "kind": "image", "content_type": "image/png", "size": 5, "width": 1, "height": 1}
        row = apps.get_model("chat_svc.Attachment").objects.create(
            chat_id=chat, uploader_id=ada.id, state="ready", message_seq=1, received=5, **facts
        )
        return {"id": str(row.id), **facts, "animated": False, "placeholder": "", "duration_ms": None}

    @pytest.fixture
    def report(self, chat: UUID, ada: Visitor, bob: Visitor, photo: dict[str, Any]) -> Any:
        return reported(chat, say(chat, ada, "", extras={"attachments": [photo]}), bob)

    def test_one_is_fetched_by_an_address_that_is_signed_for_who_asks(
        self, mira: Browser, browser, chat: UUID, report: Any, photo: dict[str, Any]
    ):
        path = f"{QUEUE}{report.id}/files/{photo['id']}/"
        shown = mira.get(page_of(report)).content.decode()
        assert f'src="{path}?variant=thumb"' in shown
        assert "&lt;i&gt;.png" in shown

        way = mira.get(f"{path}?variant=thumb")

        assert way.status_code == 302
        assert way["Location"].startswith(f"/api/chats/{chat}/attachments/{photo['id']}/file?token=")
        assert mira.get(f"{path}?variant=other").status_code == 404
        other: Browser = browser()
        other.register("carol")
        assert other.get(path).status_code == 403
        assert other.get(way["Location"]).status_code == 404

    def test_who_is_staff_no_more_gets_nothing_by_it(self, mira: Browser, report: Any, photo: dict[str, Any]):
        way = mira.get(f"{QUEUE}{report.id}/files/{photo['id']}/?variant=thumb")["Location"]
        asked = {"chat_id": report.chat_id, "attachment_id": UUID(photo["id"]), "asker_id": mira.id}
        token = parse_qs(urlsplit(way).query)["token"][0]
        assert served(token, **asked).stored_as == "thumb"

        get_user_model().objects.filter(id=mira.id).update(is_staff=False)

        assert mira.get(way).status_code == 404
        with pytest.raises(AttachmentNotFound):
            served(token, **asked)

    def test_what_is_gone_is_named_and_leads_nowhere(self, mira: Browser, report: Any, photo: dict[str, Any]):
        apps.get_model("chat_svc.Attachment").objects.all().update(chat=None)

        shown = mira.get(page_of(report)).content.decode()

        assert "the file is gone" in shown
        assert photo["id"] not in shown
