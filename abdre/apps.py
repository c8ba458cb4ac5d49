"""The kernel as a Django app: checks, commands, the locale; no tables."""

from django.apps import AppConfig


class AbdreConfig(AppConfig):
    name = "abdre"

    def ready(self) -> None:
        from abdre import checks, key_set, lookups

        checks.register_all()
        lookups.register_all()
        key_set.key_set()  # a broken key stops the start here, with the variable's name
