"""The checker itself: over made-up logs, each fault is found, and where there is none nothing is."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from deploy.ci.jobs import ROOT
from deploy.ci.previous_release import __main__ as previous_release
from deploy.tests.checker.log import (
    Ack,
    Answered,
    Asked,
    Began,
    Change,
    Closed,
    Entry,
    Loaded,
    Log,
    Opened,
    Removed,
    Row,
    Told,
    Wish,
)
from deploy.tests.checker.verdict import Verdict, verdict
from deploy.tests.faults.load import Size
from deploy.tests.faults.rolling import Rolled
from deploy.tests.faults.rolling_load import Ledger

pytestmark = pytest.mark.all_in_one
CHAT = "lunch"


def row(seq: int, *, version: int = 0, body: str = "", sender: str = "ada", deleted: bool = False) -> Row:
    """The chat's first message has version 4: the chat, its owner and a member came before."""
    said = "" if deleted else body or f"message {seq}"
    return Row(seq, version or seq + 3, f"id-{seq}", sender, said, deleted, created_at=100.0 + seq)


def told(message: Row, *, at: float = 0.0, is_new: bool = True) -> Told:
    return Told(at or message.created_at + 0.01, CHAT, message.version, message, is_new)


def wish(message: Row, *, acked: bool = True) -> Wish:
    made = Wish(CHAT, message.client_id, f"message {message.seq}", tries=[(message.created_at, "socket")])
    if acked:
        made.acks.append(Ack(message.created_at + 0.02, message.seq, message.seq + 3, "socket"))
    return made


class Table:
    """Ada writes three messages, Bob listens, and all is well; each test spoils one thing."""

    def __init__(self) -> None:
        self.rows = [row(1), row(2), row(3)]
        self.ada, self.bob = Log("ada"), Log("bob")
        for message in self.rows:
            self.ada.wish(wish(message))
        self.stored = list(self.rows)
        self.heard: list[Entry] = [Opened(100.0, {CHAT: 3}), *(told(message) for message in self.rows)]

    def judged(self, *, heard_by_ada: list[Entry] | None = None) -> Verdict:
        for entry in self.heard:
            self.bob.note(entry)
        for entry in heard_by_ada or [Opened(100.0, {CHAT: 3}), *(told(message) for message in self.stored)]:
            self.ada.note(entry)
        return verdict([self.ada, self.bob], {"ada": {CHAT: self.stored}, "bob": {CHAT: self.stored}})


@pytest.fixture
def table() -> Table:
    return Table()


def faults(judgement: Verdict) -> dict[str, int]:
    return dict(judgement.counts)


def test_a_quiet_evening_has_no_findings(table: Table):
    judgement = table.judged()

    assert judgement.is_clean, judgement.findings
    assert (judgement.sent, judgement.acked) == (3, 3)
    assert judgement.longest_lag_s == pytest.approx(0.01)


# Lost


def test_an_acked_message_that_is_not_stored_is_lost(table: Table):
    del table.stored[2]
    del table.heard[3]

    assert faults(table.judged()) == {"lost": 1}


def test_a_stored_message_that_a_member_never_saw_is_lost(table: Table):
    del table.heard[2]

    assert faults(table.judged()) == {"lost": 1}


def test_an_edit_that_a_member_never_saw_is_lost(table: Table):
    edited = row(2, version=7, body="better")
    table.stored[1] = edited
    table.ada.wishes[CHAT, "id-2"].bodies.add("better")

    judgement = table.judged(heard_by_ada=[*table.heard, told(edited, is_new=False)])

    assert faults(judgement) == {"lost": 1}


def test_an_acked_edit_that_is_not_stored_is_lost(table: Table):
    table.ada.changes.append(Change(104.0, CHAT, 2, 7, "better"))

    assert faults(table.judged()) == {"lost": 1}


def test_an_acked_deletion_that_is_not_stored_is_lost(table: Table):
    table.ada.changes.append(Change(104.0, CHAT, 2, 7, None))

    assert faults(table.judged()) == {"lost": 1}


def test_members_who_are_listed_different_histories_have_lost_something(table: Table):
    for entry in table.heard:
        table.bob.note(entry)
        table.ada.note(entry)

    judgement = verdict([table.ada, table.bob], {"ada": {CHAT: table.rows}, "bob": {CHAT: table.rows[:2]}})

    assert judgement.counts["lost"] > 0


def test_a_message_that_was_dropped_by_a_reset_and_never_loaded_is_lost(table: Table):
    table.heard += [Began(104.0, CHAT, 6), Loaded(104.1, CHAT, tuple(table.rows[:2]))]

    assert faults(table.judged()) == {"lost": 1}


def test_a_message_without_any_answer_is_told(table: Table):
    table.ada.wish(Wish(CHAT, "id-4", "hello?", tries=[(104.0, "rest")]))

    assert faults(table.judged()) == {"unanswered": 1}


