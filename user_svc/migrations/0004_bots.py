"""Bots: programs that take part under names of their own."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("user_svc", "0003_profiles_preferences_and_blocks")]

    operations = [
        migrations.AddField("user", "is_bot", models.BooleanField(db_default=False, default=False)),
        migrations.AddField(
            "user",
            "bot_owner",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bots",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                condition=models.Q(("is_bot", False))
                | models.Q(("is_guest", False), ("is_staff", False), ("is_superuser", False)),
                name="bot_is_neither_guest_nor_staff",
            ),
        ),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                condition=models.Q(("is_bot", True)) | models.Q(("bot_owner__isnull", True)),
                name="only_bots_have_owners",
            ),
        ),
    ]
