from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("abdre", "0001_initial")]

    operations = [migrations.AddField("planted", "height", models.IntegerField(null=True))]
