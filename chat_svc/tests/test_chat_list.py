"""The list of chats: filtered, searched by name, the pinned ones on top, and quick with a thousand of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from chat_svc import selectors, services
from chat_svc.models import Chat, Membership
from chat_svc.selectors.listing import Filter
from chat_svc.tests.conftest import Api, say

if TYPE_CHECKING:
    from user_svc.models import User


def listed(user: User, **options: Any) -> list[str]:
    return [item["title"] for item in selectors.chat_list(user_id=user.id, **options)["items"]]


def prefer(chat: Chat, user: User, **facts: Any) -> None:
    services.prefer(chat_id=chat.id, user_id=user.id, facts=facts)  # type: ignore[arg-type]


@pytest.fixture
def town(ada: User, bob: User) -> dict[str, Chat]:
    """Bob's chats, by their names as he sees them."""
    chats = {
        title: services.create_chat(creator_id=ada.id, kind="group", title=title, members=[bob.id])
        for title in ("Tea", "Coffee", "Сад у дома", "Old")
    }
    chats["Ada"] = services.create_chat(creator_id=ada.id, kind="direct", members=[bob.id])
    prefer(chats["Tea"], bob, favourite=True)
    prefer(chats["Old"], bob, archived=True)
    say(chats["Coffee"], ada)
    return chats


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (Filter.ALL, {"Tea", "Coffee", "Сад у дома", "Ada"}),
        (Filter.UNREAD, {"Coffee"}),
        (Filter.DIRECT, {"Ada"}),
        (Filter.GROUPS, {"Tea", "Coffee", "Сад у дома"}),
        (Filter.FAVOURITES, {"Tea"}),
        (Filter.ARCHIVED, {"Old"}),
    ],
)
def test_each_filter_lists_its_own(town: dict[str, Chat], bob: User, which: Filter, expected: set[str]):
    assert set(listed(bob, which=which)) == expected
    answer = Api(bob)("GET", f"/api/chats?filter={which}").json()
    assert {item["title"] for item in answer["items"]} == expected


def test_an_archived_chat_is_back_in_the_list_with_a_new_message_unless_it_is_muted(
    town: dict[str, Chat], ada: User, bob: User
):
    say(town["Old"], ada)
    assert "Old" in listed(bob)

    prefer(town["Old"], bob, archived=True, muted_until=timezone.now() + timedelta(hours=1))
    say(town["Old"], ada)
    assert "Old" not in listed(bob)
    assert listed(bob, which="archived") == ["Old"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("tea", ["Tea"]),
        ("САД", ["Сад у дома"]),
        ("дома сад", ["Сад у дома"]),
        ("ad", ["Ada"]),
        ("bob", []),
        ("old", []),
        ("%", []),
    ],
)
def test_a_name_is_found_by_its_words_in_any_case(town: dict[str, Chat], bob: User, words: str, expected: list[str]):
    assert listed(bob, words=words) == expected


def test_nobody_finds_by_name_what_they_are_not_in(town: dict[str, Chat], eve: User):
    assert listed(eve, words="tea") == []


@pytest.mark.parametrize("query", ["filter=", "filter=mine", f"q={'x' * 101}", "q=%00"])
def test_what_is_no_filter_is_refused(bob: User, query: str):
    assert Api(bob)("GET", f"/api/chats?{query}").status_code == 422


def test_pinned_chats_are_on_top_page_by_page(ada: User):
    chats = [services.create_chat(creator_id=ada.id, kind="group", title=str(number)) for number in range(6)]
    for chat in (chats[0], chats[2], chats[3]):
        prefer(chat, ada, pinned=True)
    seen, before = [], ""

    while True:
        page = selectors.chat_list(user_id=ada.id, limit=2, before=before)
        seen += [item["title"] for item in page["items"]]
        if page["next"] is None:
            break
        before = page["next"]

    assert seen == ["3", "2", "0", "5", "4", "1"]


def test_a_page_of_a_thousand_chats_costs_three_queries(ada: User, bob: User, django_assert_max_num_queries: Any):
    chats = Chat.objects.bulk_create(
        Chat(kind="group", title=f"Chat {number}", created_by=ada, last_seq=1, version=2) for number in range(998)
    )
    Membership.objects.bulk_create(
        Membership(chat=chat, user=user, version=version)
        for chat in chats
        for version, user in enumerate((ada, bob), start=3)
    )
    services.create_chat(creator_id=ada.id, kind="direct", members=[bob.id])

    for which in Filter:
        with django_assert_max_num_queries(3):
            selectors.chat_list(user_id=ada.id, which=which)
    with django_assert_max_num_queries(4):
        page = selectors.chat_list(user_id=ada.id, words="chat 99")
    assert len(page["items"]) == 17
