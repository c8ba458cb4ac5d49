"""Search: the same answers on both databases, whether the messages stand in blocks already or not."""

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.utils import timezone

from abdre.errors import Invalid
from chat_svc import services
from chat_svc.errors import NotAMember
from chat_svc.models import MESSAGES_PER_BLOCK, Chat, Kind, Membership, Message, SearchBlock
from chat_svc.selectors import search
from chat_svc.selectors.searching.query import Filters
from chat_svc.tests.conftest import Api, say

if TYPE_CHECKING:
    from user_svc.models import User

Found = Callable[..., list[str]]


def found(user: "User", text: str, **options: Any) -> list[str]:
    return [hit["message"]["body"] for hit in search(user_id=user.id, text=text, **options)["items"]]


def pad(chat: Chat, user: "User", count: int = MESSAGES_PER_BLOCK) -> None:
    """Enough is said after it that what stands in the chat is sealed."""
    for number in range(count):
        say(chat, user, f"~{number}~")


@pytest.fixture(params=[False, True], ids=["unsealed", "sealed"])
def settle(request: pytest.FixtureRequest) -> Callable[[Chat, "User"], None]:
    def settled(chat: Chat, user: "User") -> None:
        if request.param:
            pad(chat, user)
            assert services.seal_search_blocks()

    return settled


FOUND = (
    "завтра",
    "ЗАВТРА",  # letter case
    "завт",  # the beginning of a word
    "автр",  # its middle
    "ра",
    "Кофе завтра",  # several words, in any order
    '"завтра на крыше"',  # a phrase
    '"на  крыше',  # never closed, and spaces are one
    "☕",
    "қала",
    "ҚАЛА",
    "今晚",
    "晚",  # one sign is a word
    "さん",
    "STRASSE",  # one sign folded into two
    "100%",
    "_(",
)
NOT_FOUND = ("послезавтра", '"крыше на"', "завтра обед", "100%x", "今朝", "завтра -кофе")
REFUSED = (
    "",
    "  ",
    '""',
    "a",
    "я",
    "a b",
    "x" * 201,
    "a\0b",
    "before:soon",
    "has:cake",
    " ".join(["word"] * 5 + [*"abcdefghij"]),
)


class TestWords:
    def test_words_and_parts_of_words_in_any_script(self, chat, ada, bob, settle):
        body = "Кофе ☕ завтра\n на крыше? Қала 今晚 ねこさん Straße 100_("
        say(chat, ada, body)
        say(chat, ada, "100%")
        settle(chat, ada)

        assert [text for text in FOUND if not found(bob, text)] == []
        assert [text for text in NOT_FOUND if found(bob, text)] == []

    def test_what_cannot_be_searched_is_refused(self, chat, bob):
        for text in REFUSED:
            with pytest.raises(Invalid):
                found(bob, text)

    def test_both_spellings_of_a_letter_are_one(self, chat, ada, bob, settle):
        say(chat, ada, "зеленыи\u0306 чаи\u0306")
        settle(chat, ada)

        assert len(found(bob, "зеленый")) == 1

    def test_words_of_two_messages_side_by_side_are_no_hit(self, chat, ada, bob, settle):
        say(chat, ada, "apple")
        say(chat, ada, "pear")
        settle(chat, ada)

        assert found(bob, "apple pear") == []
        assert found(bob, '"apple pear"') == []


