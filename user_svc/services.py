"""People come, get an account, change their name, go."""

import datetime as dt
import re
import secrets
import unicodedata
from collections.abc import Iterable
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from abdre.cache import forget_changed, own_card
from user_svc.errors import (
    EmailTaken,
    InvalidName,
    LastAdministrator,
    NotAGuest,
    UsernameTaken,
    UserNotFound,
    WeakPassword,
)
from user_svc.models import DISPLAY_NAME_LIMIT, USERNAME_KEY_LIMIT, User, name_key
from user_svc.selectors import DELETED_NAME, DELETION_TAKES, is_ignorable, people_with_email, user_by_id

USERNAME = re.compile(r"[\w.-]{3,30}")
# They turn the text around them, so a name could rewrite the line it stands in.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
BLANKS = frozenset("\u2800")  # a Braille pattern without dots: a letter to Unicode, nothing to the eye
LAST_SEEN_EVERY = dt.timedelta(minutes=1)


def create_guest(*, display_name: str) -> User:
    """Raises InvalidName."""
    guest = User(display_name=checked_display_name(display_name), is_guest=True)
    guest.set_unusable_password()
    guest.save()
    return guest


def create_member(*, username: str, password: str | None, email: str = "", display_name: str = "") -> User:
    """Raises as `prepare_member` and `save_member`."""
    return save_member(prepare_member(username=username, password=password, email=email, display_name=display_name))


def prepare_member(
    *,
    username: str,
    password: str | None,
    email: str = "",
    display_name: str = "",
    guest_id: UUID | None = None,
    new_id: UUID | None = None,
) -> User:
    """A member to be saved: somebody new, or the guest, who stays who they are. Locks nothing and writes nothing.

    Hashing a password takes long on purpose, so it happens here, before anybody has to wait for a lock.
    `password=None` is for people who sign in otherwise; `new_id` for who was promised one; `email` is one that they
    have shown to be theirs.
    Raises InvalidName, WeakPassword, NotAGuest, UserNotFound.
    """
    user = User(id=new_id or uuid4()) if guest_id is None else _guest(guest_id)
    user.is_guest = False
    user.username = checked_username(username)
    user.display_name = checked_display_name(display_name or user.display_name or username)
    user.email = email or None
    if password is None:
        user.set_unusable_password()
    else:
        _check_password(password, user)
        user.set_password(password)
    return user


def _guest(user_id: UUID) -> User:
    user = user_by_id(user_id)
    if not user.is_guest:
        raise NotAGuest
    return user


def save_member(user: User) -> User:
    """Write what was prepared. Where a guest becomes a member, the guest's chats are locked before.

    Raises UsernameTaken, EmailTaken, NotAGuest.
    """
    try:
        with transaction.atomic():
            _write_member(user)
    except IntegrityError as problem:
        taken = User.objects.exclude(id=user.id).filter(username_key=name_key(user.username or "")).exists()
        raise (UsernameTaken if taken else EmailTaken) from problem
    return user


def _write_member(user: User) -> None:
    if user._state.adding:
        user.save()
        return
    facts = {name: getattr(user, name) for name in ("is_guest", "username", "display_name", "email", "password")}
    still_a_guest = User.objects.filter(id=user.id, is_guest=True)
    keys = {"username_key": name_key(user.username or ""), "display_name_key": name_key(user.display_name)}
    if not still_a_guest.update(**facts, **keys):
        raise NotAGuest
    forget_changed(own_card(user.id))


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as problem:
        raise WeakPassword(problem.messages) from problem


def set_email(*, user_id: UUID, email: str | None) -> None:
    """The address that the person has shown to be theirs.

    Who else has it here never did: it stands there since the time before addresses were confirmed.
    """
    if email:
        people_with_email(email).exclude(id=user_id).update(email=None)
    User.objects.filter(id=user_id).update(email=email)


def hashed_password(*, user: User, password: str) -> str:
    """Takes long on purpose, so it is done before anybody has to wait for a lock. Raises WeakPassword."""
    _check_password(password, user)
    return make_password(password)


def replace_password(*, user: User, hashed: str) -> bool:
    """Write a new password over the one that `user` was read with; False where that is no longer there."""
    return bool(User.objects.filter(id=user.id, password=user.password).update(password=hashed))


