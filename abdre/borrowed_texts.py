"""Texts of Django whose own translation is wrong or missing in a language of ours: our catalogues come before its."""

from django.utils.translation import gettext_noop

TEXTS = (gettext_noop("Friday"),)  # Жума in Kazakh, for Жұма
