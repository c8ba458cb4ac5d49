"""Coming in by a code: as a new guest, as somebody signed in, again, and not at all."""

import logging
from uuid import UUID

import pytest
from django.contrib.auth import get_user_model
from pytest_django import DjangoAssertNumQueries

from abdre.tokens import ACCESS_COOKIE, REFRESH_COOKIE
from auth_svc.models import InvitationUse, Session
from auth_svc.services.claims import accept_as_person
from auth_svc.services.invitations import Options, create_invitation
from auth_svc.tests.invitations.codes import (
    INVITATIONS,
    PRESS,
    Code,
    Told,
    accept,
    events_for,
    invite,
    let_expire,
    let_two_minutes_pass,
    path_of,
    preview,
    row,
    types,
)
from auth_svc.tests.people import PASSWORD, Browser, Visitor, assert_refused
from chat_svc.errors import NotAllowed
from chat_svc.selectors import active_members
from chat_svc.services import close_chat, create_chat, enrol, leave_chat, remove_member
from user_svc.services import create_bot, rename

KEPT_NAMES = ["Айгүл Әбдірахманқызы", "عمر", "<script>alert(1)</script>", "🧑‍🚀 Tom", "O'Brien & Söhne"]
UNKNOWN = {"token": "x" * 32, "id": ""}


def people_of(code: Code) -> set[UUID]:
    chat = UUID(code["chat"])
    return active_members([chat])[chat]


class TestPreview:
    def test_it_says_who_invites_to_what_for_how_long_and_uses_nothing_up(
        self, ada: Visitor, somebody: Visitor, chat: UUID
    ):
        code = invite(ada, chat, guests=False)

        shown = preview(somebody, code)

        assert shown == {
            "state": "active",
            "expires_at": code["expires_at"],
            "guests": False,
            "approval": False,
            "has_password": False,
            "inviter": {"display_name": "ada", "is_guest": False},
            "chat": {"title": "Café", "kind": "group", "member_count": 2, "expires_at": None},
            "domain": "testserver",
        }
        assert (row(code).uses, row(code).opened_at) == (0, None)

    def test_however_often_it_is_looked_at_the_code_still_opens(
        self, somebody: Visitor, visitor, code: Code, told: Told
    ):
        for _ in range(5):
            preview(visitor(), code)
            visitor().ask("HEAD", f"{INVITATIONS}/preview")
            visitor().get(f"{INVITATIONS}/accept")

        assert told == []
        assert accept(somebody, code).status_code == 200

    def test_a_dead_code_says_only_why(self, ada: Visitor, somebody: Visitor, visitor, chat: UUID):
        revoked, used_up, expired = invite(ada, chat), invite(ada, chat), invite(ada, chat)
        ada.delete(path_of(revoked))
        accept(visitor(), used_up)
        let_expire(expired)

        assert preview(somebody, revoked) == {"state": "revoked"}
        assert preview(somebody, used_up) == {"state": "used_up"}
        assert preview(somebody, expired) == {"state": "expired"}

    def test_the_chats_end_is_the_codes_end(self, ada: Visitor, somebody: Visitor, code: Code, chat: UUID):
        close_chat(chat_id=chat, actor_id=ada.id)

        assert preview(somebody, code) == {"state": "chat_over"}

    def test_a_code_dies_with_its_hosts_right_to_give_it(
        self, ada: Visitor, bob: Visitor, somebody: Visitor, chat: UUID
    ):
        code = invite(bob, chat)
        remove_member(chat_id=chat, actor_id=ada.id, user_id=bob.id)

        assert preview(somebody, code) == {"state": "revoked"}
        assert_refused(accept(somebody, code), 410, "invitation_revoked")

    def test_the_host_and_members_are_told_that_they_are_in(self, ada: Visitor, bob: Visitor, eve: Visitor, code: Code):
        of_ada, of_bob, of_eve = preview(ada, code), preview(bob, code), preview(eve, code)

        assert (of_ada["own"], of_ada["already_member"]) == (True, code["chat"])
        assert ("own" in of_bob, of_bob["already_member"]) == (False, code["chat"])
        assert "own" not in of_eve
        assert "already_member" not in of_eve

    @pytest.mark.parametrize("deed", ["preview", "opened", "decline", "accept"])
    def test_unknown_codes_are_limited_per_network_and_good_ones_pass_from_there_still(
        self, somebody: Visitor, eve: Visitor, code: Code, monkeypatch: pytest.MonkeyPatch, deed: str
    ):
        monkeypatch.setattr("auth_svc.services.invitations.UNKNOWN_LIMIT_PER_MINUTE", 2)
        guess = {"token": "x" * 32}

        answers = [somebody.post(f"{INVITATIONS}/{deed}", guess) for _ in range(3)]

        assert_refused(answers[0], 404, "invitation_unknown")
        assert_refused(answers[2], 429, "too_many")
        assert int(answers[2]["Retry-After"]) > 0
        assert_refused(eve.post(f"{INVITATIONS}/{deed}", guess), 404, "invitation_unknown")
        assert somebody.post(f"{INVITATIONS}/{deed}", {"token": code["token"], "display_name": "Tom"}).status_code < 300

    @pytest.mark.parametrize("deed", ["preview", "opened", "decline", "accept"])
    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ([], 400),
            ("token", 400),
            ({}, 422),
            ({"token": ""}, 422),
            ({"token": 7}, 422),
            ({"token": None}, 422),
            ({"token": "a\0b"}, 422),
            ({"token": "\ud800"}, 422),
            ({"token": "x" * 201}, 422),
            ({"token": "қате"}, 404),
        ],
    )
    def test_what_is_no_code_is_refused(self, somebody: Visitor, deed: str, body: object, status: int):
        assert somebody.post(f"{INVITATIONS}/{deed}", body).status_code == status


