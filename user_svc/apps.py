"""People: identity rows, profiles, presence."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class UserConfig(AppConfig):
    name = "user_svc"
    verbose_name = _("People")
