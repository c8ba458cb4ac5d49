"""A code without a chat: whoever comes by it talks with its host alone."""

from uuid import UUID

import pytest

from auth_svc.models import Knock
from auth_svc.tests.invitations.codes import (
    INVITATIONS,
    PRESS,
    Code,
    Told,
    accept,
    events_for,
    path_of,
    preview,
    row,
)
from auth_svc.tests.people import Visitor, assert_refused
from chat_svc.selectors import active_members, chat_list
from chat_svc.services import create_chat, leave_chat
from user_svc.services import ban, block


def my_code(host: Visitor, **options: object) -> Code:
    response = host.post(INVITATIONS, {"max_uses": None, **options})
    assert response.status_code == 201, response.content
    return response.json()


def people_in(chat: str) -> set[UUID]:
    return active_members([UUID(chat)])[UUID(chat)]


def test_each_newcomer_gets_an_own_chat_with_the_host(ada: Visitor, eve: Visitor, visitor, told: Told):
    code = my_code(ada)
    assert code["chat"] is None
    told.clear()

    first = accept(visitor(), code, "Tom").json()
    second = accept(eve, code).json()

    for body in (first, second):
        assert body["chat"]["kind"] == "direct"
        assert people_in(body["chat"]["id"]) == {ada.id, UUID(body["user"]["id"])}
    assert first["chat"]["id"] != second["chat"]["id"]
    assert row(code).uses == 2
    joined = [(event["chat"], event["user"]["id"]) for event in events_for(ada, told)]
    assert joined == [(body["chat"]["id"], body["user"]["id"]) for body in (first, second)]
    assert [item["title"] for item in chat_list(user_id=ada.id)["items"]] == ["eve", "Tom"]
    assert len(ada.get(path_of(code)).json()["people"]) == 2


def test_they_are_listed_by_themselves(ada: Visitor):
    code = my_code(ada)
    ada.post(INVITATIONS, {"chat": str(create_chat(creator_id=ada.id, kind="group", title="Tea").id)})

    assert [item["id"] for item in ada.get(f"{INVITATIONS}?direct=true").json()["items"]] == [code["id"]]
    assert len(ada.get(f"{INVITATIONS}?direct=false").json()["items"]) == 2
    assert_refused(ada.get(f"{INVITATIONS}?direct=maybe"), 422, "invalid")


def test_coming_again_is_the_same_chat_and_no_second_use(ada: Visitor, eve: Visitor, somebody: Visitor):
    code = my_code(ada)

    chats = {accept(eve, code).json()["chat"]["id"] for _ in range(2)}
    guest_chats = {accept(somebody, code, Idempotency_Key=PRESS).json()["chat"]["id"] for _ in range(2)}

    assert len(chats) == len(guest_chats) == 1
    assert row(code).uses == 2
    assert preview(eve, code)["already_member"] in chats


def test_the_pairs_chat_that_is_there_is_the_one(ada: Visitor, eve: Visitor):
    chat = create_chat(creator_id=eve.id, kind="direct", members=[ada.id])
    code = my_code(ada)

    assert accept(eve, code).json()["chat"]["id"] == str(chat.id)
    assert row(code).uses == 0


def test_who_left_comes_back_by_a_use(ada: Visitor, eve: Visitor):
    code = my_code(ada)
    chat = accept(eve, code).json()["chat"]["id"]
    leave_chat(chat_id=UUID(chat), user_id=eve.id)
    leave_chat(chat_id=UUID(chat), user_id=ada.id)

    assert accept(eve, code).json()["chat"]["id"] == chat

    assert people_in(chat) == {ada.id, eve.id}
    assert row(code).uses == 2


def test_it_says_who_invites_to_a_talk_of_two(ada: Visitor, somebody: Visitor):
    shown = preview(somebody, my_code(ada))

    assert shown["inviter"]["display_name"] == "ada"
    assert shown["chat"] == {"title": "", "kind": "direct", "member_count": 1, "expires_at": None}


