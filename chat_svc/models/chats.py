"""Chats and who is in them; each change takes the chat's next version."""

import datetime as dt
import uuid
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone

from chat_svc.errors import ChatNotFound, ChatOver, NotAMember

TITLE_LIMIT = 100
TOPIC_LIMIT = 250
SLOW_MODE_LIMIT_S = 6 * 3600
KEEPS_DAYS_LIMIT = 3650
MEMBERS_LIMIT = 1_000
# How many versions an era has, one of which begins when a backup is restored. Cursors of before may point into what was
# lost with it, and whoever shows one begins anew. The era is the minute of the restore: what the backup says would give
# the same each time it is restored. More than a chat counts, and JavaScript's numbers hold the minutes until 2089.
ERA = 2**28


class Kind(models.TextChoices):
    DIRECT = "direct"
    GROUP = "group"
    TEMPORARY = "temporary"


class Role(models.TextChoices):
    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    GUEST = "guest"


class State(models.TextChoices):
    ACTIVE = "active"
    LEFT = "left"
    REMOVED = "removed"
    BANNED = "banned"


class Notify(models.TextChoices):
    """Of which messages somebody wants to be told."""

    ALL = "all"
    MENTIONS = "mentions"
    NOTHING = "nothing"


class GuestRule(models.TextChoices):
    ALLOWED = "allowed"
    HELD = "held"  # until whoever manages the chat lets it through
    REFUSED = "refused"


def in_one_era(version: int, other: int) -> bool:
    """Whether no backup was restored between these two versions of a chat."""
    return version // ERA == other // ERA


def pair_key(one: UUID, other: UUID) -> str:
    """What a direct chat of these two is found by, whoever of them asks."""
    return ":".join(sorted((str(one), str(other))))


class ChatManager(models.Manager["Chat"]):
    def locked(self, chat_id: UUID) -> "Chat":
        """The row, locked until the transaction ends: every change of a chat begins here. Raises ChatNotFound."""
        try:
            return self.select_for_update().get(id=chat_id)
        except Chat.DoesNotExist as problem:
            raise ChatNotFound from problem

    def locked_for(self, chat_id: UUID, user_id: UUID) -> "tuple[Chat, Membership]":
        """The row, locked, for a deed of a member, and the membership. Raises NotAMember.

        Asked without the lock first: strangers neither queue on a chat nor learn from the waiting that it exists.
        """
        if not Membership.objects.filter(chat_id=chat_id, user_id=user_id, state=State.ACTIVE).exists():
            raise NotAMember
        chat = self.locked(chat_id)
        return chat, chat.membership_of(user_id)


class Chat(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    title = models.CharField(max_length=TITLE_LIMIT, blank=True)
    topic = models.CharField(max_length=TOPIC_LIMIT, blank=True, db_default="")
    # Seconds that a member waits between two messages; 0: none.
    slow_mode_s = models.PositiveIntegerField(default=0, db_default=0)
    announcement_only = models.BooleanField(default=False, db_default=False)
    picture = models.CharField(max_length=64, blank=True, db_default="")  # the hash under which it is kept
    guest_links = models.CharField(max_length=10, choices=GuestRule.choices, default="allowed", db_default="allowed")
    guest_files = models.CharField(max_length=10, choices=GuestRule.choices, default="allowed", db_default="allowed")
    # Found by anybody with an account, who may come in without a code; guests if this says so too.
    is_public = models.BooleanField(default=False, db_default=False)
    guests_may_join = models.BooleanField(default=False, db_default=False)
    history_for_newcomers = models.BooleanField(default=True, db_default=True)
    # Messages before this one are hidden from somebody who came later; 0: none. It never goes back.
    hidden_below = models.BigIntegerField(default=0, db_default=0)
    # Days for which messages are kept; 0: for as long as the installation says.
    keeps_days = models.PositiveIntegerField(default=0, db_default=0)
    # Messages before this one are gone for good, whoever asks; 1: none of them. It never goes back.
    pruned_below = models.BigIntegerField(default=1, db_default=1, editable=False)
    # Of a direct chat: one of the two has blocked the other, and nobody writes. Written under the chat's lock.
    is_blocked = models.BooleanField(default=False, db_default=False, editable=False)
    direct_key = models.CharField(max_length=73, null=True, blank=True, unique=True, editable=False)  # one per pair
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True, db_index=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    # Up to here the search's blocks hold the messages.
    sealed_seq = models.BigIntegerField(default=0, db_default=0)
    last_seq = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=0)  # of the newest change to anything in the chat
    own_version = models.BigIntegerField(default=0)  # of the newest change to this row's own facts
    # No index: every message moves these three, and a row is rewritten in place only while no indexed column changes.
    last_message_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[ChatManager] = ChatManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="chat_kind_known"),
            models.CheckConstraint(
                condition=models.Q(last_seq__gte=0, version__gte=models.F("last_seq")), name="chat_version_covers_seq"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="temporary") ^ models.Q(expires_at__isnull=True), name="temporary_chat_expires"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="direct") ^ models.Q(direct_key__isnull=True), name="direct_chat_has_pair"
            ),
            models.CheckConstraint(
                condition=models.Q(slow_mode_s__lte=SLOW_MODE_LIMIT_S), name="chat_slow_mode_in_hours"
            ),
            models.CheckConstraint(
                condition=models.Q(keeps_days__lte=KEEPS_DAYS_LIMIT), name="chat_keeps_for_ten_years_at_most"
            ),
            models.CheckConstraint(
                condition=models.Q(pruned_below__gte=1, last_seq__gte=models.F("pruned_below") - 1),
                name="chat_pruned_up_to_its_end",
            ),
            models.CheckConstraint(
                condition=models.Q(is_public=False) | models.Q(kind="group"), name="public_chat_is_a_group"
            ),
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="chat_newest"),
            models.Index(fields=["title"], condition=models.Q(is_public=True), name="chat_public"),
            models.Index(fields=["id"], condition=models.Q(keeps_days__gt=0), name="chat_keeps_for_a_time"),
        ]

    def __str__(self) -> str:
        return self.title or str(self.id)

    @property
    def is_over(self) -> bool:
        return self.closed_at is not None or (self.expires_at is not None and self.expires_at <= timezone.now())

    def refuse_if_over(self) -> None:
        if self.is_over:
            raise ChatOver

    @property
    def first_for_newcomers(self) -> int:
        """The first message that somebody who comes in now may see."""
        return 0 if self.history_for_newcomers else self.last_seq + 1

    def hide_below(self, seq: int) -> None:
        """From now on somebody may not see what is before `seq`; the caller holds the lock."""
        if seq > self.hidden_below:
            self.hidden_below = seq
            self.save(update_fields=["hidden_below"])

    def next_version(self) -> int:
        """The number of the change under way; the caller holds the lock and saves it on the changed row."""
        return self.next_versions(1).start

    def next_versions(self, count: int) -> range:
        """The same for several rows that change together."""
        first = self.version + 1
        self.version += count
        self.save(update_fields=["version"])
        return range(first, first + count)

    def change(self, **facts: object) -> None:
        """Facts of the row itself; the caller holds the lock."""
        for name, value in facts.items():
            setattr(self, name, value)
        self.own_version = self.next_version()
        self.save(update_fields=[*facts, "own_version"])

    def membership_of(self, user_id: UUID) -> "Membership":
        """The person's active membership. Raises NotAMember."""
        found = Membership.objects.select_related("user").filter(chat=self, user_id=user_id, state=State.ACTIVE)
        membership = found.first()
        if membership is None:
            raise NotAMember
        return membership


