"""People go: for a while, or for good."""

import datetime as dt
import secrets
from uuid import UUID

from django.contrib.admin.models import LogEntry
from django.db import models, transaction
from django.utils import timezone

from abdre import pictures
from abdre.cache import forget_changed, own_card
from user_svc.errors import LastAdministrator
from user_svc.models import User
from user_svc.selectors import DELETED_NAME, DELETION_TAKES, administrators
from user_svc.services.pictures import folder_of


def deactivate(*, user_id: UUID) -> None:
    """Until the person comes back, the search does not find them. A guest has no way to come back."""
    User.objects.filter(id=user_id, is_guest=False, deactivated_at=None).update(deactivated_at=timezone.now())


def come_back(*, user_id: UUID) -> bool:
    """The person has signed in; whether the account was deactivated until now."""
    return bool(User.objects.filter(id=user_id, deactivated_at__isnull=False).update(deactivated_at=None))


def ask_for_deletion(*, user_id: UUID, due_at: dt.datetime, erases_messages: bool) -> None:
    """Asked again, the last word counts. Raises LastAdministrator."""
    with transaction.atomic():
        # Locked, so that of two who go at once one stays.
        staying = administrators().filter(is_active=True, banned_at=None, deletion_due_at=None)
        remaining = list(staying.select_for_update().order_by("id").values_list("id", flat=True))
        if remaining == [user_id]:
            raise LastAdministrator
        person = User.objects.filter(id=user_id, deletion_begun_at=None)
        person.update(deletion_due_at=due_at, erases_messages=erases_messages)


def keep_account(*, user_id: UUID) -> bool:
    """Whether there was a deletion to take back."""
    asked = User.objects.filter(id=user_id, deletion_due_at__isnull=False, deletion_begun_at=None)
    return bool(asked.update(deletion_due_at=None, erases_messages=False))


def begin_deletion(*, user_id: UUID) -> bool:
    """From now on there is no way back; whether it was not yet under way, and is due."""
    now = timezone.now()
    due = User.objects.filter(id=user_id, deletion_due_at__lte=now, deleted_at=None)
    waiting = due.exclude(deletion_begun_at__gt=now - DELETION_TAKES)
    return bool(waiting.update(deletion_begun_at=now, is_active=False))


def anonymise(*, user_id: UUID) -> None:
    """All that is known of the person goes. The row stays, since other people's chats name it. Again is no harm."""
    with transaction.atomic():
        user = User.objects.select_for_update().get(id=user_id)
        _delete_belongings(user)
        user.display_name = str(DELETED_NAME)
        user.username = None if user.is_guest else f"deleted.{secrets.token_hex(4)}"
        user.picture = user.email = user.last_seen_at = user.last_login = user.deactivated_at = None
        user.is_staff = user.is_superuser = False
        user.groups.clear()
        user.date_joined = timezone.now()
        user.set_unusable_password()
        user.save()
    pictures.forget_all(folder_of(user_id))
    forget_changed(own_card(user_id))


def _delete_belongings(user: User) -> None:
    """As if the row were deleted: what would go with it goes; chats, messages and codes would stand in its way.

    But for the admin's log: what an administrator did must not be forgotten by their leaving.
    """
    for field in User._meta.get_fields(include_hidden=True):
        if not isinstance(field, models.ManyToOneRel) or field.related_model is LogEntry:
            continue
        if field.on_delete is models.CASCADE:
            field.related_model._base_manager.filter(**{field.field.name: user}).delete()


def end_deletion(*, user_id: UUID) -> None:
    """Nothing of the person is left anywhere."""
    begun = User.objects.filter(id=user_id, deletion_begun_at__isnull=False, deleted_at=None)
    begun.update(deleted_at=timezone.now(), erases_messages=False)