def test_the_own_code_is_refused(ada: Visitor):
    code = my_code(ada)

    assert preview(ada, code)["own"] is True
    assert_refused(accept(ada, code), 409, "own_invitation")


@pytest.mark.parametrize("name", ["ADA", " ada "])
def test_a_guest_cannot_pass_for_the_host(ada: Visitor, somebody: Visitor, name: str):
    assert_refused(accept(somebody, my_code(ada), name), 422, "invalid")


def test_a_guest_shows_no_such_code(guest: Visitor):
    assert_refused(guest.post(INVITATIONS, {}), 403, "account_required")


def test_it_dies_with_the_hosts_welcome(ada: Visitor, somebody: Visitor):
    code = my_code(ada)
    ban(user_id=ada.id)

    assert preview(somebody, code) == {"state": "revoked"}
    assert_refused(accept(somebody, code), 410, "invitation_revoked")


@pytest.mark.parametrize("approval", [False, True])
@pytest.mark.parametrize("by_host", [False, True])
def test_who_is_blocked_is_refused_and_nobody_hears_of_it(
    ada: Visitor, eve: Visitor, told: Told, approval: bool, by_host: bool
):
    code = my_code(ada, approval=approval)
    blocker, blocked = (ada, eve) if by_host else (eve, ada)
    block(user_id=blocker.id, other_id=blocked.id)
    told.clear()

    assert_refused(accept(eve, code), 403, "may_not_write")

    assert told == []
    assert row(code).uses == 0
    assert not Knock.objects.exists()


def test_who_was_blocked_while_waiting_is_not_let_in(ada: Visitor, eve: Visitor):
    code = my_code(ada, approval=True)
    accept(eve, code)
    block(user_id=ada.id, other_id=eve.id)

    assert_refused(ada.post(path_of(code, "/approve"), {"user": str(eve.id)}), 403, "may_not_write")
    assert chat_list(user_id=eve.id)["items"] == []


def test_there_is_no_chat_to_put_people_out_of(ada: Visitor, eve: Visitor):
    code = my_code(ada)
    accept(eve, code)

    assert_refused(ada.delete(path_of(code, "?evict=true")), 422, "invalid")
    assert row(code).revoked_at is None
    assert ada.delete(path_of(code)).status_code == 204


def test_others_see_and_change_nothing_of_it(ada: Visitor, eve: Visitor, told: Told):
    code = my_code(ada, approval=True)
    told.clear()

    for ask in (
        lambda: eve.get(path_of(code)),
        lambda: eve.get(path_of(code, "/link")),
        lambda: eve.post(path_of(code, "/approve"), {"user": str(eve.id)}),
        lambda: eve.delete(path_of(code)),
    ):
        assert_refused(ask(), 404, "invitation_unknown")
    assert told == []


def test_the_host_may_stand_at_this_door_too(ada: Visitor, eve: Visitor):
    code = my_code(ada, approval=True)
    assert accept(eve, code).status_code == 202

    assert ada.post(path_of(code, "/approve"), {"user": str(eve.id)}).status_code == 204

    (chat,) = [item["id"] for item in chat_list(user_id=eve.id)["items"]]
    assert people_in(chat) == {ada.id, eve.id}


def test_a_guest_who_signs_in_talks_on_as_the_account_and_the_pair_has_one_chat(
    ada: Visitor, eve: Visitor, guest: Visitor
):
    code = my_code(ada)
    chat = accept(guest, code).json()["chat"]["id"]

    assert guest.login("eve").status_code == 200

    assert people_in(chat) == {ada.id, eve.id}
    assert [item["title"] for item in chat_list(user_id=ada.id)["items"]] == ["eve"]
    assert str(create_chat(creator_id=ada.id, kind="direct", members=[eve.id]).id) == chat
    assert accept(eve, code).json()["chat"]["id"] == chat
