"""Something is said from outside, by whoever knows the token of an incoming webhook."""

from uuid import UUID, uuid4

from django.utils import timezone

from abdre.errors import TooMany
from abdre.limits import count, limit
from chat_svc.errors import ChatNotFound, HookNotFound, InvalidMessage
from chat_svc.models import IncomingHook
from chat_svc.models.hooks import hash_of
from chat_svc.services.messages import Sent, send_message

POSTS_PER_HOOK = {"limit": 60, "window_s": 60}
# Tokens cannot be guessed; whoever tries should not cost us a query each time.
UNKNOWN_PER_PREFIX = {"limit": 60, "window_s": 60}


def post_by_hook(*, token: str, text: str, address: str, client_id: UUID | None = None) -> Sent:
    """As the hook's bot. A known `client_id` gives the stored message.

    Raises HookNotFound, TooMany, ChatOver, InvalidMessage, Unavailable.
    """
    hook = IncomingHook.objects.filter(token_hash=hash_of(token)).first()
    if hook is None:
        unknown = count("hook-unknown", address, **UNKNOWN_PER_PREFIX)
        raise TooMany(retry_after_s=unknown.left_s) if unknown and unknown.is_over else HookNotFound
    limit("hook", str(hook.id), **POSTS_PER_HOOK)
    try:
        sent = send_message(chat_id=hook.chat_id, sender_id=hook.bot_id, client_id=client_id or uuid4(), body=text)
    except ChatNotFound as problem:  # its bot was taken out of the chat
        raise HookNotFound from problem
    except InvalidMessage as problem:
        texts = [text for texts in (problem.fields or {}).values() for text in texts]
        raise InvalidMessage("text", " ".join(texts)) from problem
    IncomingHook.objects.filter(id=hook.id).update(last_used_at=timezone.now())
    return sent
