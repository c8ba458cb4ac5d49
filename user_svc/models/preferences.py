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

    class Meta:
        verbose_name_plural = "preferences"
        constraints = [
            models.CheckConstraint(condition=models.Q(theme__in=Theme.values), name="preferences_theme_known"),
            models.CheckConstraint(condition=models.Q(accent__in=Accent.values), name="preferences_accent_known"),
            models.CheckConstraint(condition=models.Q(text_size__in=TextSize.values), name="preferences_size_known"),
        ]

    def __str__(self) -> str:
        return f"of {self.user_id}"
