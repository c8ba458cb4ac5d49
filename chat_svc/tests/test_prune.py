"""`manage.py prune` says what would go, kind by kind, and does it; what it says of the rules is what the docs say."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from abdre.retention import all_kept
from chat_svc import services
from chat_svc.models import Attachment, Chat, MessageEdit, Report, ReportState
from chat_svc.tests.conftest import Api, say, send_up
from chat_svc.tests.pictures import photo
from chat_svc.tests.test_erasing import everything, files
from chat_svc.tests.test_retention import age, keep, shown, talk

if TYPE_CHECKING:
    from user_svc.models import User

OLD = timedelta(days=400)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def prune(*options: str, out: StringIO | None = None) -> str:
    out = out or StringIO()
    call_command("prune", *options, stdout=out)
    return out.getvalue()


@pytest.fixture
def aged(chat: Chat, other: Chat, ada: User, bob: User) -> Chat:
    """Of each kind something that has come of age, and something that has not."""
    said = send_up(chat, bob, "tea.jpg", photo())
    say(chat, bob, "with a photo", attachments=[said["id"]])
    talk(chat, bob, "second", "third")
    talk(other, bob, "elsewhere", "and now")
    for number in (2, 3):
        assert Api(ada)("POST", f"/api/chats/{chat.id}/messages/{number}/report", {"reason": "spam"}).status_code == 201
    services.edit_message(chat_id=chat.id, actor_id=bob.id, seq=3, body="edited")
    services.edit_message(chat_id=other.id, actor_id=bob.id, seq=2, body="edited")
    MessageEdit.objects.filter(chat=other).update(edited_at=timezone.now() - OLD)
    closed = {"state": ReportState.RESOLVED, "closed_at": timezone.now() - OLD}
    Report.objects.filter(seq=2).update(**closed, closed_by=ada)
    for place, seq in ((chat, 2), (other, 1)):
        age(place, up_to=seq)
        keep(place)
    return chat


SAID = [
    "Messages: 3 due; kept for ever (ABDRE_MESSAGES_KEPT_DAYS), or less, as the chat says",
    "Files in no message (any more): 1 due; kept 24 hours",
    "What messages said before they were edited: 1 due; kept 90 days (ABDRE_EDITS_KEPT_DAYS)",
    "What messages said that moderators deleted: 0 due; kept 90 days (ABDRE_EDITS_KEPT_DAYS)",
    "Reports, once closed: 1 due; kept 180 days (ABDRE_REPORTS_KEPT_DAYS)",
    "Reminders, once given: 0 due; kept 30 days",
]


def test_a_dry_run_says_what_would_go_and_changes_nothing(aged: Chat):
    before = everything(), files()

    said = prune("--dry-run")

    assert [line for line in said.splitlines() if line in SAID] == SAID
    assert (everything(), files()) == before


def test_what_is_due_goes_and_is_said_line_by_line(aged: Chat, other: Chat, ada: User):
    said = prune()

    assert said.splitlines()[-4:] == [
        "Messages: 3 of 3 gone",
        "Files in no message (any more): 1 of 1 gone",
        "What messages said before they were edited: 1 of 1 gone",
        "Reports, once closed: 1 of 1 gone",
    ]
    assert (shown(aged, ada), shown(other, ada)) == (["edited"], ["edited"])
    assert (list(Report.objects.values_list("seq", flat=True)), Attachment.objects.count()) == ([3], 0)
    assert not any(name.startswith("attachments/") and not name.endswith("/") for name in files())
    assert all(line.split(": ")[1].startswith("0 due") for line in prune("--dry-run").splitlines())


def test_a_report_keeps_what_it_shows_when_the_messages_go(aged: Chat):
    age(aged, up_to=3)

    prune("--chat", str(aged.id))

    assert "third" in str(Report.objects.get(seq=3).snapshot)


def test_of_one_chat_its_messages_alone_go(aged: Chat, other: Chat, ada: User):
    said = prune("--chat", str(aged.id))

    assert said.startswith("Messages: 2 due")
    assert "Reports" not in said
    assert (shown(aged, ada), len(shown(other, ada)), Report.objects.count()) == (["edited"], 2, 2)


def test_in_a_terminal_it_draws_a_table_and_a_bar(aged: Chat):
    drawn = prune(out=Terminal())

    assert all(part in drawn for part in ("┃", "Goes now", "Reports, once closed", "━", "3/3"))


def test_a_chat_that_does_not_exist_is_said_to(chat: Chat):
    with pytest.raises(CommandError, match="no such chat"):
        prune("--chat", str(uuid4()))


def test_whoever_stops_it_is_told_that_it_may_go_on(aged: Chat, monkeypatch: Any, capsys: Any):
    def stopped(*args: Any, **options: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("chat_svc.services.retention._prune_some", stopped)

    with pytest.raises(SystemExit) as ended:
        prune()

    assert (ended.value.code, "Stopped." in capsys.readouterr().err) == (130, True)


def test_reports_may_be_kept_for_ever(aged: Chat, settings: Any):
    settings.REPORTS_KEPT_DAYS = 0

    assert services.forget_closed_reports() == 0
    assert "Reports, once closed: 0 due; kept for ever (ABDRE_REPORTS_KEPT_DAYS)" in prune("--dry-run")


def test_what_is_kept_how_long_stands_in_the_docs(db: None):
    page = (django_settings.BASE_DIR / "abdre/docs/operations.md").read_text().replace("`", "")

    for kept in all_kept():
        assert f"\n| {kept.what} | {kept.how_long()} |\n" in page
