"""A thread hangs on a message, its root, which says how many replies it has; kept under the chat's lock."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, Max, Min
from django.utils.translation import gettext as _

from chat_svc.errors import InvalidMessage
from chat_svc.events import MessageEvent, RepliesJson, StaleEvent, message_changed, message_json
from chat_svc.models import Chat, Membership, Message, MessageKind
from chat_svc.selectors.readable import readable

# Who began it, for a glance; everybody else is found in the thread.
PEOPLE_SHOWN = 5


def root_of(thread: int, membership: Membership) -> Message:
    """On which the person may reply. Raises InvalidMessage."""
    root = readable(membership).select_related("sender").filter(seq=thread).first()
    if root is None or root.kind == MessageKind.SYSTEM:
        raise InvalidMessage("thread", _("There is no such message."))
    if root.deleted_at is not None:
        raise InvalidMessage("thread", _("This message was deleted."))
    if root.thread is not None:
        raise InvalidMessage("thread", _("This message is in a thread itself. Reply in that one."))
    return root


def replied(chat: Chat, root: Message, *, seq: int, by: UUID) -> MessageEvent | StaleEvent:
    """The root with one reply more; to be told after the reply."""
    before = (root.extras or {}).get("replies", {"count": 0, "people": []})
    people = list(dict.fromkeys([*before["people"], str(by)]))
    return _changed(chat, root, before["count"] + 1, seq, people)


def counted_anew(chat: Chat, seq: int) -> tuple[MessageEvent | StaleEvent, ...]:
    """The root at `seq` after replies have gone; to be told. One that was pruned counts nothing any more."""
    root = Message.objects.select_related("sender").filter(chat=chat, seq=seq).first()
    if root is None:
        return ()
    there = Message.objects.filter(chat=chat, thread=seq, deleted_at=None).order_by()
    by_person = there.values_list("sender_id").annotate(Count("seq"), Max("seq"), first=Min("seq")).order_by("first")
    rows = list(by_person)
    count, last_seq = sum(row[1] for row in rows), max((row[2] for row in rows), default=0)
    return (_changed(chat, root, count, last_seq, [str(row[0]) for row in rows]),)


def _changed(chat: Chat, root: Message, count: int, last_seq: int, people: Sequence[str]) -> MessageEvent | StaleEvent:
    replies: RepliesJson = {"count": count, "last_seq": last_seq, "people": list(people[:PEOPLE_SHOWN])}
    root.extras = root.extras_with(replies=replies if count else None)
    root.version = chat.next_version()
    Message.objects.filter(chat=chat, seq=root.seq).update(version=root.version, extras=root.extras)
    return message_changed(message_json(root), chat=chat)
