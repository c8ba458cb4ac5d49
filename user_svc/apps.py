"""People: identity rows, profiles, presence."""

from django.apps import AppConfig


class UserConfig(AppConfig):
    name = "user_svc"