class TestFilters:
    def test_by_who_said_it(self, chat, ada, bob, settle):
        say(chat, ada, "tea by ada")
        say(chat, bob, "tea by bob")
        settle(chat, ada)

        assert found(bob, "from:ADA tea") == ["tea by ada"]
        assert found(bob, "from:@bob tea") == ["tea by bob"]
        assert found(bob, "from:me tea") == ["tea by bob"]
        assert found(bob, "from:ada from:bob tea") == ["tea by bob", "tea by ada"]
        assert found(bob, "from:nobody tea") == []
        assert found(bob, "tea", filters=Filters(sender=ada.id)) == ["tea by ada"]
        assert found(bob, "tea from:bob", filters=Filters(sender=ada.id)) == []

    def test_by_chat(self, chat, other, ada, bob, settle):
        direct = services.create_chat(creator_id=ada.id, kind=Kind.DIRECT, members=[bob.id])
        for one in (chat, other, direct):
            say(one, ada, f"hello {one.title}")
        settle(chat, ada)

        assert found(bob, "in:tea hello") == ["hello Tea"]
        assert found(bob, 'in:"cof" hello') == ["hello Coffee"]
        assert found(bob, "in:ada hello") == ["hello "]
        assert found(bob, "in:nowhere hello") == []
        assert found(bob, "hello", chat_id=other.id) == ["hello Coffee"]

    def test_by_day(self, chat, ada, bob, settle):
        for day in (1, 2, 3):
            seq = say(chat, ada, f"tea {day}").message["seq"]
            Message.objects.filter(chat=chat, seq=seq).update(created_at=dt.datetime(2026, 11, day, tzinfo=dt.UTC))
        settle(chat, ada)

        assert found(bob, "tea after:2026-11-02") == ["tea 3", "tea 2"]
        assert found(bob, "tea before:2026-11-02") == ["tea 1"]
        assert found(bob, "after:2026-11-02 before:2026-11-03") == ["tea 2"]
        assert found(bob, "tea", filters=Filters(after="2026-11-03")) == ["tea 3"]

    def test_by_what_it_has(self, chat, ada, bob, settle):
        say(chat, ada, "see https://example.org/")
        say(chat, ada, "@bob look")
        say(chat, ada, "write to bob@example.org")
        for kind in ("image", "file", "audio"):
            seq = say(chat, ada, f"one {kind}").message["seq"]
            Message.objects.filter(chat=chat, seq=seq).update(extras={"attachments": [{"kind": kind, "name": "a"}]})
        settle(chat, ada)

        assert found(bob, "has:link") == ["see https://example.org/"]
        assert found(bob, "has:mention") == ["@bob look"]
        assert found(bob, "has:image") == ["one image"]
        assert found(bob, "has:file") == ["one audio", "one file"]
        assert found(bob, "has:file one has:image") == []
        assert found(bob, "audio", filters=Filters(has="file")) == ["one audio"]

    def test_a_picture_without_a_word_is_found_by_its_name_and_by_what_it_is(self, chat, ada, bob, settle):
        seq = say(chat, ada, "x").message["seq"]
        picture = {"attachments": [{"kind": "image", "name": "Крыша.jpg"}]}
        Message.objects.filter(chat=chat, seq=seq).update(body="", extras=picture)
        settle(chat, ada)

        assert found(bob, "has:image") == [""]
        assert found(bob, "has:image from:ada in:tea") == [""]
        assert found(bob, "крыша.jpg") == [""]
        assert found(bob, "has:image word") == []

    def test_what_the_system_tells_is_no_hit(self, chat, ada, bob, settle):
        seq = say(chat, ada, "x").message["seq"]
        told = {"kind": "system", "body": "", "extras": {"system": {"what": "renamed"}}}
        Message.objects.filter(chat=chat, seq=seq).update(**told)
        say(chat, ada, "hello")
        settle(chat, ada)

        assert "" not in found(bob, "from:ada")

    def test_what_looks_like_a_filter_and_is_none_is_a_word(self, chat, ada, bob, settle):
        say(chat, ada, "ratio 3:4 at http://example.org")
        settle(chat, ada)

        assert len(found(bob, "3:4 http://example")) == 1


