"""What happened to memberships, to be read between the messages."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('chat_svc', '0012_link_previews'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MembershipEntry',
            fields=[
                ('pk', models.CompositePrimaryKey('chat_id', 'after_seq', 'version', blank=True, editable=False, primary_key=True, serialize=False)),
                ('after_seq', models.BigIntegerField()),
                ('version', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('joined', 'Joined'), ('left', 'Left'), ('removed', 'Removed'), ('banned', 'Banned'), ('role_changed', 'Role Changed')], max_length=12)),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('admin', 'Admin'), ('member', 'Member'), ('guest', 'Guest')], max_length=10)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('chat', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='membership_log', to='chat_svc.chat')),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['joined', 'left', 'removed', 'banned', 'role_changed'])), name='membership_entry_kind_known'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['removed', 'banned']), _negated=True), ('by__isnull', False), _connector='OR'), name='membership_entry_removed_by_somebody')],
            },
        ),
    ]
