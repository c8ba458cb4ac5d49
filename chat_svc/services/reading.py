"""What people show without a word: how far they have read, that they type."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from abdre.events import chat_group, publish, user_group
from chat_svc.errors import InvalidMessage, MessageNotFound, NotAMember
from chat_svc.events import chat_cleared, receipt_read, typing_started, unread_changed
from chat_svc.models import Chat, Membership, State
from chat_svc.selectors import NOTHING, blocked_among, counts_after, member_counts, members_among
from chat_svc.selectors.readable import first_readable
from chat_svc.services.messages import SEQ_LIMIT
from user_svc.selectors import hiding_receipts

# In larger chats read marks go to one's own devices only: a thousand receipts a message help nobody. So do those of
# people who do not show how far they have read.
RECEIPTS_LIMIT = 50
MARKS_PER_STATEMENT = 1_000

Reader = tuple[UUID, UUID]  # (chat, person)
Marks = Mapping[Reader, int]  # the seq up to which they have read

ASKED = """
WITH asked AS (
    SELECT * FROM unnest(%(chats)s::uuid[], %(users)s::uuid[], %(seqs)s::bigint[]) AS asked(chat_id, user_id, seq)
), behind AS (
    SELECT membership.id, asked.chat_id, asked.user_id, least(asked.seq, chat.last_seq) AS seq, chat.last_seq
    FROM asked
    JOIN chat_svc_membership membership
        ON membership.chat_id = asked.chat_id AND membership.user_id = asked.user_id AND membership.state = 'active'
    JOIN chat_svc_chat chat ON chat.id = asked.chat_id
    WHERE membership.read_seq < least(asked.seq, chat.last_seq)
)
"""
# A row that somebody else is writing is left for the next time: waiting for it, with others in hand, could be a
# deadlock with the writer of messages.
HOLD = "".join(
    (
        ASKED,
        """
