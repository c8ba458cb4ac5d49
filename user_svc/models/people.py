"""A person: a guest who scanned a code, a member with an account, or a bot, which is a program."""

import unicodedata
import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from abdre.pictures import HASH_LENGTH

DISPLAY_NAME_LIMIT = 60
# The groups of staff; what each may do is a migration of auth_svc's.
ADMINISTRATORS, MODERATORS = "Administrators", "Moderators"
# The account by which staff acts in chats: it names nobody. A row like all others, made when it is first needed.
STAFF_ID = uuid.UUID("5a0f0000-0000-4000-8000-000000000001")
USERNAME_KEY_LIMIT = 120  # a letter's plain spelling can be longer than the letter


def name_key(name: str) -> str:
    """What makes two names the same, letter case and Unicode spelling aside; SQLite knows ASCII's case at best."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username_key=name_key(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """Never row-deleted: other people's chats name them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(max_length=30, null=True, blank=True, unique=True)  # guests have none
    username_key = models.CharField(max_length=USERNAME_KEY_LIMIT, null=True, blank=True, editable=False, unique=True)
    display_name = models.CharField(max_length=DISPLAY_NAME_LIMIT)
    picture = models.CharField(max_length=HASH_LENGTH, null=True, blank=True, editable=False)  # names its content
    display_name_key = models.TextField(editable=False)  # for the search: SQLite folds no case but ASCII's
    email = models.EmailField(null=True, blank=True)
    is_guest = models.BooleanField(default=False)
    is_bot = models.BooleanField(default=False, db_default=False)
    # Whose bot it is; the bot of a chat's webhook is nobody's. PROTECT, since a bot is never row-deleted either.
    bot_owner = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="bots")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    banned_at = models.DateTimeField(null=True, blank=True)
    # Until when staff keeps the person from writing anywhere.
    silenced_until = models.DateTimeField(null=True, blank=True)
    date_joined = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    # The person's own deed, undone by signing in; `is_active` is not theirs: an account that is closed stays closed.
    deactivated_at = models.DateTimeField(null=True, blank=True)
    # Asked for by the person, who may take it back until it has begun.
    deletion_due_at = models.DateTimeField(null=True, blank=True)
    erases_messages = models.BooleanField(default=False, db_default=False)
    deletion_begun_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        indexes = [
            models.Index(fields=["date_joined", "id"], name="user_newest"),
            models.Index(
                fields=["deletion_due_at"],
                name="user_deletion_due",
                condition=models.Q(deletion_due_at__isnull=False, deleted_at__isnull=True),
            ),
        ]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="email_unique"),
            models.CheckConstraint(
                condition=models.Q(is_guest=True) ^ models.Q(username__isnull=False), name="member_has_username"
            ),
            models.CheckConstraint(condition=~models.Q(display_name=""), name="display_name_given"),
            models.CheckConstraint(
                condition=models.Q(is_guest=False) | models.Q(is_staff=False, is_superuser=False),
                name="guest_is_no_staff",
            ),
            models.CheckConstraint(
                condition=models.Q(is_bot=False) | models.Q(is_guest=False, is_staff=False, is_superuser=False),
                name="bot_is_neither_guest_nor_staff",
            ),
            models.CheckConstraint(
                condition=models.Q(is_bot=True) | models.Q(bot_owner__isnull=True), name="only_bots_have_owners"
            ),
            models.CheckConstraint(
                condition=models.Q(deletion_begun_at__isnull=True) | models.Q(is_active=False),
                name="nobody_comes_in_amid_deletion",
            ),
        ]

    def save(self, **options: Any) -> None:
        self.username_key = name_key(self.username) if self.username else None
        self.display_name_key = name_key(self.display_name)
        super().save(**options)

    def __str__(self) -> str:
        return self.username or self.display_name
