"""Personal tokens and bots: what programs come in by, and what they are good for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.urls import URLPattern, URLResolver
from django.utils import timezone
from django.utils.module_loading import import_string

from abdre import jobs
from abdre.tokens import read
from auth_svc import services
from auth_svc.errors.sessions import ReauthenticationRequired
from auth_svc.models import PersonalToken, Session
from auth_svc.tests.conftest import MakeVisitor, Told
from auth_svc.tests.people import PASSWORD, Visitor, assert_refused, code_of
from chat_svc.selectors import members
from chat_svc.services import add_member, create_chat
from user_svc.selectors import user_by_id

TOKENS, BOTS, CODES = "/api/auth/tokens", "/api/auth/bots", "/api/auth/invitations"


def made(owner: Visitor, **facts: Any) -> dict[str, Any]:
    answer = owner.post(TOKENS, {"name": "CI", "write": True, **facts})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def exchanged(somebody: Visitor, token: str) -> Any:
    return somebody.post(f"{TOKENS}/exchange", {"token": token})


@pytest.fixture
def program(visitor: MakeVisitor):
    def come_in(token: str) -> Visitor:
        somebody = visitor()
        answer = exchanged(somebody, token)
        assert answer.status_code == 200, answer.content
        somebody.token, somebody.id = answer.json()["access_token"], UUID(answer.json()["user"]["id"])
        return somebody

    return come_in


def test_a_token_is_shown_once_kept_as_a_hash_and_its_owner_is_told(ada: Visitor):
    token = made(ada, name=" CI ", days=30)

    jobs.do_all()
    assert "A personal token was made for your account" in [letter.subject for letter in mail.outbox]
    assert token["token"].startswith("abdre_pat_")
    assert len(token["token"]) > 50
    assert (token["name"], token["scopes"], token["ending"]) == ("CI", ["read", "write"], token["token"][-4:])
    [listed] = ada.get(TOKENS).json()["items"]
    assert listed == {name: value for name, value in token.items() if name != "token"}
    assert token["token"] not in str(PersonalToken.objects.values())


def test_a_token_lets_a_program_do_what_its_person_may(ada: Visitor, program):
    script = program(made(ada)["token"])

    chat = create_chat(creator_id=ada.id, kind="group", title="Tea")
    assert script.id == ada.id
    assert script.post(CODES, {"chat": str(chat.id)}).status_code == 201
    assert len(script.get(CODES).json()["items"]) == 1
    assert ada.get(TOKENS).json()["items"][0]["last_used_at"] is not None


def test_a_token_that_only_reads_changes_nothing(ada: Visitor, program):
    script = program(made(ada, write=False)["token"])

    chat = create_chat(creator_id=ada.id, kind="group", title="Tea")
    assert script.get(CODES).status_code == 200
    assert_refused(script.post(CODES, {"chat": str(chat.id)}), 403, "forbidden")
    assert ada.get(CODES).json()["items"] == []


@pytest.mark.parametrize("shown", ["link", "qr.svg", "qr.png"])
def test_a_token_that_only_reads_is_shown_no_way_in(ada: Visitor, program, shown: str):
    script = program(made(ada, write=False)["token"])
    chat = create_chat(creator_id=ada.id, kind="group", title="Tea")
    code = ada.post(CODES, {"chat": str(chat.id)}).json()

    assert_refused(script.get(f"{CODES}/{code['id']}/{shown}"), 403, "forbidden")
    assert ada.get(f"{CODES}/{code['id']}/{shown}").status_code == 200


def test_exchanged_again_it_is_the_same_session_and_no_device(ada: Visitor, program):
    token = made(ada)["token"]

    first, second = program(token), program(token)

    assert read(first.token).session_id == read(second.token).session_id
    assert len(ada.get("/api/auth/sessions").json()["items"]) == 1
    assert ada.get("/api/auth/security").json()["sessions"] == 1


def test_a_revoked_token_is_out_at_once_and_so_is_what_it_opened(
    ada: Visitor, program, somebody: Visitor, told: list[Told]
):
    token = made(ada)
    script = program(token["token"])

    assert ada.delete(f"{TOKENS}/{token['id']}").status_code == 204

    assert script.get(CODES).status_code == 401
    assert_refused(exchanged(somebody, token["token"]), 401, "wrong_token")
    assert [event["type"] for _group, event in told if "session" in event["type"]] == ["session.ended"]
    assert ada.get(TOKENS).json()["items"] == []
    assert ada.is_signed_in()


@pytest.mark.parametrize("token", ["", "abdre_pat_", "abdre_pat_" + "x" * 43, "\0", "é"])
def test_what_is_no_token_opens_nothing(somebody: Visitor, token: str):
    assert exchanged(somebody, token).status_code in (401, 422)


def test_an_expired_token_opens_nothing_and_its_session_ends_with_it(ada: Visitor, program, somebody: Visitor):
    token = made(ada, days=1)
    session = Session.objects.get(id=read(program(token["token"]).token).session_id)
    assert session.expires_at == PersonalToken.objects.get().expires_at

    PersonalToken.objects.update(created_at=timezone.now() - timedelta(days=2), expires_at=timezone.now())

    assert_refused(exchanged(somebody, token["token"]), 401, "wrong_token")


def test_a_stranger_neither_sees_nor_revokes_it(ada: Visitor, eve: Visitor, program):
    token = made(ada)

    assert eve.get(TOKENS).json()["items"] == []
    assert_refused(eve.delete(f"{TOKENS}/{token['id']}"), 404, "token_not_found")
    assert program(token["token"]).get(CODES).status_code == 200


def test_guests_have_none_and_nobody_makes_one_long_after_logging_in(guest: Visitor, ada: Visitor, somebody: Visitor):
    assert_refused(guest.post(TOKENS, {"name": "CI"}), 403, "account_required")
    assert_refused(guest.post(BOTS, {"username": "helper"}), 403, "account_required")
    assert somebody.post(TOKENS, {"name": "CI"}).status_code == 401
    Session.objects.update(authenticated_at=timezone.now() - timedelta(hours=1))
    assert_refused(ada.post(TOKENS, {"name": "CI"}), 403, "reauthentication_required")
    assert_refused(ada.post(BOTS, {"username": "helper"}), 403, "reauthentication_required")


@pytest.mark.parametrize(
    "facts", [{"name": " "}, {"name": "x" * 61}, {"name": "a\0b"}, {"days": 0}, {"days": 367}, {"days": "1"}]
)
def test_what_cannot_be_a_token_is_refused_by_its_field(ada: Visitor, facts: dict[str, Any]):
    answer = ada.post(TOKENS, {"name": "CI", **facts})

    assert answer.status_code == 422
    assert list(answer.json()["error"]["fields"]) == list(facts)


def test_nobody_has_more_than_so_many(ada: Visitor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("auth_svc.services.tokens.TOKENS_PER_PERSON", 1)
    monkeypatch.setattr("auth_svc.services.bots.BOTS_PER_PERSON", 1)
    made(ada)
    ada.post(BOTS, {"username": "helper"})

    assert_refused(ada.post(TOKENS, {"name": "CI"}), 409, "too_many_tokens")
    assert_refused(ada.post(BOTS, {"username": "another"}), 409, "too_many_bots")


# What a program may do for its person in the services about the account; everything else there is for the person.
FOR_PROGRAMS = {
    "api/auth/guest", "api/auth/refresh", "api/auth/logout", "api/auth/client-errors", "api/auth/tokens/exchange",
    "api/auth/.well-known/jwks.json", "api/auth/device-codes", "api/auth/login/passkey/options",
    "api/auth/knocks", "api/auth/recovery-links/preview", "api/auth/password/reset", "api/auth/password/reset/confirm",
    "api/auth/email/verify/preview", "api/auth/digest/off", "api/oauth/providers",
}  # fmt: skip


def test_nothing_about_the_account_is_done_by_a_token():
    found = [
        str(pattern.pattern)
        for pattern in flat(import_string("auth_svc.urls.urlpatterns") + import_string("oauth_svc.urls.urlpatterns"))
        if str(pattern.pattern).startswith(("api/auth/", "api/oauth/"))
        and "invitations" not in str(pattern.pattern)
        and not getattr(pattern.callback, "initkwargs", {}).get("in_person")
    ]
    assert len(found) > 10
    assert set(found) == FOR_PROGRAMS


def flat(patterns: list[URLPattern | URLResolver]) -> list[Any]:
    return [
        deep
        for pattern in patterns
        for deep in (flat(pattern.url_patterns) if isinstance(pattern, URLResolver) else [pattern])
    ]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/api/auth/sessions", None),
        ("GET", TOKENS, None),
        ("POST", TOKENS, {"name": "Another", "write": True}),
        ("POST", BOTS, {"username": "helper"}),
        ("POST", "/api/auth/password", {"password": "another long one"}),
        ("POST", "/api/auth/device-codes/confirm", {"token": "x"}),
        ("POST", "/api/auth/account/delete", {}),
    ],
)
def test_a_token_makes_no_other_and_hands_the_account_to_nobody(
    ada: Visitor, program, method: str, path: str, body: Any
):
    script = program(made(ada)["token"])

    assert_refused(script.ask(method, path, body), 403, "forbidden")


def test_who_shows_the_password_by_a_token_has_shown_nothing(ada: Visitor, program):
    session_id = read(program(made(ada)["token"]).token).session_id
    services.note_authentication(session_id=session_id)

    with pytest.raises(ReauthenticationRequired):
        services.require_recent(session_id=session_id)


def test_a_new_password_leaves_programs_and_a_ban_leaves_none(ada: Visitor, program, somebody: Visitor):
    token, bot = made(ada)["token"], ada.post(BOTS, {"username": "helper"}).json()["token"]
    script, helper = program(token), program(bot)

    ada.post("/api/auth/password", {"password_old": PASSWORD, "password": "another long one"})
    assert (script.get(CODES).status_code, helper.get(CODES).status_code) == (200, 200)

    with ada.commits():
        services.ban(user_id=ada.id)
    assert (script.get(CODES).status_code, helper.get(CODES).status_code) == (401, 401)
    assert {code_of(exchanged(somebody, one)) for one in (token, bot)} == {"wrong_token"}


def test_a_bot_comes_in_by_its_token_under_its_own_name(ada: Visitor, program):
    answer = ada.post(BOTS, {"username": "helper", "display_name": "Helper"})

    assert answer.status_code == 201
    bot = answer.json()["bot"]
    helper = program(answer.json()["token"])
    assert (bot["username"], bot["display_name"], bot["token"]["expires_at"]) == ("helper", "Helper", None)
    assert (helper.id, helper.get(CODES).status_code) == (UUID(bot["id"]), 200)
    assert [listed["id"] for listed in ada.get(BOTS).json()["items"]] == [bot["id"]]
    jobs.do_all()
    assert "A bot was made for your account" in [letter.subject for letter in mail.outbox]


def test_a_bot_logs_in_by_no_password_and_makes_no_code(ada: Visitor, somebody: Visitor, program):
    bot = ada.post(BOTS, {"username": "helper"}).json()
    chat = create_chat(creator_id=ada.id, kind="group", title="Tea")
    add_member(chat_id=chat.id, actor_id=ada.id, user_id=UUID(bot["bot"]["id"]))
    helper = program(bot["token"])

    assert somebody.login("helper", "").status_code in (401, 422)
    assert_refused(helper.post("/api/auth/invitations", {"chat": str(chat.id)}), 403, "not_allowed")


def test_another_token_takes_the_place_of_a_bots(ada: Visitor, program, somebody: Visitor):
    bot = ada.post(BOTS, {"username": "helper"}).json()
    helper = program(bot["token"])

    other = ada.post(f"{BOTS}/{bot['bot']['id']}/token").json()

    assert helper.get(CODES).status_code == 401
    assert_refused(exchanged(somebody, bot["token"]), 401, "wrong_token")
    assert program(other["token"]).id == helper.id


def test_a_deleted_bot_is_out_of_everything_and_what_it_said_stays(ada: Visitor, program, somebody: Visitor):
    bot = ada.post(BOTS, {"username": "helper"}).json()
    chat = create_chat(creator_id=ada.id, kind="group", title="Tea")
    add_member(chat_id=chat.id, actor_id=ada.id, user_id=UUID(bot["bot"]["id"]))
    helper = program(bot["token"])

    assert ada.delete(f"{BOTS}/{helper.id}").status_code == 204
    assert helper.get(CODES).status_code == 401
    jobs.do_all()

    assert_refused(exchanged(somebody, bot["token"]), 401, "wrong_token")
    assert [member["user"]["id"] for member in members(chat_id=chat.id, user_id=ada.id)] == [str(ada.id)]
    assert user_by_id(helper.id).display_name == "Deleted account"
    assert ada.get(BOTS).json()["items"] == []


def test_bots_go_with_their_owner(ada: Visitor, program, somebody: Visitor, settings):
    settings.DELETION_GRACE_DAYS = 0
    bot = ada.post(BOTS, {"username": "helper"}).json()

    ada.post("/api/auth/account/delete", {})
    jobs.do_all()

    assert user_by_id(UUID(bot["bot"]["id"])).deleted_at is not None
    assert_refused(exchanged(somebody, bot["token"]), 401, "wrong_token")


def test_a_stranger_has_no_hand_in_a_bot(ada: Visitor, eve: Visitor, program):
    bot = ada.post(BOTS, {"username": "helper"}).json()

    assert eve.get(BOTS).json()["items"] == []
    for method, path in (("DELETE", f"{BOTS}/{bot['bot']['id']}"), ("POST", f"{BOTS}/{bot['bot']['id']}/token")):
        assert_refused(eve.ask(method, path), 404, "bot_not_found")
    assert_refused(ada.delete(f"{BOTS}/{uuid4()}"), 404, "bot_not_found")
    assert_refused(ada.delete(f"{BOTS}/{eve.id}"), 404, "bot_not_found")
    assert program(bot["token"]).get(CODES).status_code == 200


def test_what_was_revoked_long_ago_is_forgotten(ada: Visitor):
    token = made(ada)
    ada.delete(f"{TOKENS}/{token['id']}")
    PersonalToken.objects.update(revoked_at=timezone.now() - timedelta(days=31))

    services.forget_old_sessions()

    assert not PersonalToken.objects.exists()
