"""/api/chats/ as a program meets it: status, code and shape of every answer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from chat_svc import services
from chat_svc.errors import Banned
from chat_svc.models import BODY_LIMIT, Chat, Message
from chat_svc.tests.conftest import Api, say

if TYPE_CHECKING:
    from user_svc.models import User

MESSAGE_KEYS = {
    "chat", "seq", "version", "client_id", "sender", "body", "kind", "created_at", "edited_at", "deleted_at",
    "reply_to", "reactions", "attachments",
}  # fmt: skip
ITEM_KEYS = {
    "id", "kind", "title", "role", "unread", "read_seq", "last_message", "version", "last_seq", "member_count",
    "created_at", "expires_at", "closed_at", "topic", "slow_mode_s", "announcement_only",
    "picture", "guest_links", "guest_files", "is_public", "guests_may_join", "history_for_newcomers",
    "keeps_days", "pruned_below",
    "notify", "muted_until", "archived", "pinned", "favourite",
    "mentions", "partner", "draft", "silenced_until",
}  # fmt: skip


def code(response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def post_message(api: Api, chat: Chat, **body: object):
    return api("POST", f"/api/chats/{chat.id}/messages", {"client_id": str(uuid4()), "body": "hi", **body})


def test_a_message_is_201_once_and_200_again(chat: Chat, bob: User):
    client_id = str(uuid4())

    first = post_message(Api(bob), chat, client_id=client_id)
    again = post_message(Api(bob), chat, client_id=client_id, body="other words")

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert set(first.json()) == MESSAGE_KEYS
    assert first.json()["created_at"].endswith("Z")


def test_one_person_posts_so_often_and_others_go_on(chat: Chat, bob: User, ada: User, settings):
    settings.DEEDS_PER_MINUTE = 2
    answers = [post_message(Api(bob), chat) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[1]["RateLimit"].startswith('"deeds";r=0;t=')
    assert int(answers[2]["Retry-After"]) > 0
    assert Message.objects.count() == 2
    assert Api(bob)("GET", "/api/chats").status_code == 200
    assert post_message(Api(ada), chat).status_code == 201


def test_the_list_and_one_chat_have_the_promised_keys(chat: Chat, bob: User):
    listed = Api(bob)("GET", "/api/chats").json()
    single = Api(bob)("GET", f"/api/chats/{chat.id}").json()

    assert set(listed) == {"items", "next"}
    assert set(single) == ITEM_KEYS
    assert listed["items"] == [single]


def test_history_has_the_promised_shape(chat: Chat, bob: User):
    say(chat, bob)

    page = Api(bob)("GET", f"/api/chats/{chat.id}/messages?limit=1").json()

    assert set(page) == {"items", "has_more", "membership_log"}
    assert set(page["items"][0]) == MESSAGE_KEYS


def test_changes_have_the_promised_shape(chat: Chat, bob: User):
    say(chat, bob)

    changes = Api(bob)("GET", f"/api/chats/{chat.id}/changes?since=0").json()
    beyond = Api(bob)("GET", f"/api/chats/{chat.id}/changes?since=999").json()

    assert set(changes) == {"chat", "memberships", "items", "version"}
    assert (len(changes["memberships"]), len(changes["items"])) == (2, 1)
    assert beyond["reset"] is True


def test_edit_delete_and_read_answer_as_promised(chat: Chat, bob: User):
    say(chat, bob)
    message = f"/api/chats/{chat.id}/messages/1"

    assert Api(bob)("PATCH", message, {"body": "new"}).json()["body"] == "new"
    assert Api(bob)("DELETE", message).json()["body"] == ""
    assert Api(bob)("POST", f"/api/chats/{chat.id}/read", {"seq": 1}).status_code == 204


def test_members_are_listed_added_promoted_and_removed(chat: Chat, ada: User, bob: User, eve: User):
    members = f"/api/chats/{chat.id}/members"

    assert Api(ada)("POST", members, {"user": str(eve.id)}).status_code == 201
    assert Api(ada)("PATCH", f"{members}/{eve.id}", {"role": "admin"}).json()["role"] == "admin"
    names = [item["user"]["display_name"] for item in Api(bob)("GET", members).json()["items"]]
    assert names == ["Ada", "Bob", "Eve"]
    assert Api(ada)("DELETE", f"{members}/{eve.id}").status_code == 204
    assert Api(bob)("DELETE", f"{members}/{bob.id}").status_code == 204


EVERYTHING = [
    ("GET", "", None),
    ("PATCH", "", {"title": "x"}),
    ("DELETE", "", None),
    ("GET", "/members", None),
    ("POST", "/members", {"user": "{eve}"}),
    ("PATCH", "/members/{bob}", {"role": "admin"}),
    ("DELETE", "/members/{bob}", None),
    ("DELETE", "/members/{eve}", None),
    ("DELETE", "/members/{bob}?ban=true", None),
    ("GET", "/messages", None),
    ("GET", "/messages?before=5", None),
    ("GET", "/messages?after=0", None),
    ("POST", "/messages", {"client_id": "{id}", "body": "x"}),
    ("PATCH", "/messages/1", {"body": "x"}),
    ("DELETE", "/messages/1", None),
    ("GET", "/changes?since=0", None),
    ("POST", "/read", {"seq": 1}),
]


@pytest.mark.parametrize(("method", "path", "body"), EVERYTHING)
def test_eve_gets_of_a_foreign_chat_what_she_gets_of_none(chat, ada, bob, eve, method, path, body):
    say(chat, bob, "secret")
    before = (Message.objects.get(chat=chat).body, Chat.objects.get(id=chat.id).version)
    filled = json.loads(json.dumps(body).replace("{eve}", str(eve.id)).replace("{id}", str(uuid4())))
    there = path.replace("{bob}", str(bob.id)).replace("{eve}", str(eve.id))

    foreign = Api(eve)(method, f"/api/chats/{chat.id}{there}", filled)
    unknown = Api(eve)(method, f"/api/chats/{uuid4()}{there}", filled)

    assert code(foreign) == (404, "chat_not_found")
    assert foreign.content == unknown.content
    assert (Message.objects.get(chat=chat).body, Chat.objects.get(id=chat.id).version) == before


@pytest.mark.parametrize(("method", "path", "body"), EVERYTHING)
def test_nobody_is_401(chat, bob, eve, method, path, body):
    answer = Api(None)(
        method, f"/api/chats/{chat.id}{path.replace('{bob}', str(bob.id)).replace('{eve}', str(eve.id))}", body
    )

    assert code(answer) == (401, "not_signed_in")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"body": ""}, 422),
        ({"body": "x" * (BODY_LIMIT + 1)}, 422),
        ({"body": "nul \0"}, 422),
        ({"body": 5}, 422),
        ({"body": None}, 422),
        ({"client_id": "not-a-uuid"}, 422),
        ({"client_id": None}, 422),
        ({"reply_to": "1"}, 422),
        ({"reply_to": 99}, 422),
        ({"reply_to": 2**70}, 422),
    ],
)
def test_a_message_that_is_not_right_is_422_and_stores_nothing(chat: Chat, bob: User, body: dict, expected: int):
    answer = post_message(Api(bob), chat, **body)

    assert code(answer) == (expected, "invalid")
    assert answer.json()["error"]["fields"].keys() == body.keys()
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("content", "content_type", "expected"),
    [
        (b"{", "application/json", (400, "malformed")),
        (b"[]", "application/json", (400, "malformed")),
        (b"\xff\xfe", "application/json", (400, "malformed")),
        (b"body=hi", "application/x-www-form-urlencoded", (415, "unsupported_media_type")),
    ],
)
def test_a_body_that_is_no_json_object_is_told_so(chat, bob, content, content_type, expected):
    api = Api(bob)

    answer = api.client.post(f"/api/chats/{chat.id}/messages", content, content_type=content_type, headers=api.headers)

    assert code(answer) == expected


@pytest.mark.parametrize("query", ["limit=0", "limit=1000", "limit=x", "before=-1", "after=9999999999999999999999"])
def test_a_query_that_is_not_right_is_422(chat: Chat, bob: User, query: str):
    assert code(Api(bob)("GET", f"/api/chats/{chat.id}/messages?{query}")) == (422, "invalid")


def test_the_owner_removes_a_member_or_bans_them_for_good(chat: Chat, ada: User, bob: User, eve: User):
    services.enrol(chat_id=chat.id, user_id=eve.id)

    removed = Api(ada)("DELETE", f"/api/chats/{chat.id}/members/{bob.id}")
    banned = Api(ada)("DELETE", f"/api/chats/{chat.id}/members/{eve.id}?ban=true")

    assert (removed.status_code, banned.status_code) == (204, 204)
    assert services.enrol(chat_id=chat.id, user_id=bob.id)[1]
    with pytest.raises(Banned):
        services.enrol(chat_id=chat.id, user_id=eve.id)


@pytest.mark.parametrize(("query", "expected"), [("ban=yes", (422, "invalid")), ("ban=true", (403, "not_allowed"))])
def test_a_ban_is_said_clearly_and_never_of_oneself(chat: Chat, ada: User, query: str, expected: tuple[int, str]):
    assert code(Api(ada)("DELETE", f"/api/chats/{chat.id}/members/{ada.id}?{query}")) == expected


@pytest.mark.parametrize(
    "moment",
    ["", "soon", "2026-11-22T10:00:00", "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"],
)
def test_a_cursor_that_is_none_of_ours_is_422(bob: User, moment: str):
    assert code(Api(bob)("GET", f"/api/chats?before=0_{moment}_{bob.id}")) == (422, "invalid")


def test_an_unknown_address_is_json_too(bob: User):
    answer = Api(bob)("GET", "/api/chats/not-a-uuid")

    assert answer.status_code == 404


def test_the_refusals_of_the_contract_have_their_status(chat: Chat, ada: User, bob: User, guest: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    say(chat, ada)

    assert code(Api(bob)("PATCH", f"/api/chats/{chat.id}/messages/1", {"body": "x"})) == (403, "not_your_message")
    assert code(Api(bob)("DELETE", f"/api/chats/{chat.id}/messages/1")) == (403, "not_your_message")
    assert code(Api(bob)("DELETE", f"/api/chats/{chat.id}/messages/9")) == (404, "message_not_found")
    assert code(Api(guest)("PATCH", f"/api/chats/{chat.id}", {"title": "x"})) == (403, "not_allowed")
    assert code(Api(guest)("POST", "/api/chats", {"kind": "group"})) == (403, "not_allowed")
    assert code(Api(ada)("DELETE", f"/api/chats/{chat.id}/members/{ada.id}")) == (409, "last_owner")
    assert Api(ada)("DELETE", f"/api/chats/{chat.id}").status_code == 204
    assert code(post_message(Api(bob), chat)) == (410, "chat_over")
