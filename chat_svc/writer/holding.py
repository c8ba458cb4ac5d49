"""A message is kept back instead of stored: for the staff of the installation, or for who manages the chat."""

from collections.abc import Sequence

from django.utils.translation import override

from abdre.events import publish, user_group
from chat_svc.errors import NotApproved, TooManyHeld
from chat_svc.events import attachment_json, held_changed, held_json
from chat_svc.models import (
    OF_CHAT,
    WAITING_LIMIT,
    Attachment,
    Chat,
    HeldMessage,
    HeldState,
    HeldWhy,
    Membership,
    State,
)
from chat_svc.rights import TABLE, Action
from chat_svc.writer.posts import Held, Outcome, Post


def held(post: Post, chat: Chat, membership: Membership, attachments: Sequence[Attachment], why: HeldWhy) -> Outcome:
    """The caller holds the chat's lock. A known `client_id` is what waits already, or what became of it."""
    own = HeldMessage.objects.filter(chat=chat, sender_id=post.sender_id)
    known = own.filter(client_id=post.client_id).select_related("sender").first()
    if known is not None:
        return _known(known, post)
    if own.waiting().unsaid().count() >= WAITING_LIMIT:
        with override(post.language):
            return TooManyHeld()
    kept = _kept(post, membership, attachments, why)
    if chat.slow_mode_s:
        Membership.objects.filter(id=membership.id).update(last_sent_at=kept.held_at)
    tell_held(kept)
    return Held(held_json(kept), created=True)


def _known(known: HeldMessage, post: Post) -> Outcome:
    if known.state in (HeldState.REJECTED, HeldState.EXPIRED, HeldState.WITHDRAWN):
        with override(post.language):
            return NotApproved()
    return Held(held_json(known), created=False)


def _kept(post: Post, membership: Membership, attachments: Sequence[Attachment], why: HeldWhy) -> HeldMessage:
    files = {"attachments": [attachment_json(one) for one in attachments]} if attachments else {}
    kept = HeldMessage.objects.create(
        chat_id=post.chat_id,
        sender=membership.user,
        client_id=post.client_id,
        body=post.body,
        reply_to=post.reply_to,
        thread=post.thread,
        extras={**(post.extras or {}), **files} or None,
        calls_people=post.calls_people,
        why=why,
        rule_id=post.verdict.rules[0].id if post.verdict else None,
    )
    Attachment.objects.filter(id__in=[one.id for one in attachments]).update(held=kept)
    return kept


def tell_held(kept: HeldMessage) -> None:
    """What has become of it: who wrote it, and who may decide on it; the same words for all of them."""
    event = held_changed(kept)
    deciders = Membership.objects.none()
    if kept.why in OF_CHAT:
        deciders = Membership.objects.filter(
            chat_id=kept.chat_id, state=State.ACTIVE, role__in=TABLE[Action.APPROVE_HELD]
        )
    for person in {kept.sender_id, *deciders.values_list("user_id", flat=True)}:
        publish(user_group(person), event)
