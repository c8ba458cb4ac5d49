"""What people show without a word: how far they have read, that they type."""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from abdre.events import chat_group, publish, user_group
from chat_svc.errors import InvalidMessage, NotAMember
from chat_svc.events import receipt_read, typing_started
from chat_svc.models import Membership, State
from chat_svc.selectors import member_counts, members_among
from chat_svc.services.messages import SEQ_LIMIT

# In larger chats read marks go to one's own devices only: a thousand receipts a message help nobody.
RECEIPTS_LIMIT = 50
MARKS_PER_STATEMENT = 1_000

Reader = tuple[UUID, UUID]  # (chat, person)
Marks = Mapping[Reader, int]  # the seq up to which they have read

# A row that somebody else is writing is left for the next time: waiting for it, with others in hand, could be a
# deadlock with the writer of messages.
MARK = """
WITH asked AS (
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::bigint[]) AS asked(chat_id, user_id, seq)
), behind AS (
    SELECT membership.id, asked.chat_id, asked.user_id, least(asked.seq, chat.last_seq) AS seq
    FROM asked
    JOIN chat_svc_membership membership
        ON membership.chat_id = asked.chat_id AND membership.user_id = asked.user_id AND membership.state = 'active'
    JOIN chat_svc_chat chat ON chat.id = asked.chat_id
    WHERE membership.read_seq < least(asked.seq, chat.last_seq)
), held AS (
    SELECT id FROM chat_svc_membership WHERE id IN (SELECT id FROM behind) FOR NO KEY UPDATE SKIP LOCKED
), moved AS (
    UPDATE chat_svc_membership membership SET read_seq = behind.seq
    FROM behind JOIN held USING (id)
    WHERE membership.id = behind.id AND membership.read_seq < behind.seq
        AND membership.state = 'active'  -- still, now that the row is ours
    RETURNING membership.id
)
SELECT behind.chat_id, behind.user_id, behind.seq, held.id IS NOT NULL, moved.id IS NOT NULL
FROM behind LEFT JOIN held USING (id) LEFT JOIN moved USING (id)
"""


def mark_read(*, chat_id: UUID, user_id: UUID, seq: int) -> None:
    """Marks never go back, and never past the last message. Raises ChatNotFound, InvalidMessage."""
    if not 0 <= seq <= SEQ_LIMIT:
        raise InvalidMessage("seq", _("A message's number."))
    last_seq = _membership(chat_id, user_id).values_list("chat__last_seq", flat=True).first()
    if last_seq is None:
        raise NotAMember
    reached = min(seq, last_seq)
    counts = member_counts([chat_id])  # asked first: once the mark stands, nothing may fail before it is told
    if _membership(chat_id, user_id).filter(read_seq__lt=reached).update(read_seq=reached):
        _tell_read({(chat_id, user_id): reached}, counts)


def mark_read_all(marks: Marks) -> dict[Reader, int]:
    """Many people's marks in one statement; those of strangers are passed over.

    Answers the marks that could not be written now: their rows were just being written by somebody else.
    """
    left: dict[Reader, int] = {}
    for some in _parts(marks):
        # As above.
        counts = member_counts({chat_id for chat_id, _user in some})
        with transaction.atomic():
            moved, busy = _mark_together(some) if connection.vendor == "postgresql" else _mark_singly(some)
        _tell_read(moved, counts)  # only now: the writer of messages waits for these rows
        left |= busy
    return left


def _parts(marks: Marks) -> Iterator[dict[Reader, int]]:
    waiting = iter(marks.items())
    while some := dict(islice(waiting, MARKS_PER_STATEMENT)):
        yield some


def _mark_together(marks: Marks) -> tuple[dict[Reader, int], dict[Reader, int]]:
    chat_ids, user_ids = zip(*marks, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(MARK, [list(chat_ids), list(user_ids), list(marks.values())])
        rows = cursor.fetchall()
    moved = {(chat_id, user_id): seq for chat_id, user_id, seq, _held, is_moved in rows if is_moved}
    busy = {(chat_id, user_id): seq for chat_id, user_id, seq, is_held, _moved in rows if not is_held}
    return moved, busy


def _mark_singly(marks: Marks) -> tuple[dict[Reader, int], dict[Reader, int]]:
    """SQLite has one writer at a time, and no way to it but a function call."""
    moved: dict[Reader, int] = {}
    for (chat_id, user_id), seq in marks.items():
        own = _membership(chat_id, user_id)
        last_seq = own.values_list("chat__last_seq", flat=True).first()
        reached = min(seq, last_seq or 0)
        if own.filter(read_seq__lt=reached).update(read_seq=reached):
            moved[chat_id, user_id] = reached
    return moved, {}


def _membership(chat_id: UUID, user_id: UUID) -> QuerySet[Membership]:
    return Membership.objects.filter(chat_id=chat_id, user_id=user_id, state=State.ACTIVE)


def _tell_read(marks: Marks, counts: Mapping[UUID, int]) -> None:
    for (chat_id, user_id), seq in marks.items():
        group = chat_group(chat_id) if counts[chat_id] <= RECEIPTS_LIMIT else user_group(user_id)
        publish(group, receipt_read(chat_id, user_id, seq))


def start_typing(*, chat_id: UUID, user_id: UUID) -> None:
    """Raises ChatNotFound."""
    if not start_typing_all([(chat_id, user_id)]):
        raise NotAMember


def start_typing_all(readers: Collection[Reader]) -> set[Reader]:
    """Those whose typing was told; the others are not in their chat."""
    present = members_among(readers)
    for chat_id, user_id in present:
        publish(chat_group(chat_id), typing_started(chat_id, user_id))
    return present
