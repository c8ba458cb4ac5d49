"""Words and patterns that may not be said in the whole house, as administrators have set them."""

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from chat_svc.filtering import TEXT_LIMIT, FilterAction, FilterKind, Rule


class FilterRule(models.Model):
    """A rule that is taken off stays as a row: the log names it, and `version` never goes back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in FilterKind])
    text = models.CharField(max_length=TEXT_LIMIT)
    action = models.CharField(max_length=10, choices=[(action.value, action.value) for action in FilterAction])
    guests_only = models.BooleanField(default=False)
    # Of the newest change to any rule: by the highest one a process sees that it must read them anew.
    version = models.BigIntegerField(unique=True)
    changed_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind.value for kind in FilterKind]), name="filter_rule_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(action__in=[action.value for action in FilterAction]),
                name="filter_rule_action_known",
            ),
            models.UniqueConstraint(
                fields=["kind", "text", "guests_only"],
                condition=models.Q(removed_at__isnull=True),
                name="filter_rule_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.text}"

    @property
    def rule(self) -> Rule:
        return Rule(self.id, FilterKind(self.kind), self.text, FilterAction(self.action), self.guests_only)
