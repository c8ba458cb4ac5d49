"""Incoming webhooks: whoever knows the secret writes, under the webhook's name, until it is taken away."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from abdre.events import chat_group
from abdre.redaction import without_tokens
from chat_svc import selectors, services
from chat_svc.models import Chat, IncomingHook, Kind, Role
from chat_svc.tests.conftest import Api, Told

if TYPE_CHECKING:
    from user_svc.models import User

NOBODY = Api(None)


def hooks_path(chat: Chat) -> str:
    return f"/api/chats/{chat.id}/incoming-hooks"


def made(chat: Chat, user: User, name: str = "CI") -> Any:
    answer = Api(user)("POST", hooks_path(chat), {"name": name})
    assert answer.status_code == 201, answer.content
    return answer.json()


def post(secret: str, text: str = "built", **more: Any) -> Any:
    return NOBODY("POST", f"/api/chats/hooks/{secret}", {"text": text, **more})


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_what_is_posted_is_said_by_the_hooks_own_bot(chat: Chat, ada: User, bob: User, told: Told):
    hook = made(chat, ada, name=" CI ")
    told.items.clear()

    answer = post(hook["secret"], "built **well**")

    assert answer.status_code == 201
    sender = answer.json()["sender"]
    assert (sender["display_name"], sender["is_bot"]) == ("CI", True)
    assert told.types_to(chat_group(chat.id)) == ["message.created"]
    assert selectors.messages(chat_id=chat.id, user_id=bob.id)["items"][-1]["body"] == "built **well**"


def test_a_hook_is_listed_without_its_secret(chat: Chat, ada: User):
    hook = made(chat, ada)
    post(hook["secret"])

    [listed] = Api(ada)("GET", hooks_path(chat)).json()["items"]

    assert (listed["id"], listed["name"], listed["is_on"]) == (hook["id"], "CI", True)
    assert listed["ending"] == hook["secret"][-4:]
    assert listed["last_used_at"] is not None
    assert len(hook["secret"]) >= 43
    assert hook["secret"] not in str(IncomingHook.objects.values())


def test_a_repeat_is_the_same_message(chat: Chat, ada: User):
    hook, client_id = made(chat, ada), str(uuid4())

    answers = [post(hook["secret"], client_id=client_id) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()


def test_deleted_it_is_stopped_at_once_and_its_bot_is_gone(chat: Chat, ada: User):
    hook = made(chat, ada)
    post(hook["secret"])

    assert Api(ada)("DELETE", f"{hooks_path(chat)}/{hook['id']}").status_code == 204

    assert code(post(hook["secret"])) == (404, "hook_not_found")
    assert len(selectors.members(chat_id=chat.id, user_id=ada.id)) == 2
    assert len(selectors.messages(chat_id=chat.id, user_id=ada.id)["items"]) == 1


def test_who_takes_its_bot_out_of_the_chat_has_stopped_it(chat: Chat, ada: User):
    hook = made(chat, ada)

    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=IncomingHook.objects.get().bot_id)

    assert code(post(hook["secret"])) == (404, "hook_not_found")
    assert [item["is_on"] for item in Api(ada)("GET", hooks_path(chat)).json()["items"]] == [False]


def test_another_secret_takes_the_place_of_the_first(chat: Chat, ada: User):
    hook = made(chat, ada)

    other = Api(ada)("POST", f"{hooks_path(chat)}/{hook['id']}/secret").json()

    assert code(post(hook["secret"])) == (404, "hook_not_found")
    assert post(other["secret"]).status_code == 201


def test_it_writes_where_only_announcements_are_written_and_at_its_own_pace(chat: Chat, ada: User):
    hook = made(chat, ada)
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"announcement_only": True, "slow_mode_s": 60})

    assert [post(hook["secret"]).status_code for _ in range(2)] == [201, 201]


def test_neither_a_member_nor_a_stranger_has_a_hand_in_it(chat: Chat, ada: User, bob: User, eve: User, told: Told):
    hook = made(chat, ada)
    told.items.clear()
    deeds = [
        ("GET", hooks_path(chat), None),
        ("POST", hooks_path(chat), {"name": "Mine"}),
        ("POST", f"{hooks_path(chat)}/{hook['id']}/secret", None),
        ("DELETE", f"{hooks_path(chat)}/{hook['id']}", None),
    ]

    assert [code(Api(bob)(*deed)) for deed in deeds] == [(403, "not_allowed")] * 4
    assert [code(Api(eve)(*deed)) for deed in deeds] == [(404, "chat_not_found")] * 4
    assert [NOBODY(*deed).status_code for deed in deeds] == [401] * 4
    assert told.items == []
    assert post(hook["secret"]).status_code == 201


def test_the_hook_of_one_chat_is_none_of_another(chat: Chat, other: Chat, ada: User):
    hook = made(chat, ada)

    for method, path in (("DELETE", ""), ("POST", "/secret")):
        assert code(Api(ada)(method, f"{hooks_path(other)}/{hook['id']}{path}")) == (404, "hook_not_found")


def test_two_people_who_talk_have_no_hooks(ada: User, bob: User):
    direct = services.create_chat(creator_id=ada.id, kind=Kind.DIRECT, members=[bob.id])

    assert code(Api(ada)("POST", hooks_path(direct), {"name": "CI"})) == (403, "not_allowed")


@pytest.mark.parametrize("body", [{"text": ""}, {"text": " "}, {"text": "x" * 8001}, {"text": "\0"}, {"text": 1}, {}])
def test_what_cannot_be_said_is_refused_by_its_field(chat: Chat, ada: User, body: dict[str, Any]):
    answer = NOBODY("POST", f"/api/chats/hooks/{made(chat, ada)['secret']}", body)

    assert answer.status_code == 422
    assert list(answer.json()["error"]["fields"]) == ["text"]


def test_a_name_for_one_message_stands_beside_the_hooks_own(chat: Chat, ada: User, bob: User):
    hook = made(chat, ada)

    named, plain = post(hook["secret"], username=" Deploy ", text="**up**").json(), post(hook["secret"]).json()

    assert (named["shown_as"], named["sender"]["display_name"], named["sender"]["is_bot"]) == ("Deploy", "CI", True)
    assert "html" in named
    assert "shown_as" not in plain
    assert "shown_as" not in services.delete_message(chat_id=chat.id, actor_id=ada.id, seq=named["seq"])


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "\0", "a\u202eb", "\u2800", "a\nb", 1])
def test_what_cannot_be_a_name_is_none_for_one_message(chat: Chat, ada: User, name: Any):
    answer = post(made(chat, ada)["secret"], username=name)

    assert answer.status_code == 422
    assert list(answer.json()["error"]["fields"]) == ["username"]
    assert selectors.messages(chat_id=chat.id, user_id=ada.id)["items"] == []


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "\0", "\u202e"])
def test_what_cannot_be_a_name_is_refused(chat: Chat, ada: User, name: str):
    assert Api(ada)("POST", hooks_path(chat), {"name": name}).status_code == 422
    assert not IncomingHook.objects.exists()
    assert not get_user_model().objects.filter(is_bot=True).exists()


def test_a_chat_has_so_many_and_one_that_is_over_gets_none(chat: Chat, ada: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chat_svc.services.hooks.HOOKS_PER_CHAT", 1)
    hook = made(chat, ada)

    assert code(Api(ada)("POST", hooks_path(chat), {"name": "CI"})) == (409, "too_many_hooks")
    services.close_chat(chat_id=chat.id, actor_id=ada.id)
    assert code(post(hook["secret"])) == (410, "chat_over")
    assert code(Api(ada)("POST", hooks_path(chat), {"name": "CI"})) == (410, "chat_over")
    assert Api(ada)("DELETE", f"{hooks_path(chat)}/{hook['id']}").status_code == 204


def test_one_hook_says_so_much_a_minute(chat: Chat, ada: User, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chat_svc.services.hook_posts.POSTS_PER_HOOK", {"limit": 1, "window_s": 60})
    one, two = made(chat, ada), made(chat, ada)

    assert [post(hook["secret"]).status_code for hook in (one, one, two)] == [201, 429, 201]


def test_a_temporary_chat_leaves_neither_hook_nor_bot(ada: User):
    chat = services.create_chat(creator_id=ada.id, kind=Kind.TEMPORARY, title="Tea")
    hook = made(chat, ada)
    post(hook["secret"])
    Chat.objects.filter(id=chat.id).update(expires_at=timezone.now() - timedelta(seconds=1))

    services.erase_expired_chats()

    assert not Chat.objects.filter(id=chat.id).exists()
    assert not IncomingHook.objects.exists()
    assert not get_user_model().objects.filter(is_bot=True).exists()
    assert code(post(hook["secret"])) == (404, "hook_not_found")


def test_an_admin_manages_hooks_too(chat: Chat, ada: User, bob: User):
    services.change_role(chat_id=chat.id, actor_id=ada.id, user_id=bob.id, role=Role.ADMIN)

    assert made(chat, bob)["secret"]


def test_a_list_costs_the_same_however_many_there_are(chat: Chat, ada: User):
    for _ in range(3):
        made(chat, ada)
    api = Api(ada)

    with CaptureQueriesContext(connection) as queries:
        api("GET", hooks_path(chat))

    assert len(queries) <= 4


def test_no_log_tells_the_secret():
    assert without_tokens("POST /api/chats/hooks/abcdef 201") == "POST /api/chats/hooks/*** 201"


def test_guessing_is_slowed_down(chat: Chat, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chat_svc.services.hook_posts.UNKNOWN_PER_PREFIX", {"limit": 0, "window_s": 60})

    assert post("guess").status_code == 429