# Doubled


def test_a_retry_that_was_stored_again_is_doubled(table: Table):
    again = row(4)._replace(client_id="id-3", body="message 3")
    table.stored.append(again)
    table.heard.append(told(again))

    assert table.judged().counts["doubled"] >= 1


def test_a_retry_that_was_acked_as_another_message_is_doubled(table: Table):
    table.ada.wishes[CHAT, "id-3"].acks.append(Ack(105.0, 4, 7, "rest"))

    assert table.judged().counts["doubled"] == 1


def test_an_item_that_came_twice_on_one_socket_is_doubled(table: Table):
    table.heard.insert(2, table.heard[1])

    assert faults(table.judged()) == {"doubled": 1}


def test_an_item_that_came_live_and_again_after_the_ack_of_a_resume_is_doubled(table: Table):
    table.heard[1:] = [Asked(101.0, {CHAT: 3}), told(row(1)), told(row(2)), told(row(3)), Answered(104.0, {CHAT: 6})]
    table.heard.append(told(row(2)))

    assert faults(table.judged()) == {"doubled": 1}


def test_a_message_that_came_as_new_under_a_second_seq_is_doubled(table: Table):
    table.heard.append(told(row(4)._replace(client_id="id-3", body="message 3")))

    assert table.judged().counts["doubled"] == 1


def test_a_message_told_as_new_again_on_the_next_socket_is_doubled(table: Table):
    table.heard += [Closed(104.0, 1006), Opened(105.0, {CHAT: 6}), told(row(3, version=7))]

    assert table.judged().counts["doubled"] == 1


# Reordered


def test_versions_that_fall_are_reordered(table: Table):
    table.heard[1:] = [told(row(2)), told(row(1)), told(row(3))]

    assert faults(table.judged()) == {"reordered": 1}


def test_a_version_from_before_the_hello_is_reordered(table: Table):
    table.heard[0] = Opened(100.0, {CHAT: 4})

    assert faults(table.judged()) == {"reordered": 1}


def test_new_messages_whose_seqs_fall_are_reordered(table: Table):
    table.heard[2:] = [told(row(3)._replace(version=5)), told(row(2)._replace(version=6))]

    assert table.judged().counts["reordered"] == 1


def test_an_answer_to_a_resume_that_is_out_of_order_is_reordered(table: Table):
    table.heard = [Opened(103.5, {CHAT: 6}), Asked(103.6, {CHAT: 3}), told(row(2)), told(row(1)), told(row(3))]
    table.heard.append(Answered(104.0, {CHAT: 6}))

    assert faults(table.judged()) == {"reordered": 1}


# Phantom


def test_a_message_that_nobody_sent_is_a_phantom(table: Table):
    table.stored.append(row(4))
    table.heard.append(told(row(4)))

    assert faults(table.judged())["phantom"] >= 1


def test_a_message_with_words_that_its_author_never_wrote_is_a_phantom(table: Table):
    table.heard[2] = told(row(2, body="forged"))

    assert table.judged().counts["phantom"] == 1


def test_a_message_that_was_shown_and_never_committed_is_a_phantom(table: Table):
    table.ada.wish(Wish(CHAT, "id-4", "message 4", refusal="unavailable"))
    table.heard.append(told(row(4)))

    assert table.judged().counts["phantom"] == 1


def test_a_refused_message_that_was_stored_is_a_phantom(table: Table):
    refused = table.ada.wishes[CHAT, "id-3"]
    refused.acks, refused.refusal = [], "chat_not_found"

    assert faults(table.judged()) == {"phantom": 1}


def test_a_message_to_a_stranger_is_a_phantom(table: Table):
    eve = Log("eve")
    eve.note(Opened(100.0, {}))
    eve.note(told(row(1)))
    table.judged()

    judgement = verdict(
        [table.ada, table.bob, eve], {"ada": {CHAT: table.stored}, "bob": {CHAT: table.stored}, "eve": {}}
    )

    assert faults(judgement) == {"phantom": 1}


def test_a_message_after_a_removal_is_a_phantom(table: Table):
    table.heard.insert(3, Removed(102.5, CHAT))
    for entry in table.heard:
        table.bob.note(entry)
    for entry in [Opened(100.0, {CHAT: 3}), *(told(message) for message in table.rows)]:
        table.ada.note(entry)

    assert faults(verdict([table.ada, table.bob], {"ada": {CHAT: table.rows}, "bob": {}})) == {"phantom": 1}


# Numbers and times


def test_a_hole_in_the_numbers_is_found(table: Table):
    for message in (row(1), row(3)):
        table.ada.wish(wish(message))
    del table.ada.wishes[CHAT, "id-2"]
    table.stored = [row(1), row(3)]
    del table.heard[2]

    assert faults(table.judged()) == {"gap": 1}


