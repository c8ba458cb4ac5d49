"""Staff takes codes back, with who came by them where it says so; hosts read why."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from auth_svc.errors.invitations import InvitationUnknown
from auth_svc.services import moderation
from auth_svc.tests.invitations.codes import Code
from auth_svc.tests.moderation.cast import a_code, come, outcome
from auth_svc.tests.people import Visitor
from auth_svc.tests.test_deeds import staff
from chat_svc.errors import NotStaff, ReasonMissing, TargetProtected
from chat_svc.selectors import active_members
from chat_svc.selectors.records import last_entries
from chat_svc.services.moderation import Staff
from chat_svc.services.reports import report_invitation
from user_svc.selectors import MODERATORS, notices_of
from user_svc.services import appoint


def deeds_on(person: Visitor) -> list[str]:
    return [entry.deed for entry in last_entries(person.id)]


def test_a_code_is_dead_and_its_host_hears_it_and_reads_why(mira: Staff, ada: Visitor, code: Code, visitor, told):
    told.clear()

    with ada.commits():
        moderation.revoke_code(by=mira, invitation_id=UUID(code["id"]))

    assert outcome(visitor(), code) == "invitation_revoked"
    heard = [event["type"] for group, event in told if group == f"user.{ada.id}"]
    assert heard == ["invitation.revoked", "notice.created"]
    [entry] = last_entries(ada.id)
    assert (entry.deed, str(entry.target_id), entry.reason) == ("code.revoked", code["id"], "Insults")


def test_who_came_by_it_stays_unless_staff_says_so(mira: Staff, tom: Visitor, code: Code, chat: UUID):
    with tom.commits():
        moderation.revoke_code(by=mira, invitation_id=UUID(code["id"]))

    assert tom.id in active_members([chat])[chat]


def test_who_came_by_it_is_put_out_and_told_why(mira: Staff, ada: Visitor, tom: Visitor, bob: Visitor, code, chat):
    come(bob, code)

    with tom.commits():
        moderation.revoke_code(by=mira, invitation_id=UUID(code["id"]), evicts=True)

    assert active_members([chat])[chat] == {ada.id}
    assert (deeds_on(tom), deeds_on(bob)) == (["person.removed"], ["person.removed"])
    assert [(notice.kind, notice.chat_title) for notice in notices_of(tom.id)] == [("removed", "Tea")]
    assert tom.is_signed_in()


def test_all_codes_of_a_person_die_and_they_hear_it_once(mira: Staff, ada: Visitor, code: Code, bob: Visitor, visitor):
    mine, theirs = a_code(ada), a_code(bob)

    with ada.commits():
        done = moderation.revoke_codes_of_person(by=mira, user_id=ada.id)

    assert done == 2
    assert [outcome(visitor(), one) for one in (code, mine, theirs)] == ["invitation_revoked"] * 2 + ["in"]
    assert deeds_on(ada) == ["code.revoked"] * 2
    assert [notice.kind for notice in notices_of(ada.id)] == ["code_revoked"]


def test_all_codes_into_a_chat_die_whoever_shows_them(mira: Staff, ada: Visitor, code: Code, chat: UUID, visitor):
    other = a_code(ada)

    with ada.commits():
        done = moderation.revoke_codes_of_chat(by=mira, chat_id=chat)

    assert done == 1
    assert [outcome(visitor(), one) for one in (code, other)] == ["invitation_revoked", "in"]


def test_again_nothing_is_noted(mira: Staff, ada: Visitor, code: Code):
    for _ in range(2):
        moderation.revoke_code(by=mira, invitation_id=UUID(code["id"]))

    assert deeds_on(ada) == ["code.revoked"]


def test_there_is_no_such_code(mira: Staff):
    with pytest.raises(InvitationUnknown):
        moderation.revoke_code(by=mira, invitation_id=uuid4())


def test_a_reason_is_asked(mira: Staff, code: Code, visitor):
    with pytest.raises(ReasonMissing):
        moderation.revoke_code(by=Staff(id=mira.id), invitation_id=UUID(code["id"]))

    assert outcome(visitor(), code) == "in"


def test_all_codes_of_staff_are_an_administrators_to_take(mira: Staff, alma: Staff):
    with pytest.raises(TargetProtected):
        moderation.revoke_codes_of_person(by=mira, user_id=alma.id)


def test_a_code_of_staff_too(mira: Staff, ada: Visitor, code: Code, visitor):
    appoint(user_id=ada.id, group=MODERATORS)

    with pytest.raises(TargetProtected):
        moderation.revoke_code(by=mira, invitation_id=UUID(code["id"]))

    assert outcome(visitor(), code) == "in"


def test_staff_who_came_by_a_code_stay(mira: Staff, ada: Visitor, tom: Visitor, bob: Visitor, code: Code, chat: UUID):
    come(bob, code)
    appoint(user_id=bob.id, group=MODERATORS)

    with tom.commits():
        moderation.revoke_code(by=mira, invitation_id=UUID(code["id"]), evicts=True)

    assert active_members([chat])[chat] == {ada.id, bob.id}
    assert deeds_on(bob) == []


def test_who_is_no_staff_may_not_and_nobody_hears_of_it(eve: Visitor, ada: Visitor, code: Code, chat, told, visitor):
    told.clear()
    by = Staff(id=eve.id, reason="mine")

    with pytest.raises(NotStaff):
        moderation.revoke_code(by=by, invitation_id=UUID(code["id"]), evicts=True)
    with pytest.raises(NotStaff):
        moderation.revoke_codes_of_person(by=by, user_id=ada.id)
    with pytest.raises(NotStaff):
        moderation.revoke_codes_of_chat(by=by, chat_id=chat)

    assert not told
    assert outcome(visitor(), code) == "in"


def test_a_moderator_reads_no_name_that_nobody_has_reported(browser, ada: Visitor, eve: Visitor, chat: UUID):
    moderator = staff(browser(), "mona", MODERATORS)
    invitation = UUID(a_code(ada, chat, label="table 4")["id"])

    pages = [
        moderator.get(f"/admin/deeds/revoke-code/?invitation={invitation}"),
        moderator.get(f"/admin/deeds/revoke-codes-of/?chat={chat}"),
    ]
    assert [(page.status_code, b"Tea" in page.content, b"table 4" in page.content) for page in pages] == [
        (200, False, False)
    ] * 2

    report_invitation(invitation_id=invitation, reporter_id=eve.id, reason="spam")
    assert b"table 4" in moderator.get(f"/admin/deeds/revoke-code/?invitation={invitation}").content
