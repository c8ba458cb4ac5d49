"""The staff's pages of the word filter and of what it holds: who may, what is done, and at which cost."""

from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from lxml import html

from abdre.tests.authenticator import Authenticator
from auth_svc.tests.factors.ways import add_passkey
from auth_svc.tests.people import Browser, Visitor
from chat_svc.selectors import held_for_staff, messages
from chat_svc.selectors.filtering import current_rules
from chat_svc.services import create_chat, moderation, send_message
from chat_svc.services.moderation import Staff, looking
from chat_svc.writer import writer
from user_svc.selectors import ADMINISTRATORS, MODERATORS
from user_svc.services import appoint

pytestmark = pytest.mark.django_db(transaction=True)

RULE = {"kind": "word", "text": "darn", "action": "hold"}


@pytest.fixture(autouse=True)
def _writer_rests() -> Iterator[None]:
    """Its connection must not outlive the test's rows."""
    yield
    writer.stop()


@pytest.fixture
def staff(browser) -> Callable[[str], Browser]:
    """Somebody of this group, with a second factor."""

    def one(group: str) -> Browser:
        tab: Browser = browser()
        tab.register(f"of.{group.lower()}")
        tab.id = get_user_model().objects.get(username=f"of.{group.lower()}").id
        appoint(user_id=tab.id, group=group)
        assert add_passkey(tab, Authenticator("http://testserver")).status_code == 201
        assert tab.get("/admin/").status_code == 200
        return tab

    return one


@pytest.fixture
def administrator(staff) -> Browser:
    return staff(ADMINISTRATORS)


@pytest.fixture
def moderator(staff) -> Browser:
    return staff(MODERATORS)


def press(tab: Browser, path: str, **fields: object):
    return tab.client.post(path, fields, headers=tab.own_headers(), REMOTE_ADDR=tab.address)


def hold(author: Visitor, administrator: Browser, *texts: str) -> UUID:
    """A chat in which these wait."""
    moderation.add_rule(by=Staff(id=administrator.id), kind="word", text="darn", action="hold")
    chat = create_chat(creator_id=author.id, kind="group", title="Tea").id
    for text in texts:
        send_message(chat_id=chat, sender_id=author.id, client_id=uuid4(), body=text)
    return chat


def said_in(chat: UUID, reader: Visitor) -> list[str]:
    return [message["body"] for message in messages(chat_id=chat, user_id=reader.id)["items"]]


def test_a_rule_is_tried_added_changed_and_taken_off(administrator: Browser):
    tried = press(administrator, "/admin/filter/", **RULE, sample="Darn it", **{"try": "1"})
    assert "Held" in html.fromstring(tried.content.decode()).xpath("string(//section[@aria-labelledby='tried'])")
    assert current_rules() == []

    assert press(administrator, "/admin/filter/", **RULE, add="1").status_code == 302
    [rule] = current_rules()
    path = f"/admin/filter/{rule.id}/"
    assert path in administrator.get("/admin/filter/").content.decode()
    assert press(administrator, path, **{**RULE, "action": "mask"}, guests_only="on", save="1").status_code == 302
    assert [(rule.action, rule.guests_only) for rule in current_rules()] == [("mask", True)]
    assert press(administrator, path, remove="1").status_code == 302
    assert current_rules() == []
    assert administrator.get(path).status_code == 404


def test_a_rule_that_another_administrator_has_just_taken_off_is_gone(
    administrator: Browser, monkeypatch: pytest.MonkeyPatch
):
    press(administrator, "/admin/filter/", **RULE, add="1")
    seen = current_rules()
    path = f"/admin/filter/{seen[0].id}/"
    press(administrator, path, remove="1")
    monkeypatch.setattr("auth_svc.admin.filter.current_rules", lambda: seen)  # it was there when this one looked

    assert press(administrator, path, remove="1").status_code == 302


def test_a_pattern_that_cannot_be_says_why_and_nothing_is_saved(administrator: Browser):
    refused = press(administrator, "/admin/filter/", kind="pattern", text="x*", action="refuse", add="1")

    assert refused.status_code == 422
    assert "matches nothing at all" in refused.content.decode()
    assert current_rules() == []


