"""Django's entry for signing in through somebody else's login."""

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class OAuthConfig(AppConfig):
    name = "oauth_svc"
    verbose_name = "Third-party login"

    def ready(self) -> None:
        """What the settings could not see yet: allauth's other protocols (OAuth 1, OpenID 2, SAML) need other views."""
        from allauth.socialaccount.providers import registry
        from allauth.socialaccount.providers.oauth2.provider import OAuth2Provider

        for name in settings.SOCIALACCOUNT_PROVIDERS:
            provider = registry.get_class(name)
            if provider is None or not issubclass(provider, OAuth2Provider):
                raise ImproperlyConfigured(f"ABDRE_SOCIAL_PROVIDERS: {name} does not speak OAuth 2")
