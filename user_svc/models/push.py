"""Where people's browsers are told things while no page is open."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from abdre.fetching import URL_LIMIT
from abdre.web_push import Target

KEY_LIMIT = 100


class PushSubscription(models.Model):
    """Of one session: it goes with that, so whoever logs out is told nothing any more."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="push_subscriptions")
    session = models.UUIDField(unique=True)  # auth_svc's, which stands above
    endpoint = models.CharField(max_length=URL_LIMIT, unique=True)
    p256dh = models.CharField(max_length=KEY_LIMIT)
    auth = models.CharField(max_length=KEY_LIMIT)
    time_zone = models.CharField(max_length=64, blank=True)  # the device's, for who has chosen none
    language = models.CharField(
        max_length=10, blank=True, default="", db_default=""
    )  # its own, for who has chosen none
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.id} of {self.user_id}"

    @property
    def target(self) -> Target:
        return Target(self.endpoint, self.p256dh, self.auth)