class TestWhoFindsWhat:
    def test_strangers_find_nothing(self, chat, ada, eve, settle):
        say(chat, ada, "secret")
        settle(chat, ada)

        assert found(eve, "secret") == []
        with pytest.raises(NotAMember):
            found(eve, "secret", chat_id=chat.id)

    def test_strangers_names_are_not_asked_for_elsewhere(self, chat, ada, bob, eve):
        say(chat, ada, "secret")

        assert found(bob, "from:eve") == []

    def test_whoever_left_finds_nothing_any_more(self, chat, ada, bob, settle):
        say(chat, ada, "secret")
        settle(chat, ada)
        services.leave_chat(chat_id=chat.id, user_id=bob.id)

        assert found(bob, "secret") == []

    def test_a_closed_chat_can_be_searched(self, chat, ada, bob, settle):
        say(chat, ada, "secret")
        settle(chat, ada)
        services.close_chat(chat_id=chat.id, actor_id=ada.id)

        assert found(bob, "secret") == ["secret"]

    def test_a_temporary_chat_is_not_found_after_its_end_and_leaves_nothing(self, ada, settle):
        chat = services.create_chat(creator_id=ada.id, kind=Kind.TEMPORARY, ttl_s=60)
        say(chat, ada, "secret")
        settle(chat, ada)
        assert found(ada, "secret") == ["secret"]

        Chat.objects.filter(id=chat.id).update(expires_at=timezone.now())
        assert found(ada, "secret") == []

        assert services.erase_expired_chats() == 1
        assert not SearchBlock.objects.exists()

    @pytest.mark.parametrize("bound", [{"visible_from_seq": 2}, {"cleared_seq": 1}])
    def test_nothing_that_is_hidden_or_cleared_is_found(self, chat, ada, bob, settle, bound):
        say(chat, ada, "old tea")
        say(chat, ada, "new tea")
        settle(chat, ada)
        Membership.objects.filter(chat=chat, user_id=bob.id).update(**bound)

        assert found(bob, "tea") == ["new tea"]
        assert found(ada, "tea") == ["new tea", "old tea"]


class TestChanges:
    def test_what_is_said_is_found_at_once(self, chat, ada, bob):
        pad(chat, ada)
        services.seal_search_blocks()

        say(chat, ada, "fresh")

        assert found(bob, "fresh") == ["fresh"]

    def test_an_edited_message_is_found_by_its_new_words_only(self, chat, ada, bob, settle):
        say(chat, ada, "before")
        settle(chat, ada)

        services.edit_message(chat_id=chat.id, actor_id=ada.id, seq=1, body="afterwards")

        for _ in range(2):
            assert found(bob, "before") == []
            assert found(bob, "afterwards") == ["afterwards"]
            services.seal_search_blocks()
        assert not SearchBlock.objects.filter(folded=None).exists()

    def test_a_deleted_message_is_not_found_and_its_words_are_kept_nowhere(self, chat, ada, bob, settle):
        say(chat, ada, "secret")
        settle(chat, ada)

        services.delete_message(chat_id=chat.id, actor_id=ada.id, seq=1)

        for _ in range(2):
            assert not SearchBlock.objects.filter(folded__contains="secret").exists()
            assert found(bob, "secret") == []
            assert "" not in found(bob, "from:ada")
            services.seal_search_blocks()

    def test_what_somebody_takes_along_for_good_is_kept_nowhere(self, chat, ada, bob, settle):
        say(chat, bob, "secret")
        say(chat, ada, "answer")
        settle(chat, ada)

        services.erase_messages(user_id=bob.id)

        assert not SearchBlock.objects.filter(folded__contains="secret").exists()
        assert found(ada, "secret") == []
        assert found(ada, "answer") == ["answer"]


class TestPages:
    def test_newest_first_over_all_chats_page_by_page(self, chat, other, ada, bob, settle):
        for number in range(8):
            say((chat, other)[number % 2], ada, f"tea {number}")
        settle(chat, ada)
        settle(other, ada)

        bodies: list[str] = []
        cursor: str | None = ""
        pages = 0
        while cursor is not None:
            page = search(user_id=bob.id, text="tea", cursor=cursor, limit=3)
            bodies += [hit["message"]["body"] for hit in page["items"]]
            cursor, pages = page["next"], pages + 1
            say(chat, ada, "one more tea")  # moves no page that follows

        assert bodies == [f"tea {number}" for number in reversed(range(8))]
        assert pages == 3

    def test_hits_beyond_the_first_look_are_found_in_their_order(self, chat, ada, bob, monkeypatch):
        monkeypatch.setattr("chat_svc.selectors.searching.FIRST_LOOK", 1)
        for block in range(12):
            say(chat, ada, f"pear {block}")
            say(chat, ada, f"apple {block}")
            pad(chat, ada, MESSAGES_PER_BLOCK - 2)
        say(chat, ada, "pear and apple")
        services.edit_message(chat_id=chat.id, actor_id=ada.id, seq=5, body="apple, then pear")
        services.seal_search_blocks()

        assert found(bob, "pear apple", limit=2) == ["pear and apple", "apple, then pear"]
        assert found(bob, "pear", limit=3) == ["pear and apple", "pear 11", "pear 10"]

    @pytest.mark.parametrize("cursor", ["x", "ä", "MS4yLjM", "LS4tLi0", "=" * 9])
    def test_a_cursor_of_nobody_is_refused(self, chat, bob, cursor):
        with pytest.raises(Invalid):
            search(user_id=bob.id, text="tea", cursor=cursor)


