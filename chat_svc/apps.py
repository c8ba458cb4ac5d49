"""Chats: memberships, messages, and the one writer that numbers them."""

from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat_svc"
