"""What a person tells of themselves, and to whom."""

from django.conf import settings
from django.db import models

STATUS_LIMIT = 100
EMOJI_LIMIT = 16  # one sign to the eye may be many to Unicode: families, flags, shades of skin
ABOUT_LIMIT = 500


class Writers(models.TextChoices):
    """Who may begin a direct chat with the person; what has begun goes on."""

    EVERYBODY = "everybody"
    PEERS = "peers"  # who shares a chat with them
    NOBODY = "nobody"


class Profile(models.Model):
    """Made with the first word; without a row all is as it is by default."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="profile")
    status_emoji = models.CharField(max_length=EMOJI_LIMIT, blank=True, default="", db_default="")
    status_text = models.CharField(max_length=STATUS_LIMIT, blank=True, default="", db_default="")
    status_until = models.DateTimeField(null=True, blank=True)
    about = models.CharField(max_length=ABOUT_LIMIT, blank=True, default="", db_default="")
    shows_presence = models.BooleanField(default=True, db_default=True)
    shows_receipts = models.BooleanField(default=True, db_default=True)
    shows_local_time = models.BooleanField(default=False, db_default=False)
    is_findable = models.BooleanField(default=True, db_default=True)
    who_may_write = models.CharField(
        max_length=10, choices=Writers.choices, default=Writers.EVERYBODY, db_default=Writers.EVERYBODY
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(who_may_write__in=Writers.values), name="profile_writers_known"),
        ]

    def __str__(self) -> str:
        return f"of {self.user_id}"
