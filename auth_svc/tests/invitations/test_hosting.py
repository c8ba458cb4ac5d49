"""The host's side: codes are made, looked at, renewed and taken back, by nobody but their host."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings

from auth_svc.models import Invitation
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
from auth_svc.tests.people import Visitor, assert_refused
from chat_svc.selectors import active_members
from chat_svc.services import change_role, close_chat, create_chat, leave_chat, remove_member

FRESH_KEYS = {
    "id",
    "chat",
    "url",
    "token",
    "label",
    "guests",
    "approval",
    "rotating",
    "has_password",
    "created_at",
    "expires_at",
    "ttl_s",
    "max_uses",
    "uses",
    "declined",
    "opens",
    "waiting",
    "opened_at",
    "status",
    "qr_svg",
    "qr_png",
    "rotates_at",
}
SHOWN_ALONE = {"people", "knocks", "first_joined_at", "last_joined_at"}


class TestMaking:
    def test_a_code_lasts_a_quarter_of_an_hour_and_opens_for_one_unless_said_otherwise(self, ada: Visitor, chat: UUID):
        code = invite(ada, chat)

        assert set(code) == FRESH_KEYS
        assert (code["chat"], code["max_uses"], code["uses"], code["guests"]) == (str(chat), 1, 0, True)
        assert (code["ttl_s"], code["label"], code["status"]) == (900, "", "created")
        left = datetime.fromisoformat(code["expires_at"]) - timezone.now()
        assert timedelta(minutes=14) < left <= timedelta(minutes=15)

    def test_its_address_holds_192_random_bits_and_the_table_holds_none_of_them(self, ada: Visitor, chat: UUID):
        first, second = invite(ada, chat), invite(ada, chat)

        assert first["url"].endswith(f"/join/{first['token']}")
        assert len(first["token"]) == 32
        assert first["token"] != second["token"]
        stored = Invitation.objects.filter(id=first["id"]).values_list().get()
        assert first["token"] not in repr(stored)

    def test_the_operators_origin_wins_over_the_address_of_the_request(
        self, ada: Visitor, chat: UUID, settings: Settings
    ):
        settings.PUBLIC_ORIGIN = "https://chat.example.org"
        assert invite(ada, chat)["url"].startswith("https://chat.example.org/join/")

        settings.PUBLIC_ORIGIN = ""
        assert invite(ada, chat)["url"].startswith("http://testserver/join/")

    @pytest.mark.parametrize(
        "options",
        [
            {"ttl_s": 60, "max_uses": 1000, "guests": False, "label": "table 4"},
            {"ttl_s": 7 * 24 * 3600, "max_uses": 5, "guests": True, "label": "Үстел №4 🪑 <b>"},
            {"ttl_s": None, "max_uses": None, "guests": True, "label": "x" * 60},
            {"ttl_s": 900, "approval": True, "rotating": True},
        ],
    )
    def test_every_option_is_kept_as_given(self, ada: Visitor, chat: UUID, options: dict[str, object]):
        code = invite(ada, chat, **options)

        assert {name: code[name] for name in options} == options
        assert (code["expires_at"] is None) == (options["ttl_s"] is None)

    @pytest.mark.parametrize(
        ("options", "field"),
        [
            ({"ttl_s": 59}, "ttl_s"),
            ({"ttl_s": 7 * 24 * 3600 + 1}, "ttl_s"),
            ({"ttl_s": "900"}, "ttl_s"),
            ({"ttl_s": True}, "ttl_s"),
            ({"max_uses": 0}, "max_uses"),
            ({"max_uses": 1001}, "max_uses"),
            ({"max_uses": 1.5}, "max_uses"),
            ({"guests": "perhaps"}, "guests"),
            ({"guests": None}, "guests"),
            ({"label": "x" * 61}, "label"),
            ({"label": "a\0b"}, "label"),
            ({"label": 7}, "label"),
            ({"chat": "no id"}, "chat"),
            ({"chat": None}, "chat"),
            ({"approval": "perhaps"}, "approval"),
            ({"rotating": None}, "rotating"),
            ({"password": "abc"}, "password"),
            ({"password": "x" * 129}, "password"),
            ({"password": 1234}, "password"),
            ({"knock": True}, "knock"),
        ],
    )
    def test_what_cannot_be_is_refused_by_its_field(
        self, ada: Visitor, chat: UUID, options: dict[str, object], field: str
    ):
        response = ada.post(INVITATIONS, {"chat": str(chat), **options})

        assert_refused(response, 422, "invalid")
        assert set(response.json()["error"]["fields"]) == {field}
        assert not Invitation.objects.exists()

    def test_every_member_may_invite(self, bob: Visitor, chat: UUID):
        assert invite(bob, chat)["chat"] == str(chat)

    def test_a_guest_may_invite_to_the_chat_it_hosts_itself(self, guest: Visitor):
        hosted = create_chat(creator_id=guest.id, kind="temporary", title="Picnic")

        assert invite(guest, hosted.id)["chat"] == str(hosted.id)

    def test_a_guest_may_not_invite_to_a_chat_it_was_invited_to(self, guest: Visitor, code: Code, chat: UUID):
        assert accept(guest, code).status_code == 200

        assert_refused(guest.post(INVITATIONS, {"chat": str(chat)}), 403, "not_allowed")

    @pytest.mark.parametrize("is_there", [True, False])
    def test_a_stranger_learns_nothing_of_the_chat_and_nobody_is_told(
        self, eve: Visitor, chat: UUID, told: Told, is_there: bool
    ):
        response = eve.post(INVITATIONS, {"chat": str(chat if is_there else uuid4())})

        assert_refused(response, 404, "chat_not_found")
        assert not Invitation.objects.exists()
        assert told == []

    def test_nobody_invites_to_a_chat_that_is_over(self, ada: Visitor, chat: UUID):
        close_chat(chat_id=chat, actor_id=ada.id)

        assert_refused(ada.post(INVITATIONS, {"chat": str(chat)}), 410, "chat_over")

    def test_nobody_invites_without_saying_who_they_are(self, somebody: Visitor, chat: UUID):
        assert_refused(somebody.post(INVITATIONS, {"chat": str(chat)}), 401, "not_signed_in")

    def test_codes_are_not_made_by_the_thousand(self, ada: Visitor, chat: UUID, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("auth_svc.services.invitations.CREATE_LIMIT_PER_MINUTE", 1)
        invite(ada, chat)

        response = ada.post(INVITATIONS, {"chat": str(chat)})

        assert_refused(response, 429, "too_many")
        assert int(response["Retry-After"]) > 0


class TestLooking:
    def test_the_host_sees_where_the_code_stands_and_never_the_token_again(self, ada: Visitor, code: Code):
        answer = ada.get(path_of(code))

        assert set(answer.json()) == FRESH_KEYS - {"url", "token", "rotates_at"} | SHOWN_ALONE
        assert answer.json()["people"] == []
        assert code["token"] not in answer.content.decode()

    def test_the_host_sees_who_came_by_it_and_who_is_still_in(self, ada: Visitor, visitor, chat: UUID):
        code = invite(ada, chat, max_uses=5)
        айгүл = accept(visitor(), code, "Айгүл").json()["user"]
        عمر = accept(visitor(), code, "عمر").json()["user"]
        leave_chat(chat_id=chat, user_id=UUID(عمر["id"]))

        people = ada.get(path_of(code)).json()["people"]

        assert [set(person) for person in people] == [{"user", "joined_at", "active"}] * 2
        assert [(person["user"], person["active"]) for person in people] == [(айгүл, True), (عمر, False)]

    def test_the_list_holds_the_own_codes_of_a_chat_newest_first(self, ada: Visitor, bob: Visitor, chat: UUID):
        old, new = invite(ada, chat), invite(ada, chat)
        invite(bob, chat)
        elsewhere = create_chat(creator_id=ada.id, kind="group", title="Elsewhere")
        invite(ada, elsewhere.id)

        listed = ada.get(f"{INVITATIONS}?chat={chat}")

        assert [code["id"] for code in listed.json()["items"]] == [new["id"], old["id"]]
        assert new["token"] not in listed.content.decode()
        assert len(ada.get(INVITATIONS).json()["items"]) == 3

    def test_a_list_of_a_strange_chat_is_empty_for_a_stranger_and_of_no_chat_refused(
        self, eve: Visitor, code: Code, chat: UUID
    ):
        assert eve.get(f"{INVITATIONS}?chat={chat}").json() == {"items": []}
        assert_refused(eve.get(f"{INVITATIONS}?chat=none"), 422, "invalid")


class TestRevoking:
    def test_a_revoked_code_lets_nobody_in_and_the_host_hears_of_it_once(
        self, ada: Visitor, somebody: Visitor, code: Code, told: Told
    ):
        answers = [ada.delete(path_of(code)) for _ in range(2)]

        assert [answer.status_code for answer in answers] == [204, 204]
        assert types(events_for(ada, told)) == ["revoked"]
        assert ada.get(path_of(code)).json()["status"] == "revoked"
        assert_refused(accept(somebody, code), 410, "invitation_revoked")

    def test_who_came_by_it_stays(self, ada: Visitor, guest: Visitor, code: Code, chat: UUID):
        accept(guest, code)

        ada.delete(path_of(code))

        assert guest.id in active_members([chat])[chat]

    def test_evicting_takes_everybody_out_who_came_by_it_and_nobody_else(
        self, ada: Visitor, bob: Visitor, guest: Visitor, eve: Visitor, visitor, chat: UUID
    ):
        code, other = invite(ada, chat, max_uses=None), invite(ada, chat)
        accept(guest, code)
        accept(eve, code)
        stays = accept(visitor(), other, "Kim").json()["user"]["id"]

        assert ada.delete(path_of(code, "?evict=true")).status_code == 204

        assert active_members([chat])[chat] == {ada.id, bob.id, UUID(stays)}
        assert [person["active"] for person in ada.get(path_of(code)).json()["people"]] == [False, False]

    def test_a_code_taken_back_before_can_still_evict(self, ada: Visitor, guest: Visitor, code: Code, chat: UUID):
        accept(guest, code)
        ada.delete(path_of(code))

        assert ada.delete(path_of(code, "?evict=true")).status_code == 204

        assert guest.id not in active_members([chat])[chat]

    def test_a_members_code_puts_out_nobody_who_stands_above_the_member(
        self, ada: Visitor, bob: Visitor, eve: Visitor, chat: UUID
    ):
        code = invite(bob, chat)
        accept(eve, code)
        change_role(chat_id=chat, actor_id=ada.id, user_id=eve.id, role="admin")

        assert bob.delete(path_of(code, "?evict=true")).status_code == 204

        assert eve.id in active_members([chat])[chat]

    def test_who_was_removed_from_the_chat_empties_it_no_more(
        self, ada: Visitor, bob: Visitor, guest: Visitor, chat: UUID
    ):
        code = invite(bob, chat)
        accept(guest, code)
        remove_member(chat_id=chat, actor_id=ada.id, user_id=bob.id)

        assert_refused(bob.delete(path_of(code, "?evict=true")), 404, "chat_not_found")

        assert guest.id in active_members([chat])[chat]

    def test_evict_is_true_or_false(self, ada: Visitor, code: Code):
        assert_refused(ada.delete(path_of(code, "?evict=maybe")), 422, "invalid")
        assert row(code).revoked_at is None


def test_a_host_who_was_removed_from_the_chat_watches_it_no_more(
    ada: Visitor, bob: Visitor, somebody: Visitor, chat: UUID
):
    code = invite(bob, chat)
    accept(somebody, code)
    assert len(bob.get(path_of(code)).json()["people"]) == 1

    remove_member(chat_id=chat, actor_id=ada.id, user_id=bob.id)

    assert bob.get(path_of(code)).json()["people"] == []


class TestRenewing:
    def test_a_fresh_code_has_the_same_options_and_the_old_one_is_dead(
        self, ada: Visitor, somebody: Visitor, chat: UUID, told: Told
    ):
        options = {"ttl_s": 3600, "max_uses": 5, "guests": True, "label": "table 4", "approval": False}
        old = invite(ada, chat, **options)

        response = ada.post(path_of(old, "/renew"))

        fresh = response.json()
        assert response.status_code == 201
        assert set(fresh) == FRESH_KEYS
        assert {name: fresh[name] for name in options} == options
        assert fresh["token"] != old["token"]
        assert types(events_for(ada, told)) == ["revoked"]
        assert_refused(accept(somebody, old), 410, "invitation_revoked")
        assert accept(somebody, fresh).status_code == 200

    def test_an_expired_code_can_be_renewed(self, ada: Visitor, somebody: Visitor, code: Code):
        let_expire(code)

        fresh = ada.post(path_of(code, "/renew")).json()

        assert accept(somebody, fresh).status_code == 200

    def test_a_code_that_was_taken_back_can_be_renewed(self, ada: Visitor, somebody: Visitor, code: Code):
        ada.delete(path_of(code))

        fresh = ada.post(path_of(code, "/renew")).json()

        assert accept(somebody, fresh).status_code == 200

    def test_renewing_twice_gives_the_same_fresh_code_while_it_lives(self, ada: Visitor, code: Code):
        first, again = (ada.post(path_of(code, "/renew")).json() for _ in range(2))
        assert (again["id"], again["token"]) == (first["id"], first["token"])

        ada.delete(path_of(first))

        assert ada.post(path_of(code, "/renew")).json()["id"] != first["id"]

    def test_who_may_no_longer_invite_keeps_the_old_code_as_it_was(
        self, ada: Visitor, bob: Visitor, chat: UUID, told: Told
    ):
        code = invite(bob, chat)
        remove_member(chat_id=chat, actor_id=ada.id, user_id=bob.id)

        assert_refused(bob.post(path_of(code, "/renew")), 404, "chat_not_found")

        assert row(code).revoked_at is None
        assert events_for(bob, told) == []


STRANGE_DEEDS = [
    ("GET", ""),
    ("DELETE", ""),
    ("DELETE", "?evict=true"),
    ("POST", "/renew"),
    ("GET", "/link"),
    ("GET", "/qr.svg"),
    ("GET", "/qr.png"),
]


class TestStrangers:
    @pytest.mark.parametrize(("method", "rest"), STRANGE_DEEDS)
    def test_neither_a_stranger_nor_a_member_touches_another_persons_code_and_nobody_is_told(
        self, bob: Visitor, eve: Visitor, guest: Visitor, code: Code, chat: UUID, told: Told, method: str, rest: str
    ):
        accept(guest, code)
        told.clear()

        for who in (eve, bob, guest):
            assert_refused(who.ask(method, path_of(code, rest)), 404, "invitation_unknown")

        assert told == []
        assert row(code).revoked_at is None
        assert guest.id in active_members([chat])[chat]

    @pytest.mark.parametrize(("method", "rest"), STRANGE_DEEDS)
    def test_another_persons_code_looks_like_none_at_all(self, eve: Visitor, code: Code, method: str, rest: str):
        of_ada = eve.ask(method, path_of(code, rest))
        of_nobody = eve.ask(method, path_of({"id": str(uuid4())}, rest))

        assert of_ada.content == of_nobody.content

    @pytest.mark.parametrize(("method", "rest"), STRANGE_DEEDS)
    def test_who_is_not_signed_in_is_asked_to(self, somebody: Visitor, code: Code, method: str, rest: str):
        assert_refused(somebody.ask(method, path_of(code, rest)), 401, "not_signed_in")

    @pytest.mark.parametrize(("method", "path"), [("PUT", INVITATIONS), ("GET", f"{INVITATIONS}/accept")])
    def test_other_methods_are_refused(self, ada: Visitor, method: str, path: str):
        assert_refused(ada.ask(method, path), 405, "method_not_allowed")