def test_a_moderator_sets_no_rules(moderator: Browser):
    assert moderator.get("/admin/filter/").status_code == 403
    assert press(moderator, "/admin/filter/", **RULE, add="1").status_code == 403
    assert current_rules() == []
    assert "/admin/filter/" not in moderator.get("/admin/").content.decode()


def test_what_waits_is_let_through_or_not_many_at_once(administrator: Browser, moderator: Browser, ada: Visitor):
    chat = hold(ada, administrator, "darn one", "darn two", "darn three")
    page = html.fromstring(moderator.get("/admin/held/").content.decode())
    first, second, third = page.xpath("//input[@name='held']/@value")

    assert press(moderator, "/admin/held/", deed="approve", held=[first, second]).status_code == 302
    assert press(moderator, "/admin/held/", deed="reject", held=[third]).status_code == 422
    assert press(moderator, "/admin/held/", deed="reject", held=[third], reason="rude").status_code == 302

    assert said_in(chat, ada) == ["darn one", "darn two"]
    assert not held_for_staff().exists()


def test_the_name_of_a_chat_of_which_nothing_was_reported_is_not_shown(
    administrator: Browser, moderator: Browser, ada: Visitor
):
    chat = hold(ada, administrator, "darn")
    assert "Tea" not in moderator.get("/admin/held/").content.decode()

    apps.get_model("chat_svc.Chat").objects.filter(id=chat).update(is_public=True)
    assert "Tea" in moderator.get("/admin/held/").content.decode()


def test_each_look_at_what_waits_is_noted_once_in_ten_minutes(
    administrator: Browser, moderator: Browser, ada: Visitor, monkeypatch: pytest.MonkeyPatch
):
    moderator.get("/admin/held/")
    assert looks(moderator) == []  # there was nothing to read
    chat = hold(ada, administrator, "darn one", "darn two")
    one, two = [str(held.id) for held in held_for_staff()]

    moderator.get("/admin/held/")
    moderator.get("/admin/held/")
    send_message(chat_id=chat, sender_id=ada.id, client_id=uuid4(), body="darn three")
    press(moderator, "/admin/held/", deed="reject", held=[one])  # without a reason it is shown again
    three = str(held_for_staff()[2].id)
    assert looks(moderator) == [{"held": [one, two]}, {"held": [three]}]

    monkeypatch.setattr(looking, "ONE_LOOK", looking.ONE_LOOK * 0)
    moderator.get("/admin/held/")
    assert looks(moderator)[2:] == [{"held": [one, two, three]}]


def looks(person: Browser) -> list[object]:
    noted = apps.get_model("chat_svc.ModerationEntry").objects.filter(deed="looked", actor_id=person.id)
    return [entry.details for entry in noted.order_by("id")]


def test_who_was_too_late_reads_so(administrator: Browser, moderator: Browser, ada: Visitor):
    chat = hold(ada, administrator, "darn")
    [held] = held_for_staff()
    moderation.reject_held_message(by=Staff(id=administrator.id, reason="rude"), held_id=held.id)

    press(moderator, "/admin/held/", deed="approve", held=[str(held.id), "nothing"])

    shown = moderator.get("/admin/held/").content.decode()
    assert "No such message waits" in shown
    assert "0 messages decided on." in shown
    assert said_in(chat, ada) == []


def test_who_is_no_staff_comes_to_neither_page(administrator: Browser, ada: Visitor, browser):
    chat = hold(ada, administrator, "darn")
    [held] = held_for_staff()
    eve = browser()
    eve.register("eve")

    for path in ("/admin/held/", "/admin/filter/"):
        assert eve.get(path).status_code == 403
    assert press(eve, "/admin/held/", deed="approve", held=[str(held.id)]).status_code == 403
    assert said_in(chat, ada) == []


def test_the_queue_costs_the_same_however_long_it_is(administrator: Browser, moderator: Browser, ada: Visitor):
    hold(ada, administrator, "darn 0")
    moderator.get("/admin/held/")
    costs = []
    for texts in (["darn 1"], [f"darn {number}" for number in range(2, 12)]):
        chat = create_chat(creator_id=ada.id, kind="group", title="Other").id
        for text in texts:
            send_message(chat_id=chat, sender_id=ada.id, client_id=uuid4(), body=text)
        with CaptureQueriesContext(connection) as asked:
            assert moderator.get("/admin/held/").status_code == 200
        costs.append(len(asked))

    assert costs[0] == costs[1] <= 12  # with the note of the look
