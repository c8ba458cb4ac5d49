"""The blocks that the search reads: made a little after the messages, and forgotten when one of them changes.

Not in the writer: folding a text and writing it once more would make every message dearer, and the search finds what
stands in no block yet (selectors/searching/).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from abdre.wire import microseconds
from chat_svc.models import MESSAGES_PER_BLOCK, Block, Chat, Entry, Message, SearchBlock
from chat_svc.models.search import block_number, first_seq

# A thousand blocks a time, well under a second: other deeds of the clock wait for it.
CHATS_AT_ONCE = 20
# So many while the chat is locked and nobody writes there.
BLOCKS_AT_ONCE = 50


def seal_search_blocks() -> int:
    """Make the blocks that have become full, and anew those that were forgotten; answers how many. By the clock."""
    full = Chat.objects.filter(last_seq__gte=F("sealed_seq") + MESSAGES_PER_BLOCK)
    longest = full.order_by(F("sealed_seq") - F("last_seq")).values_list("id", flat=True)
    stale = SearchBlock.objects.filter(folded=None).order_by("chat_id").values_list("chat_id", flat=True).distinct()
    chat_ids = {*longest[:CHATS_AT_ONCE], *stale[:CHATS_AT_ONCE]}
    return sum(_seal_some(chat_id) for chat_id in sorted(chat_ids))


def unseal(chat: Chat, seqs: Iterable[int]) -> None:
    """These messages were changed or deleted: their words are kept nowhere else. The caller holds the chat's lock."""
    numbers = {block_number(seq) for seq in seqs}
    SearchBlock.objects.filter(chat=chat, number__in=numbers).update(folded=None, senders="", facts="")


def _seal_some(chat_id: UUID) -> int:
    """A chat that somebody else holds just now is left for the next time: nobody waits for this."""
    with transaction.atomic():
        chat = Chat.objects.select_for_update(skip_locked=True).filter(id=chat_id).first()
        if chat is None:
            return 0
        stale = SearchBlock.objects.filter(chat=chat, folded=None).order_by("number")
        numbers = list(stale.values_list("number", flat=True)[:BLOCKS_AT_ONCE])
        fresh = range(chat.sealed_seq // MESSAGES_PER_BLOCK, chat.last_seq // MESSAGES_PER_BLOCK)[:BLOCKS_AT_ONCE]
        if numbers or fresh:
            _write(chat, [*numbers, *fresh])
        if fresh:
            Chat.objects.filter(id=chat_id).update(sealed_seq=fresh.stop * MESSAGES_PER_BLOCK)
        return len(numbers) + len(fresh)


def _write(chat: Chat, numbers: Sequence[int]) -> None:
    blocks = [SearchBlock(chat=chat, **block._asdict()) for block in _blocks(chat, numbers)]
    SearchBlock.objects.bulk_create(
        blocks,
        update_conflicts=True,
        unique_fields=["chat", "number"],
        update_fields=["folded", "senders", "facts", "oldest_us", "newest_us"],
    )


def _blocks(chat: Chat, numbers: Sequence[int]) -> Iterator[Block]:
    """Read in one statement: the chat is locked meanwhile."""
    spans = Q()
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):  # of numbers that follow one another
        run_numbers = [number for _, number in run]
        spans |= Q(seq__gte=first_seq(run_numbers[0]), seq__lt=first_seq(run_numbers[-1] + 1))
    rows = Message.objects.filter(spans, chat=chat).order_by("seq")
    entries = (
        Entry.of(seq=seq, created_us=microseconds(created_at), sender=sender_id.hex, body=body, extras=extras)
        for seq, created_at, sender_id, body, extras in rows.values_list(
            "seq", "created_at", "sender_id", "body", "extras"
        )
    )
    for _, block in groupby(entries, key=lambda entry: block_number(entry.seq)):
        yield Block.of(list(block))
