"""Chats: memberships, messages, and the one writer that numbers them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "chat_svc"
    verbose_name = _("Chats")
