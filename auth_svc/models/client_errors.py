"""Errors that people's browsers met: one row for each kind, counted, and soon forgotten."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

MESSAGE_LENGTH = 500
PATH_LENGTH = 300
STACK_LENGTH = 4_000
VERSION_LENGTH = 100
REQUEST_ID_LENGTH = 64
BROWSER_LENGTH = 400


class ClientError(models.Model):
    """One kind of error: the same words at the same place of the same release. Page, browser and ids are the last."""

    fingerprint = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField(default=0)
    first_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)
    message = models.CharField(max_length=MESSAGE_LENGTH)
    file = models.CharField(max_length=PATH_LENGTH, blank=True)
    line = models.PositiveIntegerField(default=0)
    column = models.PositiveIntegerField(default=0)
    stack = models.TextField(max_length=STACK_LENGTH, blank=True)
    version = models.CharField(max_length=VERSION_LENGTH, blank=True)
    page = models.CharField(max_length=PATH_LENGTH, blank=True)
    browser = models.CharField(max_length=BROWSER_LENGTH, blank=True)
    request_id = models.CharField(max_length=REQUEST_ID_LENGTH, blank=True)
    # No foreign key: a report stands in no person's way, and is gone before anybody could miss it.
    user_id = models.UUIDField(null=True, blank=True)

    class Meta:
        ordering = ["-last_at"]
        indexes = [models.Index(fields=["last_at", "id"], name="client_error_newest")]

    def __str__(self) -> str:
        return self.message
