"""What was stored is told: after the commit, one event per chat, in version order."""

from collections.abc import Sequence

from abdre import events
from chat_svc.events import MessageJson, message_created
from chat_svc.writer.posts import Outcome, Sent


def publish(outcomes: Sequence[Outcome]) -> None:
    by_chat: dict[str, list[MessageJson]] = {}
    for outcome in outcomes:
        if isinstance(outcome, Sent) and outcome.created:
            by_chat.setdefault(outcome.message["chat"], []).append(outcome.message)
    for chat_id, messages in by_chat.items():
        ordered = sorted(messages, key=lambda message: message["version"])
        group = events.chat_group(chat_id)
        events.hand_over(group, events.envelope(group, tuple(message_created(message) for message in ordered)))
