"""Django's entry for sessions, tokens, invitations and the admin."""

from django.apps import AppConfig


class AuthConfig(AppConfig):
    name = "auth_svc"
    verbose_name = "Sessions and invitations"
