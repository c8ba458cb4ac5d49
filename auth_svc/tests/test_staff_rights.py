"""Who may do what in the admin: a table of all that one may try there, by whom. A new list or screen needs its row.

What nobody may is here too: change a row, change the log, raise one's own rights, see what opens an account.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.utils import quote
from django.contrib.auth import get_user_model
from django.urls import URLPattern

from abdre.tests.authenticator import Authenticator
from auth_svc.admin import site
from auth_svc.admin.deeds import SCREENS
from auth_svc.tests.factors.ways import add_passkey
from auth_svc.tests.people import Browser, Visitor
from auth_svc.tests.test_deeds import press, staff
from chat_svc.services import create_chat
from chat_svc.services.moderation import Deed, Staff, note
from user_svc.selectors import ADMINISTRATORS, MODERATORS, notices_of, user_by_id

# In this order; who stands later may what who stands before may.
COLUMNS = ("member", "staff without a group", "moderator", "administrator")
MODERATOR, ADMINISTRATOR = 2, 3  # from which column on

LISTS = {
    "user_svc.User": MODERATOR,
    "chat_svc.Chat": MODERATOR,
    "chat_svc.Membership": MODERATOR,
    "chat_svc.Report": MODERATOR,
    "auth_svc.Invitation": MODERATOR,
    "chat_svc.ModerationEntry": MODERATOR,
    "auth_svc.Session": ADMINISTRATOR,
    "auth_svc.ClientError": ADMINISTRATOR,
}
DEEDS = {
    **dict.fromkeys(["warn", "ban", "unban", "end-sessions", "revoke-code", "revoke-codes-of"], MODERATOR),
    **dict.fromkeys(["delete-message", "delete-messages-of", "restore-messages", "silence", "unsilence"], MODERATOR),
    **dict.fromkeys(["remove-member", "ban-from-chat", "unban-from-chat", "close-chat", "reopen-chat"], MODERATOR),
    **dict.fromkeys(["lock-chat", "unlock-chat", "slow-chat"], MODERATOR),
    **dict.fromkeys(["appoint-moderator", "appoint-administrator", "dismiss"], ADMINISTRATOR),
}
# Pages that are neither, by the names of their addresses; what they are about is filled in.
PAGES = {
    # Where the operator lets staff read; else no chat is there for anybody.
    "chat": ("GET", "chats/{chat}/", MODERATOR),
    "chat_file": ("GET", "chats/{chat}/files/{invitation}/", MODERATOR),
    "filter": ("GET", "filter/", ADMINISTRATOR),
    "filter-rule": ("GET", "filter/{invitation}/", ADMINISTRATOR),
    "held": ("GET", "held/", MODERATOR),
    "chat_svc_report_deed": ("POST", "chat_svc/report/deeds/", MODERATOR),
    "chat_svc_report_file": ("GET", "chat_svc/report/{report}/files/{invitation}/", MODERATOR),
    "chat_svc_moderationentry_export": ("POST", "chat_svc/moderationentry/export/", ADMINISTRATOR),
}
# Django's own beside these: nothing of them is about anything.
OTHERS = {"index", "deed", "logout", "jsi18n", "autocomplete", "view_on_site", "app_list"}
OF_A_LIST = ("changelist", "add", "delete", "change")


@pytest.fixture
def bob(visitor: Callable[[], Visitor]) -> Visitor:
    """The one it is done to."""
    bob = visitor()
    return bob.signed_in_by(bob.register("bob"))


@pytest.fixture
def person(request: pytest.FixtureRequest, browser: Callable[[], Browser]) -> Browser:
    column = COLUMNS.index(request.param)
    tab = browser()
    if column >= MODERATOR:
        return staff(tab, "mira", ADMINISTRATORS if column == ADMINISTRATOR else MODERATORS)
    tab.register("mira")
    tab.id = get_user_model().objects.get(username="mira").id
    add_passkey(tab, Authenticator("http://testserver"))
    get_user_model().objects.filter(id=tab.id).update(is_staff=column > 0)
    return tab


@pytest.fixture
def town(bob: Visitor) -> dict[str, Any]:
    """One of each that is listed or asked about; the chat is one that everybody may find."""
    chat = create_chat(creator_id=bob.id, kind="group", title="Tea")
    apps.get_model("chat_svc.Chat").objects.filter(id=chat.id).update(is_public=True)
    code = bob.post("/api/auth/invitations", {"chat": str(chat.id)}).json()
    token = bob.post("/api/auth/tokens", {"name": "CI"}).json()["token"]
    facts = {"target_kind": "person", "target_id": bob.id, "reporter_id": bob.id, "reason": "spam"}
    report = apps.get_model("chat_svc.Report").objects.create(**facts)
    apps.get_model("auth_svc.ClientError").objects.create(fingerprint="f", message="Error")
    about = {"person": bob.id, "chat": chat.id, "seq": 1, "invitation": code["id"]}
    note(Staff(id=bob.id), Deed.LOOKED, person_id=bob.id)
    about["report"] = report.id
    return {"about": about, "secrets": [code["token"], code["url"], token, bob.token]}


def named_addresses(found: list[Any]) -> Iterator[str]:
    for one in found:
        if not isinstance(one, URLPattern):
            yield from named_addresses(one.url_patterns)
        elif one.name:  # Django's ways home have none
            yield str(one.name)


def lists() -> Iterator[tuple[str, str]]:
    for model in site._registry:
        yield model._meta.label, f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def a_row(label: str, town: dict[str, Any]) -> str:
    rows = apps.get_model(label).objects
    found = rows.filter(pk=town["about"]["person"]).first() if label == "user_svc.User" else rows.first()
    assert found, label
    return quote(found.pk)


def allowed(status: int) -> bool:
    """403 is the refusal; what is asked for, or is not there for what was asked about, stands behind it."""
    assert status in (200, 302, 403, 404, 405, 422), status
    return status != 403


def may(column: int, first: int) -> bool:
    return column >= first


def test_every_list_every_screen_and_every_address_has_its_row():
    assert {label for label, _path in lists()} == LISTS.keys()
    assert SCREENS.keys() == DEEDS.keys()
    models = [f"{model._meta.app_label}_{model._meta.model_name}" for model in site._registry]
    assert {*named_addresses(site.get_urls())} == {
        *OTHERS,
        *PAGES,
        *(f"{model}_{page}" for model in models for page in OF_A_LIST),
    }


@pytest.mark.parametrize("person", COLUMNS, indirect=True)
def test_who_sees_which_lists_and_rows(request: pytest.FixtureRequest, person: Browser, town: dict[str, Any]):
    column = COLUMNS.index(request.node.callspec.params["person"])

    seen = {label: person.get(path).status_code == 200 for label, path in lists()}
    opened = {label: person.get(f"{path}{a_row(label, town)}/change/").status_code == 200 for label, path in lists()}

    assert seen == {label: may(column, first) for label, first in LISTS.items()}
    assert opened == seen
    assert (person.get("/admin/").status_code == 200) is (column > 0)


@pytest.mark.parametrize("person", COLUMNS, indirect=True)
def test_who_opens_which_other_pages(request: pytest.FixtureRequest, person: Browser, town: dict[str, Any]):
    column = COLUMNS.index(request.node.callspec.params["person"])

    opened = {
        name: allowed(person.ask(method, f"/admin/{path.format(**town['about'])}").status_code)
        for name, (method, path, _first) in PAGES.items()
    }

    assert opened == {name: may(column, first) for name, (_method, _path, first) in PAGES.items()}
    assert person.get(f"/admin/chats/{town['about']['chat']}/").status_code != 200


@pytest.mark.parametrize("person", COLUMNS, indirect=True)
def test_nobody_changes_a_row(person: Browser, town: dict[str, Any], bob: Visitor):
    before = user_by_id(bob.id)

    for label, path in lists():
        row = f"{path}{a_row(label, town)}/"
        fields = {"is_staff": "on", "is_superuser": "on", "username": "eve", "state": "resolved", "_save": "1"}
        wishes = [(f"{path}add/", fields), (f"{row}change/", fields), (f"{row}delete/", {"post": "yes"})]
        refused = [
            person.client.post(way, sent, headers=person.own_headers(), REMOTE_ADDR=person.address).status_code
            for way, sent in wishes
        ]
        assert set(refused) <= {403, 405}, label
        listed = {"action": "delete_selected", "_selected_action": [a_row(label, town)], "post": "yes"}
        person.client.post(path, listed, headers=person.own_headers(), REMOTE_ADDR=person.address)
        assert a_row(label, town)

    after = user_by_id(bob.id)
    assert (after.username, after.is_staff, after.is_superuser) == (before.username, False, False)


@pytest.mark.parametrize("person", COLUMNS, indirect=True)
def test_who_may_do_which_deeds(request: pytest.FixtureRequest, person: Browser, town: dict[str, Any], bob: Visitor):
    column = COLUMNS.index(request.node.callspec.params["person"])
    query = "&".join(f"{name}={value}" for name, value in town["about"].items())

    shown = {name: allowed(person.get(f"/admin/deeds/{name}/?{query}").status_code) for name in DEEDS}
    # With a reason where it must be refused, without one where it would be done.
    reasons = {name: "" if may(column, first) else "because" for name, first in DEEDS.items()}
    pressed = {name: allowed(press(person, name, **town["about"], reason=reasons[name]).status_code) for name in DEEDS}

    assert shown == pressed == {name: may(column, first) for name, first in DEEDS.items()}
    assert not apps.get_model("chat_svc.ModerationEntry").objects.filter(deed__startswith="person.").exists()
    assert not notices_of(bob.id)


@pytest.mark.parametrize("person", COLUMNS, indirect=True)
def test_nobody_raises_their_own_rights(person: Browser, db: None):
    def standing() -> tuple[Any, ...]:
        me = user_by_id(person.id)
        return me.is_staff, me.is_superuser, sorted(me.get_all_permissions())

    before = standing()

    for name in ("appoint-moderator", "appoint-administrator", "dismiss"):
        assert press(person, name, person=person.id, reason="me").status_code in (403, 422)
    fields = {"is_staff": "on", "is_superuser": "on", "groups": "1"}
    path = f"/admin/user_svc/user/{person.id}/change/"
    person.client.post(path, fields, headers=person.own_headers(), REMOTE_ADDR=person.address)

    assert standing() == before


def test_a_moderator_does_not_open_a_private_chat_that_nobody_reported(browser: Callable[[], Browser], bob: Visitor):
    chat = create_chat(creator_id=bob.id, kind="group", title="Private")
    code = bob.post("/api/auth/invitations", {"chat": str(chat.id)}).json()["id"]
    membership = apps.get_model("chat_svc.Membership").objects.get(chat=chat)
    pages = [
        *(f"chat_svc/chat/{chat.id}", f"chat_svc/membership/{membership.pk}", f"auth_svc/invitation/{code}"),
    ]
    moderator, administrator = staff(browser(), "mira", MODERATORS), staff(browser(), "alma", ADMINISTRATORS)

    assert [moderator.get(f"/admin/{page}/change/").status_code for page in pages] == [302] * 3
    assert [administrator.get(f"/admin/{page}/change/").status_code for page in pages] == [200] * 3


SECRET = re.compile(r"password|token|hash|nonce|secret|session_key|session_data|^data$|^key$")
SHORTEST = 12  # less is a number, or a word


def written_as(value: object) -> Iterator[str]:
    if isinstance(value, bytes | memoryview):
        raw = bytes(value)
        yield from (raw.hex(), base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode(), repr(raw)[2:-1])
    elif isinstance(value, dict):
        for part in value.values():
            yield from written_as(part)
    elif isinstance(value, str) and len(value) >= SHORTEST:
        yield value


def kept_secrets() -> dict[str, set[str]]:
    """What the database holds and no page may: by field, each in the ways in which it may be written."""
    found: dict[str, set[str]] = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if SECRET.search(field.name) and not field.is_relation:
                values = model._base_manager.values_list(field.name, flat=True)
                found[f"{model._meta.label}.{field.name}"] = {said for one in values for said in written_as(one)}
    return found


def every_page(town: dict[str, Any]) -> Iterator[str]:
    query = "&".join(f"{name}={value}" for name, value in town["about"].items())
    yield "/admin/"
    for label, path in lists():
        yield path
        yield f"{path}?q=bob"
        for row in apps.get_model(label).objects.all():
            yield f"{path}{quote(row.pk)}/change/"
    for name in SCREENS:
        yield f"/admin/deeds/{name}/?{query}"


def test_no_page_shows_what_opens_an_account(browser: Callable[[], Browser], town: dict[str, Any], bob: Visitor):
    admin = staff(browser(), "alma", ADMINISTRATORS)
    assert press(admin, "warn", person=bob.id, reason="Rude").status_code == 302
    secrets = kept_secrets()
    for field in ("user_svc.User.password", "auth_svc.RefreshToken.token_hash", "auth_svc.PersonalToken.token_hash"):
        assert secrets[field], field
    for field in ("auth_svc.Invitation.nonce", "auth_svc.Invitation.token_hash", "mfa.Authenticator.data"):
        assert secrets[field], field
    assert secrets["sessions.Session.session_key"]

    pages = {path: admin.get(path) for path in every_page(town)}

    assert {path: page.status_code for path, page in pages.items() if page.status_code not in (200, 404)} == {}
    said = {path: page.content.decode() for path, page in pages.items()}
    assert any("bob" in page for page in said.values())
    secrets["in the open"] = {*town["secrets"], admin.access, admin.secret}
    shown = [(path, field) for path, page in said.items() for field, kept in secrets.items() if any_of(kept, page)]
    assert shown == []


def any_of(words: set[str], page: str) -> bool:
    return any(word in page for word in words)
