"""Who is told that somebody looks different now."""

from django.conf import settings
from django.utils.module_loading import import_string

from abdre.events import chat_group, publish, user_group
from user_svc.events import user_changed
from user_svc.models import User


def tell_changed(user: User) -> None:
    """Everybody who shares a chat with the person, and their own devices.

    A frame for each chat, however many people are in it; how often somebody changes is limited where they ask.
    """
    event = user_changed(user)
    publish(user_group(user.id), event)
    for chat_id in import_string(settings.CHATS_OF_PEOPLE)([user.id])[user.id]:
        publish(chat_group(chat_id), event)