class TestNewGuest:
    def test_a_name_is_enough_to_be_in_the_chat_and_signed_in(
        self, ada: Visitor, somebody: Visitor, code: Code, chat: UUID, told: Told
    ):
        response = accept(somebody, code, "Айгүл")

        body = response.json()
        assert response.status_code == 200
        assert set(body) == {"chat", "membership", "user", "tokens"}
        assert set(body["tokens"]) == {"access_token", "refresh_token", "expires_in"}
        assert (body["chat"]["id"], body["chat"]["title"]) == (str(chat), "Café")
        assert (body["membership"]["chat"], body["membership"]["role"]) == (str(chat), "guest")
        assert body["user"] == {"id": body["user"]["id"], "display_name": "Айгүл", "is_guest": True, "picture": None}
        somebody.token = body["tokens"]["access_token"]
        assert somebody.is_signed_in()
        assert UUID(body["user"]["id"]) in people_of(code)
        assert types(events_for(ada, told)) == ["joined"]

    def test_a_browser_gets_cookies_and_never_sees_a_token(self, browser, code: Code):
        phone: Browser = browser()

        response = accept(phone, code)

        assert set(response.json()) == {"chat", "membership", "user"}
        assert {ACCESS_COOKIE, REFRESH_COOKIE} <= set(response.cookies)
        assert response.cookies[REFRESH_COOKIE]["max-age"]
        assert phone.access not in response.content.decode()
        assert phone.is_signed_in()

    @pytest.mark.parametrize("name", KEPT_NAMES)
    def test_a_name_keeps_every_character_as_typed(self, ada: Visitor, somebody: Visitor, code: Code, name: str):
        assert accept(somebody, code, name).json()["user"]["display_name"] == name

        (person,) = ada.get(path_of(code)).json()["people"]
        assert person["user"]["display_name"] == name

    @pytest.mark.parametrize("name", ["", "   ", "a\0b", "x" * 61, "evil\u202eeman", 7, None])
    def test_a_name_that_cannot_be_shown_is_refused_and_uses_nothing_up(
        self, somebody: Visitor, code: Code, name: object
    ):
        response = somebody.post(f"{INVITATIONS}/accept", {"token": code["token"], "display_name": name})

        assert_refused(response, 422, "invalid")
        assert set(response.json()["error"]["fields"]) == {"display_name"}
        assert row(code).uses == 0
        assert not get_user_model().objects.filter(is_guest=True).exists()

    @pytest.mark.parametrize(
        "name", ["Ада Лавлейс", "АДА  ЛАВЛЕЙС", " ада лавлейс ", "Ада\u200d Лавлейс", "Ада\u00a0Лавлейс"]
    )
    def test_a_guest_cannot_pass_for_a_member_of_the_chat(self, ada: Visitor, somebody: Visitor, code: Code, name: str):
        rename(user_id=ada.id, display_name="Ада Лавлейс")

        response = accept(somebody, code, name)

        assert_refused(response, 422, "invalid")
        assert set(response.json()["error"]["fields"]) == {"display_name"}
        assert row(code).uses == 0

    def test_names_of_strangers_of_guests_and_of_those_who_left_are_free(
        self, bob: Visitor, eve: Visitor, visitor, ada: Visitor, chat: UUID
    ):
        code = invite(ada, chat, max_uses=None)
        leave_chat(chat_id=chat, user_id=bob.id)

        for name in ("eve", "Guest", "Guest", "bob"):
            assert accept(visitor(), code, name).status_code == 200

    def test_a_page_of_another_site_signs_nobody_in(self, somebody: Visitor, code: Code):
        assert_refused(accept(somebody, code, Sec_Fetch_Site="cross-site"), 403, "forbidden")
        assert_refused(accept(somebody, code, Origin="https://evil.example"), 403, "forbidden")
        assert row(code).uses == 0

    def test_coming_in_costs_a_fixed_number_of_queries(
        self, ada: Visitor, visitor, chat: UUID, django_assert_max_num_queries: DjangoAssertNumQueries
    ):
        code = invite(ada, chat, max_uses=None)
        for number in range(3):
            accept(visitor(), code, f"Guest {number}")

        with django_assert_max_num_queries(38):
            assert accept(visitor(), code, "Tom", Idempotency_Key=PRESS).status_code == 200


