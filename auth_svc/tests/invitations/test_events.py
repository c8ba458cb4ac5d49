"""What the host hears, key by key, and who else hears it: nobody."""

from uuid import UUID

import pytest

from abdre.wire import utc
from auth_svc.services import expire_invitations
from auth_svc.tests.invitations.codes import (
    INVITATIONS,
    Code,
    Told,
    accept,
    events_for,
    invite,
    let_expire,
    path_of,
    row,
    types,
)
from auth_svc.tests.people import Visitor

KEYS = {"type", "invitation", "chat", "status", "uses", "max_uses"}


def show(who: Visitor, code: Code, deed: str):
    return who.post(f"{INVITATIONS}/{deed}", {"token": code["token"]})


class TestShapes:
    def test_opened_declined_and_revoked_say_where_the_code_stands(
        self, ada: Visitor, somebody: Visitor, code: Code, told: Told
    ):
        show(somebody, code, "opened")
        show(somebody, code, "decline")
        ada.delete(path_of(code))

        heard = events_for(ada, told)
        assert [set(event) for event in heard] == [KEYS] * 3
        assert [(event["type"], event["status"]) for event in heard] == [
            ("invitation.opened", "opened"),
            ("invitation.declined", "declined"),
            ("invitation.revoked", "revoked"),
        ]
        for event in heard:
            assert (event["invitation"], event["chat"]) == (code["id"], code["chat"])
            assert (event["uses"], event["max_uses"]) == (0, 1)

    def test_joined_also_says_who(self, ada: Visitor, somebody: Visitor, chat: UUID, told: Told):
        code = invite(ada, chat, max_uses=2)

        user = accept(somebody, code, "Айгүл <b>").json()["user"]

        assert events_for(ada, told) == [
            {
                "type": "invitation.joined",
                "invitation": code["id"],
                "chat": str(chat),
                "status": "joined",
                "uses": 1,
                "max_uses": 2,
                "user": {"id": user["id"], "display_name": "Айгүл <b>", "is_guest": True, "picture": None},
            }
        ]

    def test_the_last_use_says_that_it_was_the_last(self, ada: Visitor, somebody: Visitor, code: Code, told: Told):
        accept(somebody, code)

        (event,) = events_for(ada, told)
        assert (event["status"], event["uses"], event["max_uses"]) == ("used_up", 1, 1)

    def test_no_event_holds_the_token_and_only_the_host_hears_of_codes(
        self, ada: Visitor, somebody: Visitor, code: Code, told: Told
    ):
        show(somebody, code, "opened")
        accept(somebody, code)
        ada.delete(path_of(code))

        about_codes = [(group, event) for group, event in told if event["type"].startswith("invitation.")]
        assert {group for group, _event in about_codes} == {f"user.{ada.id}"}
        assert code["token"] not in repr(about_codes)


class TestOpening:
    def test_the_host_hears_of_the_first_opening_only(self, ada: Visitor, visitor, code: Code, told: Told):
        assert [show(visitor(), code, "opened").status_code for _ in range(3)] == [204] * 3

        assert types(events_for(ada, told)) == ["opened"]
        assert ada.get(path_of(code)).json()["opened_at"] == utc(row(code).opened_at)

    @pytest.mark.parametrize("deed", ["opened", "decline"])
    def test_the_host_and_people_who_are_in_already_are_no_news(
        self, ada: Visitor, bob: Visitor, code: Code, told: Told, deed: str
    ):
        assert show(ada, code, deed).status_code == 204
        assert show(bob, code, deed).status_code == 204

        assert events_for(ada, told) == []
        assert row(code).status(row(code).created_at) == "created"

    @pytest.mark.parametrize("deed", ["opened", "decline"])
    def test_of_a_dead_code_nobody_is_told(self, ada: Visitor, somebody: Visitor, code: Code, told: Told, deed: str):
        ada.delete(path_of(code))
        told.clear()

        assert show(somebody, code, deed).status_code == 204

        assert told == []

    @pytest.mark.parametrize("deed", ["opened", "decline"])
    def test_a_host_is_not_flooded(
        self, ada: Visitor, somebody: Visitor, visitor, code: Code, monkeypatch: pytest.MonkeyPatch, deed: str
    ):
        for limit in ("OPENED_LIMIT_PER_MINUTE", "DECLINED_LIMIT_PER_MINUTE"):
            monkeypatch.setattr(f"auth_svc.services.invitations.{limit}", 2)

        statuses = [show(somebody, code, deed).status_code for _ in range(3)]

        assert statuses == [204, 204, 429]
        assert show(visitor(), code, deed).status_code == 204

    def test_each_decline_is_told_and_counted(self, ada: Visitor, visitor, code: Code, told: Told):
        show(visitor(), code, "decline")
        show(visitor(), code, "decline")

        assert types(events_for(ada, told)) == ["declined", "declined"]
        assert ada.get(path_of(code)).json()["declined"] == 2


class TestExpiring:
    @pytest.fixture
    def clock(self, django_capture_on_commit_callbacks):
        def tick() -> None:
            with django_capture_on_commit_callbacks(execute=True):
                expire_invitations()

        return tick

    def test_the_host_hears_once_that_a_code_ran_out(self, ada: Visitor, code: Code, told: Told, clock):
        clock()
        assert events_for(ada, told) == []

        let_expire(code)
        clock()
        clock()

        (event,) = events_for(ada, told)
        assert (event["type"], event["status"], set(event)) == ("invitation.expired", "expired", KEYS)

    def test_a_code_that_was_dead_before_is_not_reported_again(
        self, ada: Visitor, somebody: Visitor, chat: UUID, told: Told, clock
    ):
        revoked, used_up, lasting = invite(ada, chat), invite(ada, chat), invite(ada, chat, ttl_s=None)
        ada.delete(path_of(revoked))
        accept(somebody, used_up)
        told.clear()

        let_expire(revoked)
        let_expire(used_up)
        clock()

        assert told == []
        assert row(lasting).expiry_told_at is None
