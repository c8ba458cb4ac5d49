"""A person's picture: drawn anew, kept, replaced, taken away."""

from uuid import UUID

from django.db import transaction

from abdre import pictures
from abdre.cache import forget_changed, own_card
from user_svc.models import User
from user_svc.selectors import user_by_id
from user_svc.services.news import tell_changed
from user_svc.services.standing import lock_person


def folder_of(user_id: UUID) -> str:
    return f"people/{user_id}"


def set_picture(*, user_id: UUID, content: bytes) -> User:
    """Raises NoPicture, UserNotFound."""
    picture = pictures.drawn(content)
    pictures.keep(folder_of(user_id), picture)  # before anybody is told its name
    return _replace(user_id, picture.hash)


def remove_picture(*, user_id: UUID) -> User:
    """Raises UserNotFound."""
    return _replace(user_id, None)


def _replace(user_id: UUID, picture_hash: str | None) -> User:
    with transaction.atomic():
        former = lock_person(user_id=user_id).picture  # of two at once the second takes away the first one's
        User.objects.filter(id=user_id).update(picture=picture_hash)
        if former and former != picture_hash:
            transaction.on_commit(lambda: pictures.forget(folder_of(user_id), former), robust=True)
        user = user_by_id(user_id)
        tell_changed(user)
    forget_changed(own_card(user_id))
    return user