class TestSegments:
    def test_the_hits_stand_out(self, chat, ada, bob):
        say(chat, ada, "Чай и\nЧАЙник, Straße <b>")

        [hit] = search(user_id=bob.id, text="чай ss")["items"]

        assert [(part["text"], part["is_hit"]) for part in hit["segments"]] == [
            ("Чай", True),
            (" и ", False),
            ("ЧАЙ", True),
            ("ник, Stra", False),
            ("ß", True),
            ("e <b>", False),
        ]
        assert hit["chat"] == {"id": str(chat.id), "kind": "group", "title": "Tea"}

    def test_of_a_long_message_the_part_around_the_first_hit(self, chat, ada, bob):
        say(chat, ada, "x" * 500 + " needle " + "y" * 500)

        [hit] = search(user_id=bob.id, text="needle")["items"]
        texts = [part["text"] for part in hit["segments"]]

        assert texts[0] == texts[-1] == "…"
        assert "needle" in texts
        assert len("".join(texts)) < 250

    def test_the_marks_of_markdown_are_left_out_where_the_hit_is_seen_without_them(self, chat, ada, bob):
        say(chat, ada, "**green** [tea](https://example.org/leaves)")

        [by_word], [by_address] = (search(user_id=bob.id, text=text)["items"] for text in ("green", "leaves"))

        assert "".join(part["text"] for part in by_word["segments"]) == "green tea"
        assert "https://example.org/" in by_address["segments"][0]["text"]


class TestByTheApi:
    def test_the_answer(self, chat, ada, bob):
        say(chat, ada, "чай")

        answer = Api(bob)("GET", "/api/chats/search?q=%D0%A7%D0%90%D0%99&limit=5")

        assert answer.status_code == 200
        [hit] = answer.json()["items"]
        assert hit["message"]["seq"] == 1
        assert hit["segments"] == [{"text": "чай", "is_hit": True}]
        assert answer.json()["next"] is None

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("q=x", "q"),
            ("q=tea&chat=x", "chat"),
            ("q=tea&sender=x", "sender"),
            ("q=tea&cursor=x", "cursor"),
            ("q=tea&limit=51", "limit"),
            ("q=tea&before=x", "before"),
            ("q=tea&has=x", "has"),
        ],
    )
    def test_a_wrong_parameter_is_named(self, chat, bob, query, field):
        answer = Api(bob)("GET", f"/api/chats/search?{query}")

        assert answer.status_code == 422
        assert list(answer.json()["error"]["fields"]) == [field]

    def test_a_chat_of_others_is_not_there(self, chat, eve):
        answers = [Api(eve)("GET", f"/api/chats/search?q=tea&chat={one}") for one in (chat.id, uuid4())]

        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].json() == answers[1].json()

    def test_searching_is_limited(self, chat, bob, monkeypatch):
        monkeypatch.setattr("chat_svc.api.search.SEARCHES_PER_MINUTE", 2)
        ask = Api(bob)

        assert [ask("GET", "/api/chats/search?q=tea").status_code for _ in range(3)] == [200, 200, 429]

    def test_the_count_of_queries_does_not_grow_with_chats_or_hits(
        self, chat, other, ada, bob, settle, django_assert_num_queries
    ):
        direct = services.create_chat(creator_id=ada.id, kind=Kind.DIRECT, members=[bob.id])
        for one in (chat, other, direct):
            say(one, ada, "tea")
            say(one, ada, "more tea")
        settle(chat, ada)

        with django_assert_num_queries(7):
            assert len(found(bob, "from:ada in:ea in:ada tea")) == 4
