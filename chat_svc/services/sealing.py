"""The blocks that the search reads: made a little after the messages, and forgotten when one of them changes.

Not in the writer: folding a text and writing it once more would make every message dearer, and the search finds what
stands in no block yet (selectors/searching/).
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import F

from abdre.wire import microseconds
from chat_svc.models import MESSAGES_PER_BLOCK, Block, Chat, Entry, Message, SearchBlock
from chat_svc.models.search import block_number, first_seq

# A thousand blocks a time, well under a second: other deeds of the clock wait for it.
CHATS_AT_ONCE = 20
# So many while the chat is locked and nobody writes there.
BLOCKS_AT_ONCE = 50


def seal_search_blocks() -> int:
    """Make the blocks that have become full, and anew those that were forgotten; answers how many. By the clock."""
    full = Chat.objects.filter(last_seq__gte=F("sealed_seq") + MESSAGES_PER_BLOCK).order_by("id")
    stale = SearchBlock.objects.filter(folded=None).order_by("chat_id").values_list("chat_id", flat=True).distinct()
    chat_ids = {*full.values_list("id", flat=True)[:CHATS_AT_ONCE], *stale[:CHATS_AT_ONCE]}
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
        sealed = len(numbers)
        fresh = range(chat.sealed_seq // MESSAGES_PER_BLOCK, chat.last_seq // MESSAGES_PER_BLOCK)[:BLOCKS_AT_ONCE]
        _write(chat, [*numbers, *fresh])
        if fresh:
            Chat.objects.filter(id=chat_id).update(sealed_seq=fresh.stop * MESSAGES_PER_BLOCK)
        return sealed + len(fresh)


def _write(chat: Chat, numbers: Sequence[int]) -> None:
    blocks = [SearchBlock(chat=chat, **_block(chat, number)._asdict()) for number in numbers]
    SearchBlock.objects.bulk_create(
        blocks,
        update_conflicts=True,
        unique_fields=["chat", "number"],
        update_fields=["folded", "senders", "facts", "oldest_us", "newest_us"],
    )


def _block(chat: Chat, number: int) -> Block:
    first = first_seq(number)
    own = Message.objects.filter(chat=chat, seq__range=(first, first + MESSAGES_PER_BLOCK - 1)).order_by("seq")
    rows = own.values_list("seq", "created_at", "sender_id", "body", "extras")
    return Block.of(
        [
            Entry.of(seq=seq, created_us=microseconds(created_at), sender=sender_id.hex, body=body, extras=extras)
            for seq, created_at, sender_id, body, extras in rows
        ]
    )
