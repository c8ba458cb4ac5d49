"""Webhooks of a chat: what may write into it from outside, and who outside hears what happens in it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from chat_svc.models.chats import Chat

HOOK_NAME_LIMIT = 60
URL_LIMIT = 2048
SECRET_PREFIX = "whsec_"
SECRET_SALT = "chat_svc.outgoing-hook"


def hash_of(secret: str) -> str:
    # A fast hash is right here: the secret has more random bits than anybody can guess.
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def secret_of(nonce: bytes, *, secret_key: str | bytes) -> str:
    digest = salted_hmac(SECRET_SALT, nonce, secret=secret_key, algorithm="sha256").digest()
    return SECRET_PREFIX + base64.urlsafe_b64encode(digest).decode().rstrip("=")


class Hook(models.Model):
    """Each takes part as a bot of its own, so that all who are in the chat see it; who takes the bot out ends it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    bot = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(max_length=HOOK_NAME_LIMIT)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.id)


class IncomingHook(Hook):
    """Whoever knows the token writes; the token itself is nowhere, `ending` is what it is told by."""

    chat = models.ForeignKey(Chat, models.CASCADE, related_name="incoming_hooks")
    token_hash = models.CharField(max_length=64, unique=True)
    ending = models.CharField(max_length=4)
    last_used_at = models.DateTimeField(null=True, blank=True)


class OutgoingHook(Hook):
    """A target that hears of every change after `cursor`. What signs is made of `nonce` and SECRET_KEY each time."""

    chat = models.ForeignKey(Chat, models.CASCADE, related_name="outgoing_hooks")
    url = models.CharField(max_length=URL_LIMIT)
    nonce = models.BinaryField()
    secret_hash = models.CharField(max_length=64)
    cursor = models.BigIntegerField()  # the chat's version up to which all was delivered
    tries = models.PositiveIntegerField(default=0)  # in vain, since the last delivery
    failing_since = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(default=timezone.now)
    claimed_until = models.DateTimeField(null=True, blank=True)  # by whoever delivers at this moment
    off_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["next_try_at"], condition=models.Q(off_at__isnull=True), name="outgoing_hook_due"),
        ]

    def secret(self) -> str | None:
        """None where SECRET_KEY was changed since, and the former one is forgotten."""
        for secret_key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
            secret = secret_of(bytes(self.nonce), secret_key=secret_key)
            if hmac.compare_digest(hash_of(secret), self.secret_hash):
                return secret
        return None


class Delivery(models.Model):
    """One try to tell a target, for those who manage the chat to look at; the last few are kept."""

    hook = models.ForeignKey(OutgoingHook, models.CASCADE, related_name="deliveries")
    at = models.DateTimeField(default=timezone.now)
    since = models.BigIntegerField()
    version = models.BigIntegerField()
    count = models.PositiveIntegerField()
    status = models.PositiveIntegerField(null=True, blank=True)  # None: there was no answer
    problem = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.hook_id} {self.since}-{self.version}"


def bots_of_hooks(chat: Chat) -> list[UUID]:
    """For when the chat is erased, and nothing names them any more; those of webhooks deleted before, too."""
    bots = chat.memberships.filter(user__is_bot=True, user__bot_owner=None)
    return list(bots.values_list("user_id", flat=True))
