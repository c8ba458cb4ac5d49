"""Two migrations that nobody wants, to show that the proof can fail: one adds, one takes away."""

from pathlib import Path

EXPANDS = """
migrations.AddField("message", "planted", models.TextField(null=True)),
migrations.AddField("chat", "planted", models.IntegerField(db_default=7, default=7)),
migrations.CreateModel("Planted", [("id", models.BigAutoField(primary_key=True))]),
"""
CONTRACTS = """
migrations.RenameField("message", "body", "text"),
"""
MIGRATION = """
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat_svc", "{newest}")]
    operations = [{steps}]
"""


def plant(tree: Path, steps: str) -> None:
    folder = tree / "chat_svc/migrations"
    newest = max(path.stem for path in folder.glob("0*.py"))
    (folder / "9999_planted.py").write_text(MIGRATION.format(newest=newest, steps=steps))
