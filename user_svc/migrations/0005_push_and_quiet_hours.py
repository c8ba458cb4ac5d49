"""Browsers that are told things, quiet hours, letters about missed mentions."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("user_svc", "0004_bots")]

    operations = [
        migrations.AddField("preferences", "hides_text", models.BooleanField(db_default=False, default=False)),
        migrations.AddField("preferences", "quiet_from", models.TimeField(blank=True, null=True)),
        migrations.AddField("preferences", "quiet_until", models.TimeField(blank=True, null=True)),
        migrations.AddField("preferences", "digest", models.BooleanField(db_default=False, default=False)),
        migrations.AddField("preferences", "digest_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddConstraint(
            "preferences",
            models.CheckConstraint(
                condition=models.Q(("quiet_from__isnull", True)) ^ models.Q(("quiet_until__isnull", False)),
                name="preferences_quiet_has_both_ends",
            ),
        ),
        migrations.CreateModel(
            name="PushSubscription",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("session", models.UUIDField(unique=True)),
                ("endpoint", models.CharField(max_length=2048, unique=True)),
                ("p256dh", models.CharField(max_length=100)),
                ("auth", models.CharField(max_length=100)),
                ("time_zone", models.CharField(blank=True, max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="push_subscriptions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
