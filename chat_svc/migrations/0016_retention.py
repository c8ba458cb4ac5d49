"""For how long a chat keeps its messages, and up to where they have gone."""

import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat_svc', '0014_moderation'),
    ]

    operations = [
        migrations.AddField(
            model_name='chat',
            name='keeps_days',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='chat',
            name='pruned_below',
            field=models.BigIntegerField(db_default=1, default=1, editable=False),
        ),
        migrations.AddIndex(
            model_name='chat',
            index=models.Index(condition=models.Q(('keeps_days__gt', 0)), fields=['id'], name='chat_keeps_for_a_time'),
        ),
        migrations.AddConstraint(
            model_name='chat',
            constraint=models.CheckConstraint(condition=models.Q(('keeps_days__lte', 3650)), name='chat_keeps_for_ten_years_at_most'),
        ),
        migrations.AddConstraint(
            model_name='chat',
            constraint=models.CheckConstraint(condition=models.Q(('last_seq__gte', django.db.models.expressions.CombinedExpression(models.F('pruned_below'), '-', models.Value(1))), ('pruned_below__gte', 1)), name='chat_pruned_up_to_its_end'),
        ),
    ]
