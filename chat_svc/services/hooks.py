"""Webhooks of a chat: made, given another secret, switched on again, deleted, by those who manage it."""

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from abdre.fetching import BadAddress, checked_url
from chat_svc.errors import HookNotFound, InvalidHook, TooManyHooks
from chat_svc.models import HOOK_NAME_LIMIT, Chat, IncomingHook, OutgoingHook
from chat_svc.models.hooks import hash_of, secret_of
from chat_svc.rights import Action, require
from chat_svc.services.members import enrol, evict
from chat_svc.writer.rules import refuse_if_silenced
from user_svc import services as users

HOOKS_PER_CHAT = 10  # of each direction
TOKEN_BYTES = 32
NONCE_BYTES = 32


@dataclass(frozen=True)
class MadeHook:
    """`secret`: the token of an incoming hook, what signs for an outgoing one; the only place where it is told."""

    hook_id: UUID
    secret: str


def create_incoming_hook(*, chat_id: UUID, actor_id: UUID, name: str) -> MadeHook:
    """Raises ChatNotFound, ChatOver, NotAllowed, Silenced, InvalidHook, TooManyHooks, ChatFull."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    facts = {"token_hash": hash_of(token), "ending": token[-4:]}
    return MadeHook(_created(IncomingHook, chat_id, actor_id, name, facts), token)


def create_outgoing_hook(*, chat_id: UUID, actor_id: UUID, name: str, url: str) -> MadeHook:
    """It hears what happens from now on.

    Raises ChatNotFound, ChatOver, NotAllowed, Silenced, InvalidHook, TooManyHooks, ChatFull.
    """
    try:
        target = checked_url(url)
    except BadAddress as problem:
        raise InvalidHook("url", _("A web address of somebody outside, like https://example.org/hook.")) from problem
    nonce = secrets.token_bytes(NONCE_BYTES)
    signs = _signing(nonce)
    facts = {"url": target, "nonce": nonce, "secret_hash": hash_of(signs), "cursor": 0}
    return MadeHook(_created(OutgoingHook, chat_id, actor_id, name, facts), signs)


def _created(kind: Any, chat_id: UUID, actor_id: UUID, name: str, facts: dict[str, Any]) -> UUID:
    cleaned = name.strip()
    if not 1 <= len(cleaned) <= HOOK_NAME_LIMIT:
        raise InvalidHook("name", _("A name has 1 to 60 characters."))
    with transaction.atomic():
        chat = _managed(chat_id, actor_id, to_speak=True)
        chat.refuse_if_over()
        if kind.objects.filter(chat=chat).count() >= HOOKS_PER_CHAT:
            raise TooManyHooks
        bot = users.create_bot(owner_id=None, display_name=cleaned)
        membership, _is_new = enrol(chat_id=chat_id, user_id=bot.id)
        if "cursor" in facts:
            facts["cursor"] = membership.version
        hook_id: UUID = kind.objects.create(chat=chat, bot=bot, name=cleaned, **facts).id
    return hook_id


def renew_hook_token(*, chat_id: UUID, actor_id: UUID, hook_id: UUID) -> MadeHook:
    """The token before opens nothing from now on. Raises ChatNotFound, NotAllowed, Silenced, HookNotFound."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    with transaction.atomic():
        chat = _managed(chat_id, actor_id, to_speak=True)
        own = IncomingHook.objects.filter(chat=chat, id=hook_id)
        if not own.update(token_hash=hash_of(token), ending=token[-4:]):
            raise HookNotFound
    return MadeHook(hook_id, token)


def renew_hook_secret(*, chat_id: UUID, actor_id: UUID, hook_id: UUID) -> MadeHook:
    """What is told from now on is signed anew. Raises ChatNotFound, NotAllowed, HookNotFound."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    signs = _signing(nonce)
    with transaction.atomic():
        chat = _managed(chat_id, actor_id)
        own = OutgoingHook.objects.filter(chat=chat, id=hook_id)
        if not own.update(nonce=nonce, secret_hash=hash_of(signs), **_fresh()):
            raise HookNotFound
    return MadeHook(hook_id, signs)


def switch_on(*, chat_id: UUID, actor_id: UUID, hook_id: UUID) -> None:
    """It hears what it has missed, and is tried at once. Raises ChatNotFound, NotAllowed, HookNotFound."""
    with transaction.atomic():
        chat = _managed(chat_id, actor_id)
        if not OutgoingHook.objects.filter(chat=chat, id=hook_id).update(**_fresh()):
            raise HookNotFound


def delete_hook(*, chat_id: UUID, actor_id: UUID, hook_id: UUID) -> None:
    """Of either direction; its bot leaves, and what it said stays. Raises ChatNotFound, NotAllowed, HookNotFound."""
    with transaction.atomic():
        chat = _managed(chat_id, actor_id)
        # Locked before what hangs on it goes: who notes a delivery takes the hook first as well.
        kinds = (IncomingHook, OutgoingHook)
        found = [kind.objects.select_for_update().filter(chat=chat, id=hook_id).first() for kind in kinds]
        hook = next(filter(None, found), None)
        if hook is None:
            raise HookNotFound
        hook.delete()
        evict(chat_id=chat_id, actor_id=actor_id, user_ids=[hook.bot_id])


def _managed(chat_id: UUID, actor_id: UUID, *, to_speak: bool = False) -> Chat:
    """`to_speak`: for what gives a voice in the chat, which whom staff has silenced does not get that way."""
    chat, membership = Chat.objects.locked_for(chat_id, actor_id)
    require(Action.MANAGE_INTEGRATIONS, chat=chat, membership=membership)
    if to_speak:
        refuse_if_silenced(membership)
    return chat


def _fresh() -> dict[str, Any]:
    return {"off_at": None, "failing_since": None, "tries": 0, "next_try_at": timezone.now()}


def _signing(nonce: bytes) -> str:
    return secret_of(nonce, secret_key=settings.SECRET_KEY)
