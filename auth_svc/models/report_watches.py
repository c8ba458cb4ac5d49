"""How far each of the staff has been told of reports that wait, and when they last looked."""

from django.conf import settings
from django.db import models


class ReportWatch(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    looked_at = models.DateTimeField(null=True, blank=True)  # at the list of reports
    pushed_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user_id)
