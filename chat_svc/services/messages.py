"""Something is said, changed, taken back."""

import asyncio
import re
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from abdre.db import close_connections
from abdre.errors import AppError, Unavailable
from chat_svc.errors import (
    InvalidMessage,
    MessageDeleted,
    MessageForwarded,
    NotYourMessage,
)
from chat_svc.events import MentionJson, MessageJson, message_json
from chat_svc.markdown import rendered
from chat_svc.models import (
    BODY_LIMIT,
    PER_MESSAGE,
    Attachment,
    Chat,
    Membership,
    Mention,
    Message,
)
from chat_svc.rights import Action, may
from chat_svc.selectors.filtering import judged
from chat_svc.services.changing import changed, found
from chat_svc.services.deleting import delete_all
from chat_svc.services.edits import keep_body
from chat_svc.services.previews import also_for, preview_after_edit, queue_preview
from chat_svc.writer import Held as Held
from chat_svc.writer import Post, writer
from chat_svc.writer import Sent as Sent
from chat_svc.writer.mentions import called, drop_mentions, note_mentions
from chat_svc.writer.rules import check_edit

WRITE_TIMEOUT_S = 30
UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # PostgreSQL keeps no NUL, and UTF-8 has no lone surrogates
SEQ_LIMIT = 2**63 - 1  # the column's


def send_message(
    *,
    chat_id: UUID,
    sender_id: UUID,
    client_id: UUID,
    body: str,
    reply_to: int | None = None,
    attachments: Sequence[UUID] = (),
    thread: int | None = None,
) -> Sent | Held:
    """Stored and committed when this returns; a known `client_id` of the chat gives the stored message.

    `attachments`: files of the sender's that have come up to this chat whole. `thread`: the message that it hangs on.

    Held: by the installation's filter, or by the chat where guests' links or files wait; a repeat is the same.

    Raises ChatNotFound, ChatOver, NotAllowed, InvalidMessage, Unavailable.
    """
    return sent(_checked_post(chat_id, sender_id, client_id, body, reply_to, attachments, thread))


def sent(post: Post) -> Sent | Held:
    """Raises what the writer refuses."""
    if connection.in_atomic_block:
        raise RuntimeError("a message waits for a commit of its own and cannot be part of a transaction")
    # The writer may need the very connection that this thread would hold while it waits for the writer.
    close_connections()
    answer: Future[Sent | Held | AppError] = Future()
    also = post.also or also_for(post.body)
    writer.submit(post._replace(language=get_language(), also=also), answer.set_result)
    try:
        return _or_raised(answer.result(timeout=WRITE_TIMEOUT_S))
    except TimeoutError as problem:
        raise Unavailable(retry_after_s=1) from problem


def submit_message(
    *,
    chat_id: UUID,
    sender_id: UUID,
    client_id: UUID,
    body: str,
    reply_to: int | None,
    attachments: Sequence[UUID] = (),
    thread: int | None = None,
    on_done: Callable[[Sent | Held | AppError], None],
) -> None:
    """As `send_message`, for the event loop: `on_done` is called there after the commit.

    A socket has told no language: refusals are in that of the source. Raises InvalidMessage and Unavailable at once;
    every other refusal is an outcome.
    """
    post = _checked_post(chat_id, sender_id, client_id, body, reply_to, attachments, thread)
    writer.submit(post._replace(also=also_for(post.body)), on_done, loop=asyncio.get_running_loop())


def _or_raised(outcome: Sent | Held | AppError) -> Sent | Held:
    if isinstance(outcome, AppError):
        raise outcome
    return outcome


def _checked_post(
    chat_id: UUID,
    sender_id: UUID,
    client_id: UUID,
    body: str,
    reply_to: int | None,
    attachments: Sequence[UUID],
    thread: int | None,
) -> Post:
    if len(attachments) > PER_MESSAGE:
        raise InvalidMessage("attachments", _("A message has at most 10 files."))
    checked_reply(reply_to)
    checked_reply(thread, field="thread")
    checked = checked_body(body, may_be_empty=bool(attachments))
    files = tuple(dict.fromkeys(attachments))
    return Post(chat_id, sender_id, client_id, checked, reply_to, attachments=files, thread=thread)


def checked_reply(seq: int | None, *, field: str = "reply_to") -> None:
    """Raises InvalidMessage for what cannot be a message's number."""
    if seq is not None and not 1 <= seq <= SEQ_LIMIT:
        raise InvalidMessage(field, _("There is no such message."))


def checked_body(body: str, *, may_be_empty: bool = False) -> str:
    """Kept as typed; of nothing but white space, nothing is. Raises InvalidMessage."""
    if may_be_empty and not body.strip():
        return ""
    if not 1 <= len(body.strip()) <= BODY_LIMIT:
        raise InvalidMessage("body", _("A message has 1 to 8,000 characters."))
    # The white space around counts too, or a message of spaces could be as large as the frame.
    if len(body) > BODY_LIMIT + 1000:
        raise InvalidMessage("body", _("A message has 1 to 8,000 characters."))
    if UNSTORABLE.search(body):
        raise InvalidMessage("body", _("The message holds a character that cannot be stored."))
    return body


def edit_message(*, chat_id: UUID, actor_id: UUID, seq: int, body: str) -> MessageJson:
    """Raises ChatNotFound, ChatOver, MessageNotFound, NotYourMessage, MessageDeleted, MessageForwarded,
    AnnouncementsOnly, LinksRefused, WordsRefused, EditWouldBeHeld, MayNotWrite, InvalidMessage.
    """
    verdict = judged(checked_body(body, may_be_empty=True), actor_id)
    checked = verdict.body
    rich = rendered(checked)  # before the chat is locked
    with transaction.atomic():
        chat, membership, message = found(chat_id, actor_id, seq)
        if message.sender_id != actor_id:
            raise NotYourMessage
        if message.deleted_at is not None:
            raise MessageDeleted
        if message.is_forwarded:  # else anybody's words could be put under another's name
            raise MessageForwarded
        check_edit(verdict, chat, membership)  # else what was said before would be a way to say more
        if not message_json(message)["attachments"]:
            checked_body(checked)
        keep_body(message)
        calls = _called_anew(chat, membership, message, checked)
        shown = {"html": rich and rich.html, "preview": rich and rich.preview, "mentions": calls}
        card = preview_after_edit(message, checked, rich.html if rich else "")
        extras = message.extras_with(**shown, **card)
        told = changed(chat, message, body=checked, extras=extras, edited_at=timezone.now())
        queue_preview(message)
        return told


def delete_message(*, chat_id: UUID, actor_id: UUID, seq: int) -> MessageJson:
    """For everyone; by its author or who manages the chat.

    Raises ChatNotFound, ChatOver, MessageNotFound, NotYourMessage.
    """
    with transaction.atomic():
        chat, membership, message = found(chat_id, actor_id, seq)
        if message.sender_id != actor_id and not may(Action.DELETE_ANY, role=membership.role, kind=chat.kind):
            raise NotYourMessage
        if message.deleted_at is not None:
            return message_json(message)
        Attachment.objects.of_messages(chat_id, [seq]).drop()
        return delete_all(chat, [message])[0]


def _called_anew(chat: Chat, author: Membership, message: Message, body: str) -> list[MentionJson]:
    """Whom the new text calls. Who is called no more has nothing unread of it."""
    calls = called(body, chat=chat, by=author)
    before = set(Mention.objects.filter(chat=chat, seq=message.seq).values_list("user_id", flat=True))
    drop_mentions(chat, message.seq, before - calls.people)
    note_mentions(chat, message.seq, calls.people - before)
    return calls.said
