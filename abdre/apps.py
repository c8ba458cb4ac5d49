"""The kernel as a Django app: checks, commands, the locale; no tables."""

from django.apps import AppConfig


class AbdreConfig(AppConfig):
    name = "abdre"

    def ready(self) -> None:
        from abdre import checks, lookups, tokens

        checks.register_all()
        lookups.register_all()
        tokens.key_set()  # a broken key stops the start here, with the variable's name
