"""The screens of the staff's deeds: what it is about, a reason, a button; and who may press it."""

import pytest
from django.contrib.auth import get_user_model

from abdre.tests.authenticator import Authenticator
from auth_svc.admin.deeds import SCREENS
from auth_svc.tests.factors.ways import add_passkey
from auth_svc.tests.people import Browser, Visitor
from user_svc.selectors import ADMINISTRATORS, MODERATORS, notices_of
from user_svc.services import appoint


def staff(tab: Browser, name: str, group: str) -> Browser:
    """Somebody of the staff at a browser, who has shown a second factor."""
    tab.register(name)
    tab.id = get_user_model().objects.get(username=name).id
    appoint(user_id=tab.id, group=group)
    assert add_passkey(tab, Authenticator("http://testserver")).status_code == 201
    assert tab.get("/admin/").status_code == 200
    return tab


@pytest.fixture
def moderator(browser) -> Browser:
    return staff(browser(), "mira", MODERATORS)


@pytest.fixture
def administrator(browser) -> Browser:
    return staff(browser(), "alma", ADMINISTRATORS)


def press(tab: Browser, name: str, **fields: object):
    with tab.commits():
        return tab.client.post(f"/admin/deeds/{name}/", fields, headers=tab.own_headers(), REMOTE_ADDR=tab.address)


def test_a_screen_says_what_it_is_about_and_leads_on(moderator: Browser, eve: Visitor):
    shown = moderator.get(f"/admin/deeds/warn/?person={eve.id}&next=/admin/chat_svc/report/")
    done = press(moderator, "warn", person=eve.id, reason="rude", next="/admin/chat_svc/report/")

    assert shown.status_code == 200
    assert b"eve" in shown.content
    assert (done.status_code, done["Location"]) == (302, "/admin/chat_svc/report/")
    assert [notice.reason for notice in notices_of(eve.id)] == ["rude"]


@pytest.mark.parametrize("way", ["https://evil.example/", "//evil.example/admin/", "/chats", "javascript:1"])
def test_the_way_on_stays_in_the_admin(moderator: Browser, eve: Visitor, way: str):
    assert press(moderator, "warn", person=eve.id, reason="rude", next=way)["Location"] == "/admin/"


def test_without_a_reason_it_asks_again_and_nothing_is_done(moderator: Browser, eve: Visitor):
    asked = press(moderator, "warn", person=eve.id, reason=" ")

    assert asked.status_code == 422
    assert not notices_of(eve.id)


def test_what_the_service_refuses_stands_on_the_page(moderator: Browser):
    refused = press(moderator, "warn", person=moderator.id, reason="rude")

    assert refused.status_code == 422
    assert b"more rights than yours" in refused.content


@pytest.mark.parametrize("name", SCREENS)
def test_what_is_not_there_is_not_found(administrator: Browser, name: str):
    assert administrator.get(f"/admin/deeds/{name}/").status_code == 404
    assert administrator.get(f"/admin/deeds/{name}/?person=nobody").status_code == 404
    assert administrator.get("/admin/deeds/unknown/").status_code == 404


@pytest.mark.parametrize("name", SCREENS)
def test_a_member_and_staff_without_the_right_are_refused(moderator: Browser, bob: Visitor, name: str):
    get_user_model().objects.get(id=moderator.id).groups.clear()

    assert moderator.get(f"/admin/deeds/{name}/?person={bob.id}").status_code == 403
    assert press(moderator, name, person=bob.id, reason="rude").status_code == 403
    assert not notices_of(bob.id)
