"""A message is said again in another chat, by somebody who is in both; nothing else leads from there to the first."""

from uuid import UUID

from chat_svc.errors import MessageDeleted, MessageNotFound, NotAllowed
from chat_svc.events import ForwardedJson
from chat_svc.models import Attachment, Message, MessageKind
from chat_svc.rights import require_files
from chat_svc.selectors import membership_or_refusal
from chat_svc.selectors.readable import readable
from chat_svc.services.attachments import copied
from chat_svc.services.messages import Held, Sent, sent
from chat_svc.writer import Post
from chat_svc.writer.rules import check


def forward_message(*, chat_id: UUID, seq: int, user_id: UUID, to: UUID, client_id: UUID) -> Sent | Held:
    """Stored and committed when this returns; a known `client_id` of the chat `to` gives the stored message.

    Raises ChatNotFound, ChatOver, MessageNotFound, MessageDeleted, NotAllowed, FilesRefused, FileTooLarge,
    TooManyFiles, AttachmentNotFound, and what the chat `to` refuses.
    """
    message = _found(chat_id, seq, user_id)
    extras = {"forwarded": _said_first_by(message)}
    post = Post(to, user_id, client_id, message.body, extras=extras, calls_people=False)
    files = list(Attachment.objects.of_people().of_messages(chat_id, [seq]).order_by("position"))
    if not files or _is_known(post):
        return sent(post)
    _refuse_before_copying(post)
    return _sent_with_copies(post, files)


def _found(chat_id: UUID, seq: int, user_id: UUID) -> Message:
    message = readable(membership_or_refusal(chat_id, user_id)).select_related("sender").filter(seq=seq).first()
    if message is None:
        raise MessageNotFound
    if message.kind == MessageKind.SYSTEM:
        raise NotAllowed
    if message.deleted_at is not None:
        raise MessageDeleted
    return message


def _said_first_by(message: Message) -> ForwardedJson:
    """However often it goes on, it is still that person's."""
    extras = message.extras or {}
    return {
        "display_name": extras["forwarded"]["display_name"] if message.is_forwarded else message.sender.display_name
    }


def _is_known(post: Post) -> bool:
    said = Message.objects.filter(chat_id=post.chat_id, sender_id=post.sender_id, client_id=post.client_id)
    return said.exists()


def _refuse_before_copying(post: Post) -> None:
    """As the writer will: bytes are not copied for a message that cannot be."""
    membership = membership_or_refusal(post.chat_id, post.sender_id)
    membership.chat.refuse_if_over()
    require_files(chat=membership.chat, membership=membership)
    check(membership.chat, membership, post.body)


def _sent_with_copies(post: Post, files: list[Attachment]) -> Sent | Held:
    """What is in no message then (refused, or the same was sent twice at once) is dropped."""
    copies = copied(files, chat_id=post.chat_id, user_id=post.sender_id)
    try:
        return sent(post._replace(attachments=tuple(copies)))
    finally:
        Attachment.objects.filter(id__in=copies, message_seq=None, held=None).drop()