class TestSomebodySignedIn:
    def test_a_member_comes_in_as_a_member_and_gets_no_new_session(self, eve: Visitor, code: Code, chat: UUID):
        before = Session.objects.count()

        body = accept(eve, code).json()

        assert set(body) == {"chat", "membership", "user"}
        assert body["membership"]["role"] == "member"
        assert body["user"] == {"id": str(eve.id), "display_name": "eve", "is_guest": False, "picture": None}
        assert Session.objects.count() == before

    def test_a_guest_stays_the_same_guest_in_a_second_chat(self, ada: Visitor, guest: Visitor, code: Code):
        elsewhere = create_chat(creator_id=ada.id, kind="group", title="Elsewhere")
        second = invite(ada, elsewhere.id)

        ids = {accept(guest, shown, "Another name").json()["user"]["id"] for shown in (code, second)}

        assert ids == {str(guest.id)}
        assert get_user_model().objects.filter(is_guest=True).count() == 1

    def test_a_guest_with_a_members_name_has_to_take_another_first(self, ada: Visitor, guest: Visitor, code: Code):
        rename(user_id=guest.id, display_name="ADA")

        assert_refused(accept(guest, code), 422, "invalid")

        rename(user_id=guest.id, display_name="Adam")
        assert accept(guest, code).status_code == 200

    def test_who_is_in_already_uses_nothing_up_and_nobody_is_told(
        self, ada: Visitor, bob: Visitor, code: Code, told: Told
    ):
        response = accept(bob, code)

        assert response.status_code == 200
        assert response.json()["membership"]["role"] == "member"
        assert row(code).uses == 0
        assert events_for(ada, told) == []

    @pytest.mark.parametrize("is_dead", [False, True])
    def test_pressing_twice_uses_one_even_when_that_was_the_last(
        self, ada: Visitor, eve: Visitor, code: Code, told: Told, is_dead: bool
    ):
        first = accept(eve, code)
        if is_dead:
            ada.delete(path_of(code))
        second = accept(eve, code)

        assert [first.status_code, second.status_code] == [200, 200]
        assert first.json()["membership"] == second.json()["membership"]
        assert row(code).uses == 1
        assert types(events_for(ada, told))[:1] == ["joined"]
        assert "joined" not in types(events_for(ada, told))[1:]

    def test_who_left_and_comes_again_by_a_code_of_many_uses_takes_another_one(
        self, ada: Visitor, eve: Visitor, chat: UUID
    ):
        code = invite(ada, chat, max_uses=2)
        accept(eve, code)
        leave_chat(chat_id=chat, user_id=eve.id)

        assert accept(eve, code).status_code == 200

        assert row(code).uses == 2
        assert InvitationUse.objects.filter(invitation_id=code["id"]).count() == 1


