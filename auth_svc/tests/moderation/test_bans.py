"""A ban: who is out, which codes die, who goes along, what is noted and who reads why."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model

from abdre.tests.authenticator import Authenticator
from auth_svc.services import moderation
from auth_svc.tests.factors.ways import add_passkey, answer_of
from auth_svc.tests.invitations.codes import Code
from auth_svc.tests.moderation.cast import a_code, come, outcome
from auth_svc.tests.people import Visitor, code_of
from chat_svc.errors import CannotUndo, NotAllowed, NotStaff, ReasonMissing, TargetProtected
from chat_svc.selectors import messages
from chat_svc.selectors.records import last_entries
from chat_svc.services import create_incoming_hook, send_message
from chat_svc.services.moderation import Staff
from chat_svc.writer import writer
from user_svc.errors import UserNotFound
from user_svc.selectors import notices_of, user_by_id


def deeds_on(*people: Visitor) -> list[str]:
    return [entry.deed for person in people for entry in last_entries(person.id)]


def kinds(person: Visitor) -> list[str]:
    return [notice.kind for notice in notices_of(person.id)]


def test_who_is_banned_is_out_and_nothing_else_happens(mira: Staff, tom: Visitor, code: Code, visitor):
    other = come(visitor(), code, "Ann")

    with tom.commits():
        moderation.ban(by=mira, user_id=tom.id)

    assert not tom.is_signed_in()
    assert other.is_signed_in()
    assert outcome(visitor(), code) == "in"
    assert deeds_on(tom) == ["person.banned"]
    assert [(entry.actor_id, entry.reason) for entry in last_entries(tom.id)] == [(mira.id, "Insults")]


def test_with_the_code_nobody_comes_in_by_it_any_more(mira: Staff, tom: Visitor, code: Code, ada: Visitor, visitor):
    other = come(visitor(), code, "Ann")

    with tom.commits():
        moderation.ban(by=mira, user_id=tom.id, with_code=True)

    assert outcome(visitor(), code) == "invitation_revoked"
    assert other.is_signed_in()
    assert deeds_on(tom, ada) == ["person.banned", "code.revoked"]
    assert [(notice.kind, notice.chat_title) for notice in notices_of(ada.id)] == [("code_revoked", "Tea")]


def test_with_the_guests_all_guests_of_the_code_go_and_no_member(
    mira: Staff, tom: Visitor, code: Code, bob: Visitor, visitor
):
    come(bob, code)
    ann = come(visitor(), code, "Ann")
    elsewhere = come(visitor(), a_code(bob), "Eli")

    with tom.commits():
        moderation.ban(by=mira, user_id=tom.id, with_code=True, with_guests=True)

    assert [person.is_signed_in() for person in (tom, ann, bob, elsewhere)] == [False, False, True, True]
    assert (deeds_on(tom), deeds_on(ann), deeds_on(bob, elsewhere)) == (["person.banned"], ["person.banned"], [])
    assert last_entries(ann.id)[0].details == {"came_with": str(tom.id)}


def test_only_the_code_into_the_chat_it_is_about_dies(mira: Staff, tom: Visitor, code: Code, chat, bob: Visitor):
    elsewhere = a_code(bob)
    come(tom, elsewhere)

    with tom.commits():
        moderation.ban(by=mira, user_id=tom.id, chat_id=chat, with_code=True)

    assert deeds_on(bob) == []
    assert outcome(bob, code) == "invitation_revoked"


def test_all_codes_they_came_by_die_where_it_is_about_no_chat(mira: Staff, tom: Visitor, bob: Visitor, ada: Visitor):
    come(tom, a_code(bob))

    with tom.commits():
        moderation.ban(by=mira, user_id=tom.id, with_code=True)

    assert deeds_on(ada, bob) == ["code.revoked"] * 2


def test_a_code_that_is_used_up_is_taken_back_too(mira: Staff, ada: Visitor, chat, visitor):
    once = a_code(ada, chat, max_uses=1)
    tom = come(visitor(), once)

    with tom.commits():
        moderation.ban(by=mira, user_id=tom.id, with_code=True)

    assert outcome(visitor(), once) == "invitation_revoked"


@pytest.fixture
def _writer_rests() -> Iterator[None]:
    """Its connection must not outlive the test's rows."""
    yield
    writer.stop()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_writer_rests")
def test_all_they_wrote_goes_where_staff_says_so(mira: Staff, tom: Visitor, chat, ada: Visitor):
    for person in (tom, ada):
        send_message(chat_id=chat, sender_id=person.id, body="fools", client_id=uuid4())

    with tom.commits():
        moderation.ban(by=mira, user_id=tom.id, erases_messages=True)

    said = messages(chat_id=chat, user_id=ada.id)["items"]
    assert [(item["sender"]["id"], item["deleted_at"] is not None) for item in said] == [
        (str(tom.id), True),
        (str(ada.id), False),
    ]
    assert deeds_on(tom) == ["messages.deleted", "person.banned"]


def test_who_said_nothing_is_banned_all_the_same(mira: Staff, tom: Visitor):
    moderation.ban(by=mira, user_id=tom.id, erases_messages=True)

    assert deeds_on(tom) == ["person.banned"]


def test_pressed_again_nothing_is_noted_twice(mira: Staff, tom: Visitor, ada: Visitor):
    for _ in range(2):
        with tom.commits():
            moderation.ban(by=mira, user_id=tom.id, with_code=True, with_guests=True)

    assert deeds_on(tom, ada) == ["person.banned", "code.revoked"]
    assert kinds(tom) == ["banned"]