class Membership(models.Model):
    """One row per person and chat for ever; leaving changes its state."""

    chat = models.ForeignKey(Chat, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    joined_at = models.DateTimeField(default=timezone.now)
    read_seq = models.BigIntegerField(default=0)
    # Of the messages after the mark: those that count as nobody's news (deleted, told by the system, one's own), and
    # those that call the person. Kept with every change under the chat's lock, so that no list has to count.
    uncounted = models.BigIntegerField(default=0, db_default=0)
    mentions = models.BigIntegerField(default=0, db_default=0)
    # Up to which the person has cleared the chat for themselves.
    cleared_seq = models.BigIntegerField(default=0, db_default=0)
    # Noted in slow mode only.
    last_sent_at = models.DateTimeField(null=True, blank=True)
    version = models.BigIntegerField()
    # The first message that the person may see.
    visible_from_seq = models.BigIntegerField(default=0, db_default=0)
    # Until when staff keeps the person from writing here.
    silenced_until = models.DateTimeField(null=True, blank=True)
    # The person's own, told to nobody else; no change of them takes a version.
    notify = models.CharField(max_length=10, choices=Notify.choices, default=Notify.ALL, db_default=Notify.ALL)
    muted_until = models.DateTimeField(null=True, blank=True)
    # Put away as of this message: the next one brings the chat back, unless it is muted.
    archived_seq = models.BigIntegerField(null=True, blank=True)
    is_pinned = models.BooleanField(default=False, db_default=False)
    is_favourite = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chat", "user"], name="membership_once"),
            models.UniqueConstraint(fields=["chat", "version"], name="membership_version_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="membership_state_known"),
            models.CheckConstraint(condition=models.Q(read_seq__gte=0), name="membership_read_seq_positive"),
        ]
        indexes = [
            models.Index(fields=["user", "state"], name="membership_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.chat_id}"

    @property
    def is_active(self) -> bool:
        return self.state == State.ACTIVE

    @property
    def is_muted(self) -> bool:
        return self.muted_until is not None and self.muted_until > timezone.now()

    @property
    def silence(self) -> dt.datetime | None:
        """Until when the person may not write here, by a silence in this chat or everywhere; None: they may."""
        ends = [end for end in (self.silenced_until, self.user.silenced_until) if end and end > timezone.now()]
        return max(ends, default=None)

    @property
    def is_archived(self) -> bool:
        return self.archived_seq is not None and (self.archived_seq >= self.chat.last_seq or self.is_muted)

    def change(self, *, version: int, **facts: object) -> None:
        for name, value in facts.items():
            setattr(self, name, value)
        self.version = version
        self.save(update_fields=[*facts, "version"])
