"""Django's entry for sessions, tokens, invitations and the admin."""

from django.apps import AppConfig


class AuthConfig(AppConfig):
    name = "auth_svc"
    verbose_name = "Sessions and invitations"

    def ready(self) -> None:
        from auth_svc.selectors import places

        places.database()  # a broken file stops the start here, with the variable's name
