from django.db import migrations, models

from abdre.online_schema import AddIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("abdre", "0002_grown")]

    operations = [AddIndexConcurrently("planted", models.Index(fields=["age"], name="planted_by_age"))]
