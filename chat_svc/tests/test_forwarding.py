"""A message is said again in another chat: its words, its files and a name; nothing that leads back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from abdre.events import chat_group
from chat_svc import services
from chat_svc.files import store
from chat_svc.models import Attachment, Chat, Mention, Message
from chat_svc.tests.conftest import Api, Told, kept, say, send_up
from chat_svc.tests.pictures import picture
from user_svc.services import block

if TYPE_CHECKING:
    from user_svc.models import User


@pytest.fixture
def said(chat: Chat, ada: User) -> None:
    say(chat, ada, "**tea** for @bob")


def forward(chat: Chat, user: User, to: Chat, seq: int = 1, client_id: UUID | None = None) -> Any:
    facts = {"to": str(to.id), "client_id": str(client_id or uuid4())}
    return Api(user)("POST", f"/api/chats/{chat.id}/messages/{seq}/forward", facts)


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def bodies(chat: Chat) -> list[str]:
    return list(Message.objects.filter(chat=chat).order_by("seq").values_list("body", flat=True))


def with_photo(chat: Chat, user: User, body: str = "") -> dict[str, Any]:
    upload = send_up(chat, user, "hill.png", picture())
    return dict(say(chat, user, body, attachments=[upload["id"]]).message["attachments"][0])


def test_its_words_and_looks_come_with_a_name_and_call_nobody(
    chat: Chat, said: None, other: Chat, bob: User, told: Told
):
    told.items.clear()

    answer = forward(chat, bob, other)

    message = answer.json()
    assert answer.status_code == 201
    assert (message["body"], message["forwarded"]) == ("**tea** for @bob", {"display_name": "Ada"})
    assert message["html"] == "<p><strong>tea</strong> for @bob</p>"
    assert (message["chat"], message["sender"]["id"]) == (str(other.id), str(bob.id))
    assert "mentions" not in message
    assert not Mention.objects.filter(chat=other).exists()
    assert told.items == [(chat_group(other.id), told.items[0][1])]
    assert told.items[0][1]["message"] == message


def test_nothing_leads_back_to_where_it_was_said(chat: Chat, ada: User, bob: User, other: Chat):
    say(chat, ada, "first")
    say(chat, ada, "second", thread=1, reply_to=1)
    Api(ada)("PUT", f"/api/chats/{chat.id}/messages/2/reactions/👍")

    message = forward(chat, bob, other, seq=2).json()

    assert str(chat.id) not in json.dumps(message)
    assert str(ada.id) not in json.dumps(message)
    assert (message["reply_to"], message["reactions"], "thread" in message) == (None, [], False)


def test_however_often_it_goes_on_it_is_still_that_persons(chat: Chat, said: None, other: Chat, bob: User):
    forward(chat, bob, other)

    again = forward(other, bob, chat)

    assert again.json()["forwarded"] == {"display_name": "Ada"}


def test_the_same_client_id_twice_is_one_message_with_one_set_of_files(chat: Chat, ada: User, other: Chat, bob: User):
    with_photo(chat, ada)
    client_id = uuid4()

    first, again = (forward(chat, bob, other, client_id=client_id) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Message.objects.filter(chat=other).count() == 1
    assert Attachment.objects.exclude(chat=chat).count() == 1


def test_a_file_is_copied_and_outlives_the_first(chat: Chat, ada: User, bob: User, other: Chat):
    original = with_photo(chat, ada, "hill")

    copy = forward(chat, bob, other).json()["attachments"][0]
    services.delete_message(chat_id=chat.id, actor_id=ada.id, seq=1)
    services.erase_dropped_files()

    assert copy["id"] != original["id"]
    assert {**copy, "id": ""} == {**original, "id": ""}
    for name in ("file", "large", "thumb"):
        assert kept(copy["id"], name)
    with pytest.raises(FileNotFoundError):
        kept(original["id"], "file")
    content = f"/api/chats/{other.id}/attachments/{copy['id']}/content"
    assert Api(ada)("GET", content).status_code == 302


def test_deleting_the_copy_leaves_the_first(chat: Chat, ada: User, bob: User, other: Chat):
    original = with_photo(chat, ada)
    copy = forward(chat, bob, other).json()["attachments"][0]

    services.delete_message(chat_id=other.id, actor_id=bob.id, seq=1)
    services.erase_dropped_files()

    assert kept(original["id"], "file")
    with pytest.raises(FileNotFoundError):
        kept(copy["id"], "file")


def test_what_was_forwarded_out_of_a_temporary_chat_stays_when_that_is_erased(ada: User, bob: User, other: Chat):
    temporary = services.create_chat(creator_id=ada.id, kind="temporary", ttl_s=3600, members=[bob.id])
    original = with_photo(temporary, ada, "hill")
    copy = forward(temporary, bob, other).json()["attachments"][0]

    Chat.objects.filter(id=temporary.id).update(expires_at=temporary.created_at)
    services.erase_expired_chats()
    services.erase_dropped_files()

    assert bodies(other) == ["hill"]
    assert kept(copy["id"], "file")
    assert not Attachment.objects.filter(id=original["id"]).exists()


def test_what_goes_into_a_temporary_chat_is_erased_with_it(chat: Chat, ada: User, bob: User):
    with_photo(chat, ada)
    temporary = services.create_chat(creator_id=ada.id, kind="temporary", ttl_s=3600, members=[bob.id])
    copy = forward(chat, bob, temporary).json()["attachments"][0]

    Chat.objects.filter(id=temporary.id).update(expires_at=temporary.created_at)
    services.erase_expired_chats()
    services.erase_dropped_files()

    assert not Attachment.objects.filter(id=copy["id"]).exists()
    with pytest.raises(FileNotFoundError):
        kept(copy["id"], "file")


def test_files_that_are_too_large_together_are_refused_in_words(
    chat: Chat, ada: User, bob: User, other: Chat, settings: Any
):
    with_photo(chat, ada)
    settings.ATTACHMENT_LIMIT_BYTES = 1

    answer = forward(chat, bob, other)

    assert code(answer) == (413, "file_too_large")
    assert Attachment.objects.count() == 1


def test_a_file_that_went_meanwhile_leaves_nothing_behind(
    chat: Chat, ada: User, bob: User, other: Chat, monkeypatch: pytest.MonkeyPatch
):
    original, copy = with_photo(chat, ada), store.copy

    def copy_and_lose(attachment_id: UUID, to: UUID) -> None:
        copy(attachment_id, to)
        services.delete_message(chat_id=chat.id, actor_id=ada.id, seq=1)

    monkeypatch.setattr(store, "copy", copy_and_lose)

    assert code(forward(chat, bob, other)) == (404, "attachment_not_found")
    services.erase_dropped_files()
    assert (bodies(other), Attachment.objects.count()) == ([], 0)
    with pytest.raises(FileNotFoundError):
        kept(original["id"], "file")


def test_strangers_forward_nothing_out_and_nothing_in_and_nobody_hears(
    chat: Chat, said: None, other: Chat, ada: User, bob: User, eve: User, told: Told
):
    hers = services.create_chat(creator_id=eve.id, kind="group", title="Eve's")
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=bob.id)
    told.items.clear()

    answers = [forward(chat, eve, hers), forward(chat, bob, other), forward(other, eve, hers), forward(hers, eve, chat)]

    assert {code(answer) for answer in answers[:3]} == {(404, "chat_not_found")}
    say(hers, eve, "mine")
    with_photo(hers, eve)
    told.items.clear()
    for seq in (1, 2):
        assert code(forward(hers, eve, chat, seq=seq)) == (404, "chat_not_found")
    assert told.items == []
    assert Attachment.objects.count() == 1


def test_what_is_hidden_from_a_newcomer_or_deleted_or_the_systems_stays_where_it_is(
    chat: Chat, said: None, other: Chat, ada: User, bob: User, eve: User
):
    services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"title": "Mate", "history_for_newcomers": False})
    services.enrol(chat_id=chat.id, user_id=eve.id)
    hers = services.create_chat(creator_id=eve.id, kind="group", title="Eve's")

    assert code(forward(chat, eve, hers)) == (404, "message_not_found")
    assert code(forward(chat, bob, other, seq=2)) == (403, "not_allowed")
    services.delete_message(chat_id=chat.id, actor_id=ada.id, seq=1)
    assert code(forward(chat, bob, other)) == (409, "message_deleted")
    assert (bodies(hers), bodies(other)) == ([], [])


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({"announcement_only": True}, (403, "announcements_only")),
        ({"guest_files": "refused"}, (403, "files_refused")),
        ({"guest_links": "refused"}, (403, "links_refused")),
        ({"slow_mode_s": 600}, (429, "slow_mode")),
    ],
)
def test_the_rules_of_the_other_chat_hold_for_a_guest_and_nothing_is_copied(
    chat: Chat, other: Chat, ada: User, guest: User, rules: dict[str, Any], expected: tuple[int, str]
):
    for place in (chat, other):
        services.enrol(chat_id=place.id, user_id=guest.id)
    with_photo(chat, ada, "see https://example.org")
    services.change_chat(chat_id=other.id, actor_id=ada.id, facts=rules)  # type: ignore[arg-type]
    if "slow_mode_s" in rules:
        say(other, guest, "before")

    assert code(forward(chat, guest, other)) == expected
    assert Attachment.objects.count() == 1


def test_a_guest_forwards_between_chats_of_their_own_alone(chat: Chat, said: None, other: Chat, guest: User):
    services.enrol(chat_id=chat.id, user_id=guest.id)

    assert code(forward(chat, guest, other)) == (404, "chat_not_found")
    services.enrol(chat_id=other.id, user_id=guest.id)
    assert forward(chat, guest, other).status_code == 201


def test_not_into_a_chat_that_is_over_nor_to_who_has_blocked_one(
    chat: Chat, said: None, other: Chat, ada: User, bob: User
):
    direct = services.create_chat(creator_id=ada.id, kind="direct", members=[bob.id])
    block(user_id=ada.id, other_id=bob.id)
    services.close_chat(chat_id=other.id, actor_id=ada.id)

    assert code(forward(chat, bob, direct))[0] == 403
    assert code(forward(chat, bob, other)) == (410, "chat_over")


def test_out_of_a_closed_chat_it_may_be_forwarded_as_it_may_be_read(
    chat: Chat, said: None, other: Chat, ada: User, bob: User
):
    services.close_chat(chat_id=chat.id, actor_id=ada.id)

    assert forward(chat, bob, other).status_code == 201


def test_it_stays_as_it_was_said(chat: Chat, said: None, other: Chat, bob: User, told: Told):
    forward(chat, bob, other)
    told.items.clear()

    answer = Api(bob)("PATCH", f"/api/chats/{other.id}/messages/1", {"body": "coffee"})

    assert code(answer) == (409, "message_forwarded")
    assert bodies(other) == ["**tea** for @bob"]
    assert told.items == []


def test_many_files_cost_few_queries(chat: Chat, ada: User, bob: User, other: Chat, django_assert_max_num_queries: Any):
    uploads = [send_up(chat, ada, f"{number}.bin", b"abc")["id"] for number in range(3)]
    say(chat, ada, "", attachments=uploads)

    # Two for each file: its row before its bytes, and a word that they are there.
    with django_assert_max_num_queries(10 + 2 * len(uploads)):
        services.forward_message(chat_id=chat.id, seq=1, user_id=bob.id, to=other.id, client_id=uuid4())