SELECT id FROM chat_svc_membership WHERE id IN (SELECT id FROM behind) FOR NO KEY UPDATE SKIP LOCKED
""",
    )
)
# A statement of its own: what is counted after the mark must be what the held row has been told of.
MARK = "".join(
    (
        ASKED,
        """, moved AS (
    UPDATE chat_svc_membership membership
    SET read_seq = behind.seq,
        uncounted = (
            SELECT count(*) FROM chat_svc_message message
            WHERE message.chat_id = behind.chat_id AND message.seq > behind.seq
                AND (deleted_at IS NOT NULL OR kind = 'system' OR sender_id = behind.user_id)
        ),
        mentions = (
            SELECT count(*) FROM chat_svc_mention mention
            WHERE mention.chat_id = behind.chat_id AND mention.user_id = behind.user_id AND mention.seq > behind.seq
        )
    FROM behind WHERE membership.id = behind.id AND membership.id = ANY(%(held)s)
    RETURNING membership.id, membership.uncounted, membership.mentions
)
SELECT behind.chat_id, behind.user_id, behind.seq, behind.last_seq, moved.uncounted, moved.mentions
FROM behind LEFT JOIN moved USING (id)
""",
    )
)


class Mark(NamedTuple):
    """A read mark as it came to stand."""

    chat_id: UUID
    user_id: UUID
    seq: int
    last_seq: int
    uncounted: int
    mentions: int


def mark_read(*, chat_id: UUID, user_id: UUID, seq: int) -> None:
    """Marks go back by `mark_unread` alone, and never past the last message. Raises ChatNotFound, InvalidMessage."""
    if not 0 <= seq <= SEQ_LIMIT:
        raise InvalidMessage("seq", _("A message's number."))
    shown = _shown({(chat_id, user_id)})  # asked first: once the mark stands, nothing may fail before it is told
    with transaction.atomic():
        own = _own(chat_id, user_id)
        if own is None:
            raise NotAMember
        mark = _moved_on(own, seq)
    if mark is not None:
        _tell_read([mark], shown)


def mark_unread(*, chat_id: UUID, user_id: UUID, seq: int) -> None:
    """From this message on. Told to one's own devices only: what others were told of, was read once.

    Raises ChatNotFound, MessageNotFound.
    """
    with transaction.atomic():
        # The chat too: what is deleted meanwhile counts those whose mark stands before it.
        chat, own = Chat.objects.locked_for(chat_id, user_id)
        own.chat = chat
        if not first_readable(own) <= seq <= chat.last_seq:
            raise MessageNotFound
        if seq <= own.read_seq:
            _tell_own(_moved(own, seq - 1))


def clear_chat(*, chat_id: UUID, user_id: UUID) -> None:
    """The person sees what comes from now on, on all their devices; nobody else is concerned. Raises ChatNotFound."""
    with transaction.atomic():
        chat, own = Chat.objects.locked_for(chat_id, user_id)
        Membership.objects.filter(id=own.id).update(cleared_seq=chat.last_seq, read_seq=chat.last_seq, **NOTHING)
        publish(user_group(user_id), chat_cleared(chat_id, chat.last_seq))


def mark_read_all(marks: Marks) -> dict[Reader, int]:
    """Many people's marks in one statement; those of strangers are passed over.

    Answers the marks that could not be written now: their rows were just being written by somebody else.
    """
    left: dict[Reader, int] = {}
    for some in _parts(marks):
        # As above.
        shown = _shown(some)
        with transaction.atomic():
            moved, busy = _mark_together(some) if connection.vendor == "postgresql" else _mark_singly(some)
        _tell_read(moved, shown)  # only now: the writer of messages waits for these rows
        left |= busy
    return left


def _parts(marks: Marks) -> Iterator[dict[Reader, int]]:
    waiting = iter(marks.items())
    while some := dict(islice(waiting, MARKS_PER_STATEMENT)):
        yield some


def _mark_together(marks: Marks) -> tuple[list[Mark], dict[Reader, int]]:
    chat_ids, user_ids = zip(*marks, strict=True)
    asked = {"chats": list(chat_ids), "users": list(user_ids), "seqs": list(marks.values())}
    with connection.cursor() as cursor:
        cursor.execute(HOLD, asked)
        held = [row[0] for row in cursor.fetchall()]
        cursor.execute(MARK, {**asked, "held": held})
        rows = [Mark(*row) for row in cursor.fetchall()]
    busy = {(row.chat_id, row.user_id): row.seq for row in rows if row.uncounted is None}
    return [row for row in rows if row.uncounted is not None], busy


def _mark_singly(marks: Marks) -> tuple[list[Mark], dict[Reader, int]]:
    """SQLite has one writer at a time, and no way to it but a function call."""
    moved = []
    for (chat_id, user_id), seq in marks.items():
        own = _own(chat_id, user_id)
        mark = _moved_on(own, seq) if own else None
        if mark is not None:
            moved.append(mark)
    return moved, {}


def _own(chat_id: UUID, user_id: UUID) -> Membership | None:
    """The row, locked."""
    own = Membership.objects.filter(chat_id=chat_id, user_id=user_id, state=State.ACTIVE)
    return own.select_for_update(of=("self",), no_key=True).select_related("chat").first()


def _shown(readers: Collection[Reader]) -> set[Reader]:
    """Those whose marks go to all of the chat."""
    counts = member_counts({chat_id for chat_id, _user in readers})
    hiding = hiding_receipts({user_id for _chat, user_id in readers})
    return {(chat, user) for chat, user in readers if counts[chat] <= RECEIPTS_LIMIT and user not in hiding}


def _moved_on(own: Membership, seq: int) -> Mark | None:
    reached = min(seq, own.chat.last_seq)
    return _moved(own, reached) if own.read_seq < reached else None


def _moved(own: Membership, seq: int) -> Mark:
    counts = counts_after(chat_id=own.chat_id, user_id=own.user_id, seq=seq)
    Membership.objects.filter(id=own.id).update(read_seq=seq, **counts)
    return Mark(own.chat_id, own.user_id, seq, own.chat.last_seq, **counts)


def _tell_read(marks: Iterable[Mark], shown: Collection[Reader]) -> None:
    for mark in marks:
        is_shown = (mark.chat_id, mark.user_id) in shown
        group = chat_group(mark.chat_id) if is_shown else user_group(mark.user_id)
        publish(group, receipt_read(mark.chat_id, mark.user_id, mark.seq))
        if mark.uncounted or mark.mentions:  # else the mark alone says what is left
            _tell_own(mark)


def _tell_own(mark: Mark) -> None:
    unread = mark.last_seq - mark.seq - mark.uncounted
    event = unread_changed(
        mark.chat_id, last_seq=mark.last_seq, read_seq=mark.seq, unread=unread, mentions=mark.mentions
    )
    publish(user_group(mark.user_id), event)


def start_typing(*, chat_id: UUID, user_id: UUID) -> None:
    """Raises ChatNotFound."""
    if not start_typing_all([(chat_id, user_id)]):
        raise NotAMember


def start_typing_all(readers: Collection[Reader]) -> set[Reader]:
    """Those who are in their chat, whose typing was told unless one of the two has blocked the other."""
    present = members_among(readers)
    silent = blocked_among({chat_id for chat_id, _user in present})
    for chat_id, user_id in present:
        if chat_id not in silent:
            publish(chat_group(chat_id), typing_started(chat_id, user_id))
    return present
