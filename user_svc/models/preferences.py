"""How a person wants the pages."""

from django.conf import settings
from django.db import models


class Theme(models.TextChoices):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "contrast"


class Accent(models.TextChoices):
    PETROL = "petrol"
    BLUE = "blue"
    VIOLET = "violet"
    ROSE = "rose"
    GREEN = "green"


class TextSize(models.TextChoices):
    SMALL = "small"
    NORMAL = "normal"
    LARGE = "large"
    LARGEST = "largest"


class Preferences(models.Model):
    """Made with the first change; without a row all is as it is by default."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="preferences")
    language = models.CharField(max_length=10, blank=True, default="", db_default="")  # empty: as the browser asks
    time_zone = models.CharField(max_length=64, blank=True, default="", db_default="")  # empty: as the browser says
    theme = models.CharField(max_length=10, choices=Theme.choices, default=Theme.SYSTEM, db_default=Theme.SYSTEM)
    accent = models.CharField(max_length=10, choices=Accent.choices, default=Accent.PETROL, db_default=Accent.PETROL)
    text_size = models.CharField(
        max_length=10, choices=TextSize.choices, default=TextSize.NORMAL, db_default=TextSize.NORMAL
    )
    enter_sends = models.BooleanField(default=True, db_default=True)
    sounds = models.BooleanField(default=True, db_default=True)
    # What stands on a screen that others may see.
    hides_text = models.BooleanField(default=False, db_default=False)
    # Between these, by the person's clock, nothing is pushed and nothing rings; over midnight where they say so.
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    # Letters about missed mentions: for who asks for them, and when the last one went out.
    digest = models.BooleanField(default=False, db_default=False)
    digest_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "preferences"
        constraints = [
            models.CheckConstraint(condition=models.Q(theme__in=Theme.values), name="preferences_theme_known"),
            models.CheckConstraint(condition=models.Q(accent__in=Accent.values), name="preferences_accent_known"),
            models.CheckConstraint(condition=models.Q(text_size__in=TextSize.values), name="preferences_size_known"),
            models.CheckConstraint(
                condition=models.Q(quiet_from__isnull=True) ^ models.Q(quiet_until__isnull=False),
                name="preferences_quiet_has_both_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"of {self.user_id}"
