"""People come, get an account, change their name."""

import secrets
from collections.abc import Iterable, Sequence
from functools import partial
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from abdre import tally
from abdre.cache import forget_changed, own_card
from user_svc.errors import EmailTaken, InvalidName, NotAGuest, UsernameTaken, WeakPassword
from user_svc.events import ACCOUNTS_MADE, GUESTS_MADE
from user_svc.models import STAFF_ID, User, name_key
from user_svc.selectors import people_with_email, user_by_id
from user_svc.services.names import checked_display_name, checked_username

BATCH = 2_000


def create_guest(*, display_name: str) -> User:
    """Raises InvalidName."""
    guest = User(display_name=checked_display_name(display_name), is_guest=True)
    guest.set_unusable_password()
    guest.save()
    transaction.on_commit(partial(tally.add, GUESTS_MADE))
    return guest


def create_member(*, username: str, password: str | None, email: str = "", display_name: str = "") -> User:
    """Raises as `prepare_member` and `save_member`."""
    return save_member(prepare_member(username=username, password=password, email=email, display_name=display_name))


def create_members_in_bulk(names: Sequence[tuple[str, str]]) -> list[UUID]:
    """People with a user name and a display name who cannot sign in: a town's, for trying out and for measuring.

    Raises InvalidName, UsernameTaken.
    """
    members = [prepare_member(username=one, password=None, display_name=shown) for one, shown in names]
    for member in members:
        member.username_key = name_key(member.username or "")
        member.display_name_key = name_key(member.display_name)
    try:
        with transaction.atomic():
            User.objects.bulk_create(members, batch_size=BATCH)
    except IntegrityError as problem:
        raise UsernameTaken from problem
    return [member.id for member in members]


def create_bot(*, owner_id: UUID | None, display_name: str, username: str = "") -> User:
    """A program that takes part under a name of its own; it never signs in by a password.

    `owner_id=None`: the bot of a chat's webhook, and of nobody. Raises InvalidName, UsernameTaken.
    """
    bot = prepare_member(username=username or f"bot-{secrets.token_hex(8)}", password=None, display_name=display_name)
    bot.is_bot, bot.bot_owner_id = True, owner_id
    if owner_id is not None:  # whom staff keeps from writing does not write by a new bot either
        bot.silenced_until = user_by_id(owner_id).silenced_until
    return save_member(bot)


def staff_account() -> User:
    """By which staff acts where people see it; nobody can call themselves by its user name. May be in a transaction."""
    facts = {
        "username": "*moderators*",
        "username_key": "*moderators*",
        "display_name": "Moderators",  # clients that know the account say it in the reader's language
        "display_name_key": name_key("Moderators"),
        "is_bot": True,
        "password": make_password(None),
    }
    return User.objects.get_or_create(id=STAFF_ID, defaults=facts)[0]


def delete_hook_bots(bot_ids: Iterable[UUID]) -> None:
    """Rows and all: the bot of a webhook is named in one chat only, and that is gone."""
    User.objects.filter(id__in=list(bot_ids), is_bot=True, bot_owner=None).delete()


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
    if not user.is_bot:
        transaction.on_commit(partial(tally.add, ACCOUNTS_MADE))
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
    """Raises InvalidName, UserNotFound. A guest cannot take the name of a member of a chat it is in, nor anybody a new
    one while staff keeps them from writing everywhere: else a name would be a way to say more.
    """
    name = checked_display_name(display_name)
    user = user_by_id(user_id)
    is_silenced = user.silenced_until and user.silenced_until > timezone.now()
    if is_silenced and name != user.display_name:
        raise InvalidName("display_name", _("While you may not write, your name stays as it is."))
    if user.is_guest and import_string(settings.IS_A_MEMBERS_NAME)(user_id, name):
        raise InvalidName("display_name", _("Somebody here has this name. Please choose another."))
    user.display_name = name
    user.save(update_fields=["display_name", "display_name_key"])
    forget_changed(own_card(user.id))
    return user
