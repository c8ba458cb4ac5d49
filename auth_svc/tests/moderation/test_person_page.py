"""A person's page in the admin: where they stand, in numbers, what was done and what may be done."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model

from auth_svc.services import moderation
from auth_svc.tests.invitations.codes import Code
from auth_svc.tests.people import Browser, Visitor
from auth_svc.tests.test_deeds import press, staff
from chat_svc.services import create_incoming_hook, report_target
from chat_svc.services.moderation import Staff, warn
from user_svc.selectors import ADMINISTRATORS, MODERATORS

DEED = re.compile(r'href="/admin/deeds/([a-z-]+)/\?person=')


def page_of(tab: Browser, person: Visitor) -> str:
    shown = tab.get(f"/admin/user_svc/user/{person.id}/change/")
    assert shown.status_code == 200
    return str(shown.content.decode())


@pytest.fixture
def moderator(browser: Callable[[], Browser]) -> Browser:
    return staff(browser(), "mona", MODERATORS)


def test_it_says_what_was_reported_and_done(moderator: Browser, mira: Staff, tom: Visitor, ada: Visitor):
    report_target(kind="person", target_id=tom.id, reporter_id=ada.id, reason="abuse", note="")
    warn(by=mira, user_id=tom.id)

    page = page_of(moderator, tom)

    assert f'<a href="/admin/chat_svc/report/?q={tom.id}">1</a>' in page
    assert "Warned" in page
    assert "mira" in page
    assert "Insults" in page


def test_nobody_of_the_staff_reads_there_that_they_were_reported(moderator: Browser, ada: Visitor, bob: Visitor):
    herself = Visitor(bob.commits, id=moderator.id)
    report_target(kind="person", target_id=herself.id, reporter_id=ada.id, reason="abuse", note="")

    assert "Reports about them" not in page_of(moderator, herself)
    assert "Reports about them" in page_of(moderator, bob)


def test_it_offers_what_makes_sense_and_may_be_done(moderator: Browser, mira: Staff, tom: Visitor, bob: Visitor):
    open_, member = page_of(moderator, tom), page_of(moderator, bob)
    moderation.ban(by=mira, user_id=tom.id)
    banned = page_of(moderator, tom)

    assert {"warn", "ban", "end-sessions", "revoke-codes-of"} <= set(DEED.findall(open_))
    assert "unban" not in DEED.findall(open_)
    assert "unban" in DEED.findall(banned)
    assert "ban" not in DEED.findall(banned)
    assert "appoint-moderator" not in DEED.findall(member)


def test_it_offers_no_ban_and_no_silence_of_a_webhook_which_would_stop_nothing(
    moderator: Browser, ada: Visitor, chat: UUID
):
    create_incoming_hook(chat_id=chat, actor_id=ada.id, name="CI")
    [bot] = get_user_model().objects.filter(is_bot=True)

    offered = DEED.findall(page_of(moderator, Visitor(ada.commits, id=bot.id)))

    assert "delete-messages-of" in offered
    assert not {"ban", "silence"} & set(offered)


def test_administrators_appoint_members_and_dismiss_staff_by_a_click(
    browser: Callable[[], Browser], mira: Staff, tom: Visitor, bob: Visitor
):
    administrator = staff(browser(), "alma", ADMINISTRATORS)
    mira_herself = Visitor(bob.commits, id=mira.id)

    guest, member, moderator = (page_of(administrator, one) for one in (tom, bob, mira_herself))

    assert "appoint-moderator" not in DEED.findall(guest)
    assert {"appoint-moderator", "appoint-administrator"} <= set(DEED.findall(member))
    assert "dismiss" not in DEED.findall(member)
    assert "dismiss" in DEED.findall(moderator)
    assert "moderators" in moderator


def test_a_codes_page_leads_to_its_end_while_it_lives(browser: Callable[[], Browser], ada: Visitor, code: Code):
    administrator = staff(browser(), "alma", ADMINISTRATORS)
    path = f"/admin/auth_svc/invitation/{code['id']}/change/"
    living = administrator.get(path).content.decode()

    with administrator.commits():
        pressed = press(administrator, "revoke-code", invitation=code["id"], reason="Spam", next=path)

    assert f'href="/admin/deeds/revoke-code/?invitation={code["id"]}&amp;next={path}"' in living
    assert (pressed.status_code, pressed["Location"]) == (302, path)
    assert "/admin/deeds/revoke-code/" not in administrator.get(path).content.decode()
