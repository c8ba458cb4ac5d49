"""In which language a browser that is told things asks."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("user_svc", "0005_push_and_quiet_hours"),
    ]

    operations = [
        migrations.AddField(
            model_name="pushsubscription",
            name="language",
            field=models.CharField(blank=True, db_default="", default="", max_length=10),
        ),
    ]
