"""Who wants nothing to do with whom."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Block(models.Model):
    """One person's own deed; it works both ways, and the other one is not told."""

    blocker = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="blocks", db_index=False)
    blocked = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="blocked_by")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(condition=~models.Q(blocker=models.F("blocked")), name="block_of_another"),
        ]

    def __str__(self) -> str:
        return f"{self.blocked_id} by {self.blocker_id}"