def test_the_longest_lag_is_that_of_the_last_client_to_have_a_message(table: Table):
    table.heard[1:] = [Closed(100.5, 1006), Opened(107.0, {CHAT: 6}), Asked(107.0, {CHAT: 3})]
    table.heard += [told(row(number), at=107.5) for number in (1, 2, 3)]
    table.heard.append(Answered(107.6, {CHAT: 6}))

    judgement = table.judged()

    assert judgement.is_clean, judgement.findings
    assert judgement.longest_lag_s == pytest.approx(6.5)


# What is allowed


def test_what_came_live_between_the_hello_and_a_resume_may_come_again_in_its_answer(table: Table):
    table.heard = [Opened(102.0, {CHAT: 4}), told(row(2)), Asked(102.6, {CHAT: 3})]
    table.heard += [told(row(number), at=103.0) for number in (1, 2, 3)]
    table.heard.append(Answered(103.1, {CHAT: 6}))

    judgement = table.judged()

    assert judgement.is_clean, judgement.findings


def test_a_hole_in_the_versions_where_a_row_changed_again_is_no_fault(table: Table):
    edited = row(1, version=7, body="better")
    table.ada.wishes[CHAT, "id-1"].bodies.add("better")
    table.stored = [edited, row(2), row(3)]
    table.heard = [Opened(100.0, {CHAT: 3}), told(row(2)), told(row(3)), told(edited, is_new=False)]

    judgement = table.judged(heard_by_ada=list(table.heard))

    assert judgement.is_clean, judgement.findings


def test_a_reset_forgets_what_was_held_and_a_load_brings_it_again(table: Table):
    table.heard += [Began(104.0, CHAT, 6), Loaded(104.2, CHAT, tuple(table.rows))]

    judgement = table.judged()

    assert judgement.is_clean, judgement.findings


def test_a_deleted_message_keeps_its_number_and_loses_its_words(table: Table):
    deleted = row(2, version=7, deleted=True)
    table.ada.changes.append(Change(104.0, CHAT, 2, 7, None))
    table.stored[1] = deleted
    table.heard.append(told(deleted, is_new=False))

    judgement = table.judged(heard_by_ada=list(table.heard))

    assert judgement.is_clean, judgement.findings


# What was never tried proves nothing


def test_a_house_that_refuses_everybody_is_clean_and_keeps_no_promise(table: Table):
    for made in table.ada.wishes.values():
        made.acks.clear()
        made.refusal = "too_many"
    table.stored, table.heard = [], [Opened(100.0, {CHAT: 0})]

    judgement = table.judged(heard_by_ada=list(table.heard))

    assert judgement.is_clean, judgement.findings
    assert (judgement.refused, judgement.is_met) == (3, False)


def test_where_nobody_says_anything_no_promise_is_kept():
    assert not verdict([], {}).is_met
    assert Verdict(sent=2, acked=1, refused=1, longest_lag_s=0).is_met


SPOKEN = Rolled(
    seed=7,
    size=Size(clients=12, chats=3, messages_per_s=4.0),
    messages_per_s=4.0,
    verdict=Verdict(sent=3, acked=3, refused=0, longest_lag_s=0),
    ledger=Ledger(asked=9),
    joined=1,
    missing=0,
    away_s=[1.0],
    reconnects=Counter(),
    ends_s={},
    logs=(),
)


def test_a_rolling_restart_is_kept_where_sockets_came_back_people_joined_and_pages_were_asked_for():
    assert SPOKEN.is_met


@pytest.mark.parametrize(
    "lacking",
    [{"away_s": []}, {"joined": 0}, {"ledger": Ledger()}, {"verdict": replace(SPOKEN.verdict, acked=0, refused=3)}],
)
def test_a_rolling_restart_that_nobody_was_there_for_is_not(lacking: dict[str, Any]):
    assert not replace(SPOKEN, **lacking).is_met


def test_a_rolling_restart_says_how_large_it_was():
    assert "12 clients, 3 chats, 4 messages/s" in str(SPOKEN)


@pytest.mark.parametrize("other", ["failed", "error", "skipped"])
def test_the_last_release_s_tests_have_passed_only_if_nothing_else_became_of_any(other: str):
    assert previous_release.is_clean({"passed": 1, other: 0})
    assert not previous_release.is_clean({"passed": 1, other: 1})
    assert not previous_release.is_clean({"passed": 0, other: 0})


def test_an_older_tree_of_this_shape_is_given_time_to_start():
    """What `make previous` sets in it is set where such a tree looks: no name of one that is gone."""
    asks = "import newer_schema; from deploy.ci.stack import *; print(AllInOne.starts_within_s, Role.starts_within_s)"
    surroundings = {"PYTHONPATH": str(previous_release.PLUGIN), "NEWER_TREE": "", "NEWER_PYTHON": ""}

    done = subprocess.run([sys.executable, "-c", asks], cwd=ROOT, env=surroundings, capture_output=True, check=True)

    assert done.stdout.split() == [b"240", b"240"]