def test_their_devices_hear_why_before_their_sockets_close(mira: Staff, tom: Visitor, told):
    told.clear()

    with tom.commits():
        moderation.ban(by=mira, user_id=tom.id)

    heard = [event for group, event in told if group == f"user.{tom.id}"]
    assert [event["type"] for event in heard] == ["notice.created", "user.banned", "session.ended"]
    assert (heard[0]["notice"]["kind"], heard[0]["notice"]["reason"]) == ("banned", "Insults")


def test_who_knows_the_password_reads_why_and_nobody_else(mira: Staff, bob: Visitor, visitor):
    with bob.commits():
        moderation.ban(by=mira, user_id=bob.id)

    right, wrong = visitor().login("bob"), visitor().login("bob", "not the password of his")

    assert (right.status_code, right.json()) == (
        403,
        {
            "error": {
                "code": "account_closed",
                "message": "This account is closed. The moderators say: Insults",
            },
            "reason": "Insults",
        },
    )
    assert code_of(wrong) == "wrong_credentials"
    assert b"Insults" not in wrong.content


def test_who_signs_in_by_another_way_reads_why_too(mira: Staff, browser):
    tab = browser()
    tab.register("bob")
    tab.id = get_user_model().objects.get(username="bob").id
    passkey = Authenticator("http://testserver")
    assert add_passkey(tab, passkey).status_code == 201
    with tab.commits():
        moderation.ban(by=mira, user_id=tab.id)

    refused = browser().post("/api/auth/login/passkey", answer_of(browser(), passkey))

    assert refused.json().get("reason") == "Insults"


def test_a_ban_is_lifted_and_codes_stay_dead(mira: Staff, bob: Visitor, code: Code, visitor):
    come(bob, code)
    with bob.commits():
        moderation.ban(by=mira, user_id=bob.id, with_code=True)

    with bob.commits():
        moderation.unban(by=mira, user_id=bob.id)

    assert visitor().login("bob").status_code == 200
    assert outcome(visitor(), code) == "invitation_revoked"
    lifted, banned = last_entries(bob.id)
    assert (lifted.deed, lifted.undoes) == ("person.unbanned", banned.id)
    assert kinds(bob) == ["unbanned", "banned"]


def test_there_is_no_ban_to_lift(mira: Staff, bob: Visitor):
    with pytest.raises(CannotUndo):
        moderation.unban(by=mira, user_id=bob.id)

    assert not deeds_on(bob)


@pytest.mark.parametrize("deed", [moderation.ban, moderation.unban, moderation.end_sessions])
def test_who_is_no_staff_may_not_and_nobody_hears_of_it(bob: Visitor, eve: Visitor, told, deed):
    told.clear()

    with pytest.raises(NotStaff), eve.commits():
        deed(by=Staff(id=bob.id, reason="rude"), user_id=eve.id)

    assert eve.is_signed_in()
    assert not told
    assert not deeds_on(eve)


@pytest.mark.parametrize("deed", [moderation.ban, moderation.unban, moderation.end_sessions])
def test_staff_is_out_of_a_moderators_reach(mira: Staff, alma: Staff, deed):
    for who in (alma.id, mira.id):
        with pytest.raises(TargetProtected):
            deed(by=mira, user_id=who)
    with pytest.raises(TargetProtected):
        deed(by=alma, user_id=alma.id)
    assert not last_entries(alma.id)


def test_an_administrator_bans_a_moderator(mira: Staff, alma: Staff):
    moderation.ban(by=alma, user_id=mira.id)

    assert user_by_id(mira.id).banned_at


def test_a_webhook_is_not_banned_since_that_would_stop_nothing(mira: Staff, ada: Visitor, chat, told):
    create_incoming_hook(chat_id=chat, actor_id=ada.id, name="CI")
    [bot] = get_user_model().objects.filter(is_bot=True)
    told.clear()

    with pytest.raises(NotAllowed, match="removing it from its chat"), ada.commits():
        moderation.ban(by=mira, user_id=bot.id)

    assert not told
    assert not last_entries(bot.id)
    assert user_by_id(bot.id).banned_at is None


def test_a_reason_is_asked_before_anything_is_done(mira: Staff, tom: Visitor, code: Code, visitor):
    with pytest.raises(ReasonMissing):
        moderation.ban(by=Staff(id=mira.id), user_id=tom.id, with_code=True, with_guests=True)

    assert tom.is_signed_in()
    assert outcome(visitor(), code) == "in"


def test_nobody_is_banned_who_is_not_there(mira: Staff):
    with pytest.raises(UserNotFound):
        moderation.ban(by=mira, user_id=uuid4())


def test_programs_and_bots_of_who_is_signed_out_are_out_too(mira: Staff, ada: Visitor, visitor):
    bot = ada.post("/api/auth/bots", {"username": "helper"}).json()["token"]

    with ada.commits():
        ended = moderation.end_sessions(by=mira, user_id=ada.id)

    assert ended == 1
    assert not ada.is_signed_in()
    assert code_of(visitor().post("/api/auth/tokens/exchange", {"token": bot})) == "wrong_token"
    assert visitor().login("ada").status_code == 200
    assert (deeds_on(ada), kinds(ada)) == (["sessions.ended"], ["sessions_ended"])