def rename(*, user_id: UUID, display_name: str) -> User:
    """Raises InvalidName, UserNotFound. A guest cannot take the name of a member of a chat it is in."""
    name = checked_display_name(display_name)
    user = user_by_id(user_id)
    if user.is_guest and import_string(settings.IS_A_MEMBERS_NAME)(user_id, name):
        raise InvalidName("display_name", _("Somebody here has this name. Please choose another."))
    user.display_name = name
    user.save(update_fields=["display_name", "display_name_key"])
    forget_changed(own_card(user.id))
    return user


def seen(user_ids: Iterable[UUID]) -> None:
    """Note when these people were last there; rarely, since nobody needs the second.

    A row that somebody else holds is passed over: waiting for it, with others in hand, could be a deadlock.
    """
    now = timezone.now()
    stale = User.objects.filter(id__in=list(user_ids)).exclude(last_seen_at__gt=now - LAST_SEEN_EVERY)
    with transaction.atomic():
        # Not the key: whoever stores a message of this person meanwhile refers to the row, and need not wait.
        free = stale.select_for_update(skip_locked=True, no_key=True)
        if ids := list(free.values_list("id", flat=True)):
            User.objects.filter(id__in=ids).update(last_seen_at=now)


def checked_username(username: str) -> str:
    """Kept as typed. Raises InvalidName."""
    if not USERNAME.fullmatch(username):
        raise InvalidName("username", _("3 to 30 letters, digits, dots, hyphens or underscores."))
    if len(name_key(username)) > USERNAME_KEY_LIMIT:
        raise InvalidName("username", _("These signs stand for whole words. Please choose plain letters."))
    return username


def checked_display_name(display_name: str) -> str:
    """Kept as typed, but for white space around it. Raises InvalidName."""
    name = display_name.strip()
    if not 1 <= len(name) <= DISPLAY_NAME_LIMIT:
        raise InvalidName("display_name", _("A name has 1 to 60 characters."))
    if not all(_may_stand_in_name(sign) for sign in name) or not any(_is_visible(sign) for sign in name):
        raise InvalidName("display_name", _("This name holds signs that cannot be shown."))
    return name


def _may_stand_in_name(sign: str) -> bool:
    if sign in BIDI_CONTROLS:
        return False
    # Cf: tag characters build flags of regions in emoji; Co, Cs, Cc have no agreed look.
    hidden = unicodedata.category(sign) in ("Cc", "Cs", "Co", "Zl", "Zp")
    return not hidden


def _is_visible(sign: str) -> bool:
    return not is_ignorable(sign) and sign not in BLANKS and unicodedata.category(sign) not in ("Cf", "Zs", "Mn", "Me")


def lock_person(*, user_id: UUID) -> User:
    """In a transaction: what else locks this person, or changes their row, comes before or after. Raises UserNotFound.

    Chats are locked before, sessions and all else of the person after. On SQLite the transaction has locked everybody
    already (BEGIN IMMEDIATE). Not the key: whoever stores a message of theirs refers to the row, and need not wait.
    """
    try:
        return User.objects.select_for_update(no_key=True).get(id=user_id)
    except User.DoesNotExist as problem:
        raise UserNotFound from problem


def ban(*, user_id: UUID) -> None:
    """Mark the person as banned everywhere; since when, stays as it was. Raises UserNotFound."""
    if not User.objects.filter(id=user_id, banned_at=None).update(banned_at=timezone.now()):
        user_by_id(user_id)


def make_administrator(*, user_id: UUID) -> None:
    """A member may do everything in the admin from now on. Raises UserNotFound (a guest cannot)."""
    if not User.objects.filter(id=user_id, is_guest=False).update(is_staff=True, is_superuser=True):
        raise UserNotFound


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
        staying = User.objects.filter(is_superuser=True, is_active=True, banned_at=None, deletion_due_at=None)
        administrators = list(staying.select_for_update().order_by("id").values_list("id", flat=True))
        if administrators == [user_id]:
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
        user.email = user.last_seen_at = user.last_login = user.deactivated_at = None
        user.is_staff = user.is_superuser = False
        user.date_joined = timezone.now()
        user.set_unusable_password()
        user.save()
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
