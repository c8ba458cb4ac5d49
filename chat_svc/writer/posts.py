"""A message on its way in: what is asked for, and what may come of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import override

from abdre.errors import AppError, Unavailable
from chat_svc.errors import ChatOver, InvalidMessage, NotAMember
from chat_svc.events import HeldJson, MessageEvent, MessageJson, StaleEvent, message_json
from chat_svc.filtering import FilterAction, Verdict
from chat_svc.markdown import rendered
from chat_svc.models import Message
from chat_svc.selectors.filtering import judged
from chat_svc.writer.mentions import may_call


class Post(NamedTuple):
    """One message to be stored. `(chat_id, sender_id, client_id)` says which: a repeat is the same message."""

    chat_id: UUID
    sender_id: UUID
    client_id: UUID
    body: str
    reply_to: int | None = None
    # The writer's thread serves people of all languages; a refusal is told in the asker's. None: as it is written here.
    language: str | None = None
    # What hangs on the message from the first, as it goes over the wire.
    extras: Mapping[str, Any] | None = None
    attachments: tuple[UUID, ...] = ()
    thread: int | None = None  # the seq of the message that it hangs on
    calls_people: bool = True  # whom it names; what is forwarded calls nobody
    also: Callable[[Message], None] | None = None  # what else is written with it, in the same transaction
    # What the filter says of it, where that is more than other words.
    verdict: Verdict | None = None
    # Somebody has let it through, and it was held until then: asked under the chat's lock, raises AppError.
    leave: Callable[[], None] | None = None
    held_id: UUID | None = None

    @property
    def key(self) -> tuple[int, int, int]:
        # As numbers: a UUID is hashed and compared in Python.
        return self.chat_id.int, self.sender_id.int, self.client_id.int

    @property
    def needs_care(self) -> bool:
        """More is to be written than the message: the fast statements leave it alone."""
        is_more = bool(self.attachments) or self.thread is not None or self.also is not None
        is_more = is_more or self.verdict is not None or self.leave is not None
        return is_more or (self.calls_people and may_call(self.body))


def dressed(post: Post) -> Post:
    """Filtered, with its Markdown rendered; on the writer's thread, so that no event loop waits, and posts keep their
    order."""
    post = _filtered(post)
    rich = rendered(post.body)
    return post._replace(extras={**(post.extras or {}), **rich._asdict()}) if rich else post


def _filtered(post: Post) -> Post:
    if post.leave is not None:  # it was said when it was held
        return post
    verdict = judged(post.body, post.sender_id)
    if verdict.action is None:
        return post
    is_masked_only = verdict.action == FilterAction.MASK
    return post._replace(body=verdict.body, verdict=None if is_masked_only else verdict)


@dataclass(frozen=True)
class Held:
    """Kept back until somebody lets it through."""

    held: HeldJson
    created: bool  # False: it waits already


@dataclass(frozen=True)
class Sent:
    message: MessageJson
    created: bool  # False: it was stored before
    also: tuple[MessageEvent | StaleEvent, ...] = ()  # what else it changed, told after it


Outcome = Sent | Held | AppError
Answer = Callable[[Outcome], None]


def known(post: Post) -> Outcome:
    """What was stored before under this `client_id`, in its present state."""
    stored = Message.objects.select_related("sender").filter(
        chat_id=post.chat_id, sender_id=post.sender_id, client_id=post.client_id
    )
    message = stored.first()
    # None: the chat was erased in the moment between.
    return Sent(message_json(message), created=False) if message else refusal(post, is_member=False, is_over=False)


def refusal(post: Post, *, is_member: bool, is_over: bool) -> AppError:
    with override(post.language):
        if not is_member:
            return NotAMember()
        if is_over:
            return ChatOver()
        return InvalidMessage("reply_to", _("There is no such message."))


def unavailable(post: Post) -> AppError:
    with override(post.language):
        return Unavailable(retry_after_s=1)
