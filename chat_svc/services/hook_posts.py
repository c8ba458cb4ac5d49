"""Something is said from outside, by whoever knows the token of an incoming webhook."""

from uuid import UUID, uuid4

from django.utils import timezone

from abdre.errors import TooMany
from abdre.limits import count, limit
from chat_svc.errors import ChatNotFound, HookNotFound, InvalidMessage
from chat_svc.models import IncomingHook
from chat_svc.models.hooks import hash_of
from chat_svc.services.messages import Held, Sent, checked_body, sent
from chat_svc.writer import Post
from user_svc.errors import InvalidName
from user_svc.services import checked_display_name

POSTS_PER_HOOK = {"limit": 60, "window_s": 60}
# Tokens cannot be guessed; whoever tries should not cost us a query each time.
UNKNOWN_PER_PREFIX = {"limit": 60, "window_s": 60}


def post_by_hook(
    *, token: str, text: str, address: str, client_id: UUID | None = None, username: str | None = None
) -> Sent | Held:
    """As the hook's bot, `username` beside its name. A known `client_id` gives the stored message.

    Raises HookNotFound, TooMany, ChatOver, InvalidMessage, Unavailable.
    """
    hook = IncomingHook.objects.filter(token_hash=hash_of(token)).first()
    if hook is None:
        unknown = count("hook-unknown", address, **UNKNOWN_PER_PREFIX)
        raise TooMany(retry_after_s=unknown.left_s) if unknown and unknown.is_over else HookNotFound
    limit("hook", str(hook.id), **POSTS_PER_HOOK)
    try:
        extras = None if username is None else {"shown_as": _checked_name(username)}
        said = sent(Post(hook.chat_id, hook.bot_id, client_id or uuid4(), checked_body(text), extras=extras))
    except ChatNotFound as problem:  # its bot was taken out of the chat
        raise HookNotFound from problem
    except InvalidMessage as problem:
        [(field, texts)] = (problem.fields or {}).items()
        raise InvalidMessage("text" if field == "body" else field, " ".join(texts)) from problem
    IncomingHook.objects.filter(id=hook.id).update(last_used_at=timezone.now())
    return said


def _checked_name(username: str) -> str:
    """As people may be called."""
    try:
        return checked_display_name(username)
    except InvalidName as problem:
        raise InvalidMessage("username", " ".join((problem.fields or {})["display_name"])) from problem
