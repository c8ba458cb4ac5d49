"""What counts as unread, kept right where messages go, and where they come back: each holds the chat's lock."""

from collections.abc import Sequence

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from chat_svc.models import Chat, Membership, Mention, Message, MessageKind, State


def uncount(chat: Chat, messages: Sequence[Message]) -> None:
    """These are nobody's news any more, nor do they call anybody. All are of one sender, who never counted them."""
    seqs = [message.seq for message in messages]
    after = {"chat_id": chat.id, "seq__in": seqs, "seq__gt": OuterRef("read_seq")}
    behind = Membership.objects.filter(chat=chat, state=State.ACTIVE, read_seq__lt=max(seqs))
    behind.exclude(user_id=messages[0].sender_id).update(uncounted=F("uncounted") + _number_after(chat, seqs))
    mentions = Mention.objects.filter(chat=chat, seq__in=seqs)
    called = set(mentions.values_list("user_id", flat=True))
    if called:
        silenced = _number(Mention.objects.filter(**after, user_id=OuterRef("user_id")))
        behind.filter(user_id__in=called).update(mentions=F("mentions") - silenced)
        mentions.delete()


def pass_over(chat: Chat, *, below: int) -> None:
    """What stands before `below` is about to go, read or not: marks before it move there. Called before it goes."""
    behind = Membership.objects.filter(chat=chat, read_seq__lt=below - 1)
    going = Message.objects.filter(chat=chat, seq__lt=below)
    is_no_news = Q(deleted_at__isnull=False) | Q(kind=MessageKind.SYSTEM)
    # Few of them, most of the time: else a thousand people who never read would each count a thousand messages.
    of_somebody = list(
        going.filter(is_no_news | Q(sender_id__in=behind.values("user_id"))).values_list("seq", flat=True)
    )
    after = {"chat_id": chat.id, "seq__gt": OuterRef("read_seq")}
    own = Q(sender_id=OuterRef("user_id"))
    no_news = _number(Message.objects.filter(is_no_news | own, seq__in=of_somebody, **after)) if of_somebody else 0
    calls = _number(Mention.objects.filter(**after, seq__lt=below, user_id=OuterRef("user_id")))
    behind.update(read_seq=below - 1, uncounted=F("uncounted") - no_news, mentions=F("mentions") - calls)


def count_again(chat: Chat, messages: Sequence[Message]) -> None:
    """These have come back: to whoever has not read as far they are news. All are of one sender."""
    seqs = [message.seq for message in messages]
    behind = Membership.objects.filter(chat=chat, state=State.ACTIVE, read_seq__lt=max(seqs))
    behind.exclude(user_id=messages[0].sender_id).update(uncounted=F("uncounted") - _number_after(chat, seqs))


def _number_after(chat: Chat, seqs: Sequence[int]) -> Coalesce:
    """How many of these messages stand after the mark of the membership."""
    return _number(Message.objects.filter(chat_id=chat.id, seq__in=seqs, seq__gt=OuterRef("read_seq")))


def _number(rows: QuerySet[Message] | QuerySet[Mention]) -> Coalesce:
    """How many, for each row of the statement around it."""
    counted = rows.order_by().values("chat_id").annotate(number=Count("seq")).values("number")
    return Coalesce(Subquery(counted), 0)
