"""What was stored is told, after the commit, one event per chat, in version order; and a batch is counted."""

from collections.abc import Sequence

from abdre import events, metrics, tally
from abdre.errors import AppError
from chat_svc.events import MESSAGES_REFUSED, MESSAGES_STORED, MessageEvent, StaleEvent, message_created
from chat_svc.writer.posts import Outcome, Sent


def publish(outcomes: Sequence[Outcome]) -> None:
    by_chat: dict[str, list[MessageEvent | StaleEvent]] = {}
    for outcome in outcomes:  # in the order of the batch, which is the order of the numbers
        if isinstance(outcome, Sent) and outcome.created:
            told = by_chat.setdefault(outcome.message["chat"], [])
            told += [message_created(outcome.message), *outcome.also]
    groups = {events.chat_group(chat): tuple(of_chat) for chat, of_chat in by_chat.items()}
    if groups:
        events.hand_over_all([(group, events.envelope(group, told)) for group, told in groups.items()])


def count(outcomes: Sequence[Outcome]) -> None:
    """One addition a batch. What was stored before is nothing new, and a fault of ours is no refusal."""
    stored = sum(isinstance(outcome, Sent) and outcome.created for outcome in outcomes)
    refused = sum(isinstance(outcome, AppError) and outcome.status < 500 for outcome in outcomes)
    if stored:
        tally.add(MESSAGES_STORED, stored)
        metrics.MESSAGES.add(stored)
    if refused:
        tally.add(MESSAGES_REFUSED, refused)