class TestRefusals:
    def test_an_unknown_code(self, somebody: Visitor, eve: Visitor):
        assert_refused(accept(somebody, UNKNOWN), 404, "invitation_unknown")
        assert_refused(accept(eve, UNKNOWN), 404, "invitation_unknown")

    def test_an_expired_code(self, somebody: Visitor, eve: Visitor, code: Code):
        let_expire(code)

        assert_refused(accept(somebody, code), 410, "invitation_expired")
        assert_refused(accept(eve, code), 410, "invitation_expired")

    def test_a_revoked_code(self, ada: Visitor, somebody: Visitor, eve: Visitor, code: Code):
        ada.delete(path_of(code))

        assert_refused(accept(somebody, code), 410, "invitation_revoked")
        assert_refused(accept(eve, code), 410, "invitation_revoked")

    def test_a_used_up_code(self, guest: Visitor, somebody: Visitor, eve: Visitor, code: Code):
        accept(guest, code)

        assert_refused(accept(somebody, code), 410, "invitation_used_up")
        assert_refused(accept(eve, code), 410, "invitation_used_up")

    def test_a_chat_that_is_over(self, ada: Visitor, somebody: Visitor, eve: Visitor, code: Code, chat: UUID):
        close_chat(chat_id=chat, actor_id=ada.id)

        assert_refused(accept(somebody, code), 410, "chat_over")
        assert_refused(accept(eve, code), 410, "chat_over")

    def test_the_own_code(self, ada: Visitor, code: Code):
        assert_refused(accept(ada, code), 409, "own_invitation")

    def test_a_full_chat(self, somebody: Visitor, eve: Visitor, code: Code, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr("chat_svc.services.members.MEMBERS_LIMIT", 2)

        assert_refused(accept(somebody, code), 409, "chat_full")
        assert_refused(accept(eve, code), 409, "chat_full")

    def test_a_person_banned_from_the_chat(self, ada: Visitor, bob: Visitor, code: Code, chat: UUID):
        remove_member(chat_id=chat, actor_id=ada.id, user_id=bob.id, ban=True)

        assert_refused(accept(bob, code), 403, "banned")

    def test_a_person_banned_from_the_house(self, eve: Visitor, code: Code):
        get_user_model().objects.filter(id=eve.id).update(banned_at="2026-01-01T00:00Z")

        assert_refused(accept(eve, code), 403, "banned")

    def test_a_closed_account(self, eve: Visitor, code: Code):
        get_user_model().objects.filter(id=eve.id).update(is_active=False)

        assert_refused(accept(eve, code), 403, "account_closed")

    def test_a_code_for_accounts_only(self, ada: Visitor, guest: Visitor, somebody: Visitor, eve: Visitor, chat: UUID):
        code = invite(ada, chat, guests=False)

        assert_refused(accept(somebody, code), 403, "account_required")
        assert_refused(accept(guest, code), 403, "account_required")
        assert accept(eve, code).status_code == 200

    def test_after_every_refusal_the_code_has_all_its_uses_and_nobody_is_in_or_told(
        self, ada: Visitor, bob: Visitor, somebody: Visitor, guest: Visitor, chat: UUID, told: Told
    ):
        code = invite(ada, chat, guests=False, max_uses=5)
        remove_member(chat_id=chat, actor_id=ada.id, user_id=bob.id, ban=True)
        told.clear()

        for who in (ada, bob, somebody, guest):
            accept(who, code)

        assert row(code).uses == 0
        assert not InvitationUse.objects.exists()
        assert people_of(code) == {ada.id}
        assert told == []

    def test_presses_on_one_code_are_limited_per_network(
        self, somebody: Visitor, visitor, code: Code, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("auth_svc.api.joining.ACCEPT_LIMIT_PER_MINUTE", 2)

        answers = [accept(somebody, code, "") for _ in range(3)]

        assert [answer.status_code for answer in answers] == [422, 422, 429]
        assert accept(visitor(), code).status_code == 200


class TestPressedAgain:
    """The answer was lost on the way, or Join was pressed twice: one use, one membership, signed in."""

    def test_the_same_press_finds_the_same_guest_and_signs_it_in_afresh(
        self, ada: Visitor, somebody: Visitor, code: Code, told: Told
    ):
        first = accept(somebody, code, "Tom", Idempotency_Key=PRESS).json()
        again = accept(somebody, code, "Tom", Idempotency_Key=PRESS)

        assert again.status_code == 200
        assert again.json()["user"] == first["user"]
        assert again.json()["membership"] == first["membership"]
        assert again.json()["tokens"]["refresh_token"] != first["tokens"]["refresh_token"]
        somebody.token = again.json()["tokens"]["access_token"]
        assert somebody.is_signed_in()
        assert row(code).uses == 1
        assert InvitationUse.objects.count() == 1
        assert types(events_for(ada, told)) == ["joined"]

    def test_a_browsers_press_is_known_by_the_cookie_of_the_join_page(self, browser, code: Code):
        lost, again = browser(), browser()
        for phone in (lost, again):
            phone.client.cookies["join_attempt"] = PRESS

        first, second = accept(lost, code), accept(again, code)

        assert second.status_code == 200
        assert second.json()["user"] == first.json()["user"]
        assert again.is_signed_in()
        assert row(code).uses == 1

    def test_another_press_and_one_without_a_key_are_other_people(self, ada: Visitor, visitor, chat: UUID):
        code = invite(ada, chat, max_uses=4)
        keys = [{"Idempotency_Key": PRESS}, {"Idempotency_Key": PRESS[::-1]}, {}, {}]

        ids = {accept(visitor(), code, "Tom", **key).json()["user"]["id"] for key in keys}

        assert len(ids) == 4

    def test_the_key_belongs_to_the_code(self, ada: Visitor, somebody: Visitor, chat: UUID):
        first, second = invite(ada, chat), invite(ada, chat)

        ids = {accept(somebody, code, Idempotency_Key=PRESS).json()["user"]["id"] for code in (first, second)}

        assert len(ids) == 2

    def test_after_two_minutes_it_is_a_new_press(self, somebody: Visitor, code: Code):
        accept(somebody, code, Idempotency_Key=PRESS)
        let_two_minutes_pass()

        assert_refused(accept(somebody, code, Idempotency_Key=PRESS), 410, "invitation_used_up")

    def test_after_two_minutes_the_key_may_serve_the_next_person(self, ada: Visitor, somebody: Visitor, chat: UUID):
        code = invite(ada, chat, max_uses=2)
        first = accept(somebody, code, Idempotency_Key=PRESS).json()
        let_two_minutes_pass()

        second = accept(somebody, code, Idempotency_Key=PRESS).json()

        assert second["user"]["id"] != first["user"]["id"]
        assert row(code).uses == 2

    def test_it_signs_nobody_in_who_has_an_account_since(self, somebody: Visitor, code: Code):
        body = accept(somebody, code, Idempotency_Key=PRESS).json()
        somebody.token = body["tokens"]["access_token"]
        assert somebody.register("tom").status_code == 201
        somebody.token = ""

        assert_refused(accept(somebody, code, Idempotency_Key=PRESS), 410, "invitation_used_up")

    def test_it_lets_nobody_in_again_who_was_removed(self, ada: Visitor, somebody: Visitor, code: Code, chat: UUID):
        body = accept(somebody, code, Idempotency_Key=PRESS).json()
        remove_member(chat_id=chat, actor_id=ada.id, user_id=UUID(body["user"]["id"]))

        assert_refused(accept(somebody, code, Idempotency_Key=PRESS), 410, "invitation_used_up")

    def test_the_press_of_somebody_signed_in_signs_nobody_else_in(self, eve: Visitor, somebody: Visitor, code: Code):
        accept(eve, code, Idempotency_Key=PRESS)

        assert_refused(accept(somebody, code, Idempotency_Key=PRESS), 410, "invitation_used_up")

    def test_no_key_is_stored_in_the_open(self, somebody: Visitor, code: Code):
        accept(somebody, code, Idempotency_Key=PRESS)

        assert PRESS not in repr(InvitationUse.objects.values_list().get())

    @pytest.mark.parametrize("key", ["short", "x" * 256])
    def test_a_key_that_protects_nobody_is_refused(self, somebody: Visitor, code: Code, key: str):
        response = accept(somebody, code, Idempotency_Key=key)

        assert_refused(response, 422, "invalid")
        assert set(response.json()["error"]["fields"]) == {"Idempotency-Key"}


class TestSecrecy:
    def test_no_log_line_holds_the_token_or_the_key(
        self, ada: Visitor, somebody: Visitor, chat: UUID, caplog: pytest.LogCaptureFixture
    ):
        caplog.set_level(logging.DEBUG)
        for name in ("abdre", "auth_svc", "chat_svc", "user_svc", "django"):
            caplog.set_level(logging.DEBUG, logger=name)

        code = invite(ada, chat)
        preview(somebody, code)
        accept(somebody, code, "", Idempotency_Key=PRESS)
        accept(somebody, code, Idempotency_Key=PRESS)
        ada.delete(path_of(code))
        accept(somebody, code, Idempotency_Key=PRESS[::-1])

        said = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
        assert code["token"] not in said
        assert PRESS not in said

    def test_no_answer_with_a_token_is_kept_by_a_cache(self, ada: Visitor, somebody: Visitor, chat: UUID):
        made = ada.post(INVITATIONS, {"chat": str(chat)})

        assert made["Cache-Control"] == "no-store"
        assert accept(somebody, made.json())["Cache-Control"] == "no-store"


class TestGuestWhoSignsIn:
    def test_the_account_has_the_guests_codes_and_what_it_came_in_by(
        self, ada: Visitor, guest: Visitor, eve: Visitor, code: Code, chat: UUID, somebody: Visitor
    ):
        accept(guest, code)
        hosted = create_chat(creator_id=guest.id, kind="temporary", title="Picnic")
        own = invite(guest, hosted.id)

        assert guest.post("/api/auth/login", {"login": "eve", "password": PASSWORD}).status_code == 200

        assert accept(somebody, own).status_code == 200
        assert eve.get(path_of(own)).json()["uses"] == 1
        ada.delete(path_of(code, "?evict=true"))
        assert eve.id not in people_of(code)


def test_a_bot_comes_in_by_no_code_and_shows_none(ada: Visitor, chat: UUID, code: Code):
    bot = create_bot(owner_id=ada.id, username="helper", display_name="Helper")

    with pytest.raises(NotAllowed):
        accept_as_person(invitation_id=UUID(code["id"]), user_id=bot.id)
    options = Options(ttl=None, max_uses=None, guests=True, label="")
    enrol(chat_id=chat, user_id=bot.id)  # as somebody who manages it does
    for where in (chat, None):
        with pytest.raises(NotAllowed):
            create_invitation(host_id=bot.id, chat_id=where, options=options)

    assert row(code).uses == 0
