"""Texts of Django whose own translation is wrong or missing in a language of ours: our catalogues come before its."""

from django.utils.translation import gettext_noop, ngettext_lazy

TEXTS = (
    gettext_noop("Friday"),  # Жума in Kazakh, for Жұма
    # What a password must be, which Django says in no Kazakh at all.
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
    gettext_noop("This password is too common."),
    gettext_noop("This password is entirely numeric."),
)
