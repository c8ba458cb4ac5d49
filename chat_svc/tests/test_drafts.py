"""What somebody has begun to write is theirs, on all of their devices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from abdre.events import user_group
from chat_svc import selectors, services
from chat_svc.models import Chat, Draft
from chat_svc.tests.conftest import Api, Told

if TYPE_CHECKING:
    from user_svc.models import User


def draft_of(chat: Chat, user: User) -> Any:
    return selectors.chat_detail(chat_id=chat.id, user_id=user.id)["draft"]


def test_a_draft_is_kept_and_told_to_ones_own_devices_alone(chat: Chat, ada: User, bob: User, told: Told):
    answer = Api(bob)("PUT", f"/api/chats/{chat.id}/draft", {"body": "Dear all,\n", "reply_to": None})

    assert answer.status_code == 200
    draft = answer.json()
    assert draft == {"body": "Dear all,\n", "reply_to": None, "saved_at": draft["saved_at"]}
    assert told.items == [
        (user_group(bob.id), {"type": "draft.changed", "chat": str(chat.id), "draft": draft}),
    ]
    assert draft_of(chat, bob) == draft
    assert selectors.chat_list(user_id=bob.id)["items"][0]["draft"] == draft
    assert draft_of(chat, ada) is None


def test_the_last_one_saved_counts(chat: Chat, bob: User):
    first = services.save_draft(chat_id=chat.id, user_id=bob.id, body="one", reply_to=3)

    second = services.save_draft(chat_id=chat.id, user_id=bob.id, body="two")

    assert draft_of(chat, bob) == second
    assert second["saved_at"] >= first["saved_at"]
    assert second["reply_to"] is None


def test_a_draft_is_dropped_once_and_its_absence_is_no_error(chat: Chat, bob: User, told: Told):
    services.save_draft(chat_id=chat.id, user_id=bob.id, body="one")
    told.items.clear()

    answers = [Api(bob)("DELETE", f"/api/chats/{chat.id}/draft").status_code for _ in range(2)]

    assert answers == [204, 204]
    assert told.items == [(user_group(bob.id), {"type": "draft.changed", "chat": str(chat.id), "draft": None})]
    assert draft_of(chat, bob) is None


def test_a_guest_keeps_drafts_too(guest: User):
    own = services.create_chat(creator_id=guest.id, kind="temporary")

    assert Api(guest)("PUT", f"/api/chats/{own.id}/draft", {"body": "hm"}).status_code == 200


def test_strangers_and_who_was_removed_keep_none_and_nobody_is_told(
    chat: Chat, ada: User, bob: User, eve: User, told: Told
):
    services.remove_member(chat_id=chat.id, actor_id=ada.id, user_id=bob.id)
    told.items.clear()

    for nobody in (eve, bob):
        assert Api(nobody)("PUT", f"/api/chats/{chat.id}/draft", {"body": "hm"}).status_code == 404
        assert Api(nobody)("DELETE", f"/api/chats/{chat.id}/draft").status_code == 404
    assert told.items == []
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"body": "  "}, {"body": "x" * 8_001}, {"body": "a\0"}, {"body": "a", "reply_to": 0}]
)
def test_what_could_not_be_sent_is_no_draft(chat: Chat, bob: User, wrong: dict[str, Any]):
    answer = Api(bob)("PUT", f"/api/chats/{chat.id}/draft", wrong)

    assert answer.status_code == 422
    assert not Draft.objects.exists()


def test_in_a_chat_that_is_over_none_is_begun(chat: Chat, ada: User):
    services.close_chat(chat_id=chat.id, actor_id=ada.id)

    assert Api(ada)("PUT", f"/api/chats/{chat.id}/draft", {"body": "hm"}).status_code == 410


def test_keeping_and_dropping_cost_two_queries_and_a_transaction(chat: Chat, bob: User, django_assert_num_queries: Any):
    with django_assert_num_queries(4):
        services.save_draft(chat_id=chat.id, user_id=bob.id, body="one")
    with django_assert_num_queries(4):
        services.drop_draft(chat_id=chat.id, user_id=bob.id)


def test_who_leaves_for_good_leaves_no_draft(chat: Chat, bob: User):
    services.save_draft(chat_id=chat.id, user_id=bob.id, body="one")

    services.leave_chats(user_id=bob.id)

    assert not Draft.objects.exists()
