"""Django's entry for signing in through somebody else's login."""

from django.apps import AppConfig


class OAuthConfig(AppConfig):
    name = "oauth_svc"
    verbose_name = "Third-party login"
