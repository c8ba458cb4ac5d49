"""Words and patterns of the installation: what becomes of what people say."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from chat_svc import services
from chat_svc.errors import (
    EditWouldBeHeld,
    InvalidRule,
    NotAMember,
    NotStaff,
    RuleKnown,
    RuleNotFound,
    WordsRefused,
)
from chat_svc.filtering import MASK, FilterAction, FilterKind, Rule, Rules
from chat_svc.models import Chat, FilterRule, HeldMessage, Message, ModerationEntry
from chat_svc.selectors.filtering import _known, refresh_rules
from chat_svc.services import moderation
from chat_svc.services.moderation import Staff
from chat_svc.tests.conftest import Told, batch, post, say, sent_or_held
from user_svc.selectors import ADMINISTRATORS, MODERATORS
from user_svc.services import appoint

if TYPE_CHECKING:
    from user_svc.models import User


@pytest.fixture
def administrator(eve: User) -> Staff:
    appoint(user_id=eve.id, group=ADMINISTRATORS)
    return Staff(id=eve.id, address="10.0.0.0/24")


def add(by: Staff, text: str, action: str = "refuse", kind: str = "word", **options: Any) -> FilterRule:
    return moderation.add_rule(by=by, kind=kind, text=text, action=action, **options)


WORDS = [
    ("darn", "Darn!"),
    ("darn", "ｄａｒｎ it"),
    ("шайтан", "Ах ШАЙТАН, опять"),
    ("қарғыс", "Қарғыс!"),
    ("straße", "in der STRASSE"),
    ("cold tea", "a cup of cold \n Tea"),
    ("й", "и\u0306"),
]


@pytest.mark.parametrize(("word", "said"), WORDS)
def test_a_word_is_found_however_it_is_typed(chat: Chat, bob: User, administrator: Staff, told: Told, word, said):
    add(administrator, word)
    told.items.clear()

    with pytest.raises(WordsRefused):
        say(chat, bob, said)

    assert told.items == []
    assert not Message.objects.filter(chat=chat).exists()


@pytest.mark.parametrize("said", ["darning socks", "undarn", "шайтанка", "darn\u0301", "d a r n", "darn_it"])
def test_a_word_is_no_part_of_another(chat: Chat, bob: User, administrator: Staff, said: str):
    add(administrator, "darn")
    add(administrator, "шайтан")

    assert say(chat, bob, said).message["body"] == said


MASKED = [
    ("darn, DARN darn", "•••, ••• •••"),
    ("Ах шайтан 7777 1234 да", "Ах ••• ••• да"),
    ("ﬁne. Darn", "ﬁne. •••"),
    ("**darn**", "**•••**"),
]


@pytest.mark.parametrize(("said", "shown"), MASKED)
def test_a_masked_word_is_stored_and_told_masked(
    chat: Chat, bob: User, administrator: Staff, told: Told, said: str, shown: str
):
    for word in ("darn", "шайтан"):
        add(administrator, word, "mask")
    add(administrator, r"\d{4} ?\d{4}", "mask", kind="pattern")

    message = say(chat, bob, said).message

    assert message["body"] == shown
    assert Message.objects.get(chat=chat).body == shown
    assert "darn" not in str(told.items).lower()


def test_of_several_rules_the_strongest_holds(chat: Chat, bob: User, administrator: Staff):
    for word, action in (("tea", "mask"), ("coffee", "hold"), ("beer", "refuse")):
        add(administrator, word, action)

    assert say(chat, bob, "tea").message["body"] == "•••"
    held = sent_or_held(chat, bob, "tea or coffee")
    assert isinstance(held, services.Held)
    assert held.held["body"] == "••• or coffee"
    with pytest.raises(WordsRefused):
        say(chat, bob, "tea, coffee or beer")


def test_a_rule_for_guests_binds_nobody_else(chat: Chat, bob: User, guest: User, administrator: Staff):
    services.enrol(chat_id=chat.id, user_id=guest.id)
    add(administrator, "darn", guests_only=True)

    with pytest.raises(WordsRefused):
        say(chat, guest, "darn")
    assert say(chat, bob, "darn").created


def test_in_a_batch_each_message_has_its_own_verdict(chat: Chat, ada: User, bob: User, administrator: Staff):
    add(administrator, "darn")
    add(administrator, "tea", "hold")

    outcomes = batch([post(chat, ada, "one"), post(chat, bob, "darn"), post(chat, bob, "tea"), post(chat, bob, "two")])

    kinds = [type(outcome) for outcome in outcomes]
    assert kinds == [services.Sent, WordsRefused, services.Held, services.Sent]
    assert [outcome.message["seq"] for outcome in (outcomes[0], outcomes[3])] == [1, 2]


def test_a_stranger_hears_of_no_rule(other: Chat, guest: User, administrator: Staff):
    add(administrator, "darn")

    with pytest.raises(NotAMember):
        say(other, guest, "darn")


def test_what_was_stored_before_the_rule_is_still_the_same_message(chat: Chat, bob: User, administrator: Staff):
    client_id = uuid4()
    first = say(chat, bob, "darn", client_id)
    add(administrator, "darn")

    again = say(chat, bob, "darn", client_id)

    assert (again.created, again.message["seq"]) == (False, first.message["seq"])


@pytest.mark.parametrize(("action", "refused"), [("refuse", WordsRefused), ("hold", EditWouldBeHeld)])
def test_nothing_is_edited_in_that_could_not_be_said(
    chat: Chat, bob: User, administrator: Staff, told: Told, action: str, refused: type[Exception]
):
    seq = say(chat, bob, "tea").message["seq"]
    add(administrator, "darn", action)
    told.items.clear()

    with pytest.raises(refused):
        services.edit_message(chat_id=chat.id, actor_id=bob.id, seq=seq, body="darn tea")

    assert told.items == []


def test_an_edit_is_masked(chat: Chat, bob: User, administrator: Staff):
    seq = say(chat, bob, "tea").message["seq"]
    add(administrator, "darn", "mask")

    edited = services.edit_message(chat_id=chat.id, actor_id=bob.id, seq=seq, body="darn tea")

    assert edited["body"] == "••• tea"


def test_what_is_forwarded_or_comes_by_a_webhook_is_filtered_too(
    chat: Chat, other: Chat, ada: User, bob: User, administrator: Staff
):
    seq = say(chat, bob, "darn").message["seq"]
    hook = services.create_incoming_hook(chat_id=chat.id, actor_id=ada.id, name="CI")
    add(administrator, "darn")

    with pytest.raises(WordsRefused):
        services.forward_message(chat_id=chat.id, seq=seq, user_id=bob.id, to=other.id, client_id=uuid4())
    with pytest.raises(WordsRefused):
        services.post_by_hook(token=hook.secret, text="darn", address="10.0.0.0/24")


def test_titles_and_topics_are_filtered(chat: Chat, ada: User, administrator: Staff):
    add(administrator, "darn", "hold")
    add(administrator, "tea", "mask")

    with pytest.raises(WordsRefused):
        services.create_chat(creator_id=ada.id, kind="group", title="Darn")
    for facts in ({"title": "darn"}, {"topic": "darn"}):
        with pytest.raises(WordsRefused):
            services.change_chat(chat_id=chat.id, actor_id=ada.id, facts=facts)  # type: ignore[arg-type]
    assert services.change_chat(chat_id=chat.id, actor_id=ada.id, facts={"topic": "Tea here"}).topic == "••• here"


BAD = ["(", "x*", "^", r"\b", "a|", "a)(b", r"(?=x)", r"\1", "(a{1000}){1000}", r"[\pL]{1000}", "", " ", "x" * 201]


@pytest.mark.parametrize("pattern", BAD)
def test_a_pattern_that_cannot_be_or_finds_everything_is_refused(administrator: Staff, pattern: str):
    with pytest.raises(InvalidRule):
        add(administrator, pattern, kind="pattern")

    assert not FilterRule.objects.exists()
    assert not ModerationEntry.objects.exists()


@pytest.mark.parametrize("facts", [{"kind": "prayer"}, {"action": "burn"}, {"text": " \t"}, {"text": "\0"}])
def test_what_is_no_rule_is_refused(administrator: Staff, facts: dict[str, str]):
    with pytest.raises(InvalidRule):
        moderation.add_rule(by=administrator, **{"kind": "word", "text": "darn", "action": "hold", **facts})  # type: ignore[arg-type]


def test_a_pattern_that_others_would_choke_on_takes_no_time(chat: Chat, bob: User, administrator: Staff):
    add(administrator, "(a+)+$", kind="pattern")

    assert say(chat, bob, "a" * 7_999 + "!").created  # Python's own engine would still be at it tomorrow


MANY = [f"w{number}" for number in range(500)]
SLOW = {
    "many places": (["darn"], "darn " * 1600),
    "one character that becomes 18": (["الله"], "\ufdfa" * 8000),
    "both": (["darn"], "\ufdfa" * 4000 + " darn" * 800),
    "every rule": (MANY, " ".join(MANY * 4)[:8000]),
    "every rule as a part": (MANY, ("w1 " + " x".join(MANY * 4))[:8000]),
    "marks to be sorted": (["darn"], "darn a" + "".join(mark * 2000 for mark in "\u0345\u0301\u0316\u0334")[:7990]),
    "half a phrase": (["a b", "darn"], "darn " + "a bc " * 1500),
}


@pytest.mark.parametrize(("words", "text"), SLOW.values(), ids=SLOW)
def test_no_text_holds_the_writer_up(words: list[str], text: str):
    rules = Rules([Rule(uuid4(), FilterKind.WORD, word, FilterAction.MASK) for word in words])
    began = time.thread_time()

    verdict = rules.judged(text, lambda: False)

    # Some 10 ms; where the time is the square of the length, 100 to 10,000.
    assert time.thread_time() - began < 0.05
    assert verdict.action == "mask"
    assert MASK in verdict.body


def test_a_text_that_cannot_be_read_is_treated_as_by_the_strongest_rule_that_binds_its_author():
    text = "\ufdfa" * 8000
    mask = Rule(uuid4(), FilterKind.WORD, "darn", FilterAction.MASK)
    hold = Rule(uuid4(), FilterKind.WORD, "tea", FilterAction.HOLD, guests_only=True)

    of_guest = Rules([mask, hold]).judged(text, lambda: True)
    of_member = Rules([mask, hold]).judged(text, lambda: False)

    assert (of_guest.action, of_guest.body, of_guest.rules) == ("hold", text, (hold,))
    assert (of_member.action, of_member.body) == ("mask", MASK * 3)
    assert Rules([hold]).judged(text, lambda: False).action is None


def test_each_change_of_a_rule_is_one_entry_without_its_words(chat: Chat, bob: User, administrator: Staff):
    rule = add(administrator, "darn")
    facts = {"kind": "word", "text": "darn", "action": "mask", "guests_only": True}
    moderation.change_rule(by=administrator, rule_id=rule.id, **facts)  # type: ignore[arg-type]
    moderation.remove_rule(by=administrator, rule_id=rule.id)

    entries = list(ModerationEntry.objects.order_by("id"))
    assert [entry.deed for entry in entries] == ["rule.added", "rule.changed", "rule.removed"]
    assert {entry.target_id for entry in entries} == {rule.id}
    assert "darn" not in str([entry.details for entry in entries])
    assert say(chat, bob, "darn").message["body"] == "darn"


def test_the_same_rule_is_there_once(administrator: Staff):
    rule = add(administrator, "darn")

    with pytest.raises(RuleKnown):
        add(administrator, "darn", "mask")
    moderation.remove_rule(by=administrator, rule_id=rule.id)
    with pytest.raises(RuleNotFound):
        moderation.remove_rule(by=administrator, rule_id=rule.id)

    assert add(administrator, "darn", "mask").version == 3


@pytest.mark.parametrize("group", [MODERATORS, None])
def test_neither_a_moderator_nor_a_member_sets_a_rule(chat: Chat, bob: User, administrator: Staff, group: str | None):
    rule = add(administrator, "darn")
    if group:
        appoint(user_id=bob.id, group=group)
    by = Staff(id=bob.id)

    with pytest.raises(NotStaff):
        add(by, "tea")
    with pytest.raises(NotStaff):
        moderation.change_rule(by=by, rule_id=rule.id, kind="word", text="tea", action="mask", guests_only=False)
    with pytest.raises(NotStaff):
        moderation.remove_rule(by=by, rule_id=rule.id)

    assert ModerationEntry.objects.count() == 1


def test_another_process_follows_with_one_question_while_nothing_changes(
    administrator: Staff, django_assert_num_queries
):
    add(administrator, "darn")
    refresh_rules()

    with django_assert_num_queries(1):
        refresh_rules()
    FilterRule.objects.update(version=7, text="tea")  # as another process would
    with django_assert_num_queries(2):
        refresh_rules()

    assert _known.rules.judged("tea", lambda: False).action == "refuse"


def test_a_text_is_tried_before_a_rule_is_saved(administrator: Staff):
    add(administrator, "darn", "mask")

    tried = moderation.try_rule(text="darn coffee", is_guest=False, kind="word", rule="coffee", action="hold")

    assert (tried.action, tried.body) == ("hold", "••• coffee")
    assert [rule.text for rule in tried.rules] == ["coffee", "darn"]
    assert moderation.try_rule(text="coffee", is_guest=False).action is None
    assert FilterRule.objects.count() == 1
    assert not HeldMessage.objects.exists()
