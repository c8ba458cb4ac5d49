from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    operations = [
        migrations.CreateModel(
            name="Planted",
            fields=[("id", models.BigAutoField(primary_key=True)), ("age", models.IntegerField())],
            options={"db_table": "abdre_planted"},
        ),
    ]
