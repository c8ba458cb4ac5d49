"""What staff lets somebody know: theirs alone, until they have read it and after."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils.module_loading import import_string

from abdre.tests.signing import bearer
from user_svc import selectors
from user_svc.events import notice_created, notice_seen
from user_svc.services import NoticeKind, tell_staff_notice
from user_svc.services.notices import old_staff_notices

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

    from user_svc.models import StaffNotice, User

NOTICES = "/api/users/me/notices"


def ask(person: User, method: str, path: str) -> Response:
    return Client().generic(method, path, b"{}", content_type="application/json", headers=bearer(person.id))


def warned(person: User, reason: str = "Rude", **about: Any) -> StaffNotice:
    return tell_staff_notice(user_id=person.id, kind=NoticeKind.WARNED, reason=reason, **about)


@pytest.fixture
def tea(bob: User) -> UUID:
    chat_id: UUID = import_string("chat_svc.services.create_chat")(creator_id=bob.id, kind="group", title="Tea").id
    return chat_id


def test_a_notice_is_told_and_listed_and_stands_on_the_card_until_it_is_read(ada: User, told: list[Any], tea: UUID):
    told.clear()
    notice = warned(ada, chat_id=tea)
    [listed] = ask(ada, "GET", NOTICES).json()["items"]

    assert (listed["kind"], listed["reason"], listed["chat"], listed["chat_title"], listed["seen_at"]) == (
        *("warned", "Rude", str(tea), "Tea"),
        None,
    )
    assert told == [(f"user.{ada.id}", {"type": "notice.created", "notice": listed})]
    assert ask(ada, "GET", "/api/users/me").json()["notices"] == [listed]

    told.clear()
    read = [ask(ada, "POST", f"{NOTICES}/{notice.id}/seen").status_code for _ in range(2)]

    assert read == [204, 204]
    assert told == [(f"user.{ada.id}", {"type": "notice.seen", "notice": notice.id})]
    assert ask(ada, "GET", "/api/users/me").json()["notices"] == []
    assert ask(ada, "GET", NOTICES).json()["items"][0]["seen_at"]


def test_nobody_else_reads_it_or_says_that_it_was_read(ada: User, guest: User, told: list[Any]):
    notice = warned(ada)
    told.clear()

    refused = ask(guest, "POST", f"{NOTICES}/{notice.id}/seen")

    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "notice_not_found")
    assert ask(guest, "GET", NOTICES).json()["items"] == []
    assert Client().get(NOTICES).status_code == 401
    assert selectors.unseen_notices(ada.id)
    assert not told


def test_the_newest_come_first_and_few_stand_on_the_card(ada: User):
    for number in range(5):
        warned(ada, str(number))

    assert [item["reason"] for item in ask(ada, "GET", NOTICES).json()["items"]] == ["4", "3", "2", "1", "0"]
    assert [item["reason"] for item in selectors.unseen_notices(ada.id)] == ["4", "3", "2"]


def test_a_chat_is_named_as_it_was_and_not_at_all_once_it_is_erased(ada: User, bob: User, tea: UUID):
    warned(ada, chat_id=tea)
    import_string("chat_svc.services.change_chat")(chat_id=tea, actor_id=bob.id, facts={"title": "Secret"})
    warned(ada, chat_id=uuid4())
    assert [item["chat_title"] for item in selectors.recent_notices(ada.id)] == ["", "Tea"]

    import_string("user_svc.services.forget_title_of_chat")(tea)

    assert [item["chat_title"] for item in selectors.recent_notices(ada.id)] == ["", ""]


def test_old_ones_that_were_seen_are_found_by_their_index(db: None):
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        assert "notice_seen" in old_staff_notices().order_by().explain()  # as they are deleted


def test_the_card_that_is_kept_is_forgotten(ada: User, monkeypatch: pytest.MonkeyPatch):
    forgotten: list[str] = []
    monkeypatch.setattr("user_svc.services.notices.forget_changed", forgotten.append)

    notice = warned(ada)
    ask(ada, "POST", f"{NOTICES}/{notice.id}/seen")

    assert forgotten == [f"cache:own-card:{ada.id}"] * 2


def test_the_cards_that_name_an_erased_chat_are_forgotten(
    ada: User, bob: User, tea: UUID, monkeypatch: pytest.MonkeyPatch
):
    warned(ada, chat_id=tea)
    warned(ada, chat_id=tea)
    seen = warned(bob, chat_id=tea)
    ask(bob, "POST", f"{NOTICES}/{seen.id}/seen")
    forgotten: list[str] = []
    monkeypatch.setattr("user_svc.services.notices.forget_changed", forgotten.append)

    import_string("user_svc.services.forget_title_of_chat")(tea)

    assert forgotten == [f"cache:own-card:{ada.id}"]


def test_they_are_taken_along_and_go_with_the_account(ada: User):
    warned(ada)
    profile: Any = selectors.own_profile(ada.id)
    assert [item["reason"] for item in profile["notices"]] == ["Rude"]
    json.dumps(profile)

    import_string("user_svc.services.anonymise")(user_id=ada.id)

    assert not selectors.notices_of(ada.id)


def test_events_have_every_key(ada: User):
    keys = {"id", "kind", "reason", "chat", "chat_title", "until", "created_at", "seen_at"}

    assert notice_created(warned(ada))["notice"].keys() == keys
    assert notice_seen(7) == {"type": "notice.seen", "notice": 7}
