"""What staff did, in a log that only grows; reports are taken on and closed; people are silenced in a chat."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


# The database itself refuses: whatever the application's code, or somebody with its role, may try. Who owns the table can
# take the triggers away, so the application's role owns nothing (abdre/docs/operations.md, "The moderation log").
POSTGRES = """
CREATE FUNCTION chat_svc_moderationentry_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the moderation log only grows' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER moderation_entry_stays BEFORE UPDATE OR DELETE ON chat_svc_moderationentry
    FOR EACH ROW EXECUTE FUNCTION chat_svc_moderationentry_only_grows();
CREATE TRIGGER moderation_log_stays BEFORE TRUNCATE ON chat_svc_moderationentry
    FOR EACH STATEMENT EXECUTE FUNCTION chat_svc_moderationentry_only_grows();
"""
NO_POSTGRES = """
DROP TRIGGER moderation_log_stays ON chat_svc_moderationentry;
DROP TRIGGER moderation_entry_stays ON chat_svc_moderationentry;
DROP FUNCTION chat_svc_moderationentry_only_grows();
"""
SQLITE = [
    f"""
CREATE TRIGGER moderation_entry_{deed} BEFORE {deed} ON chat_svc_moderationentry
BEGIN SELECT RAISE(ABORT, 'the moderation log only grows'); END
"""
    for deed in ("update", "delete")
]
NO_SQLITE = ["DROP TRIGGER moderation_entry_update", "DROP TRIGGER moderation_entry_delete"]


def guard(apps, schema_editor):
    for statement in [POSTGRES] if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement, params=None)


def unguard(apps, schema_editor):
    for statement in [NO_POSTGRES] if schema_editor.connection.vendor == "postgresql" else NO_SQLITE:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('chat_svc', '0013_membership_log'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ModerationEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('actor_id', models.UUIDField()),
                ('deed', models.CharField(max_length=40)),
                ('person_id', models.UUIDField(null=True)),
                ('chat_id', models.UUIDField(null=True)),
                ('seq', models.BigIntegerField(db_default=0, default=0)),
                ('target_id', models.UUIDField(null=True)),
                ('report_id', models.UUIDField(null=True)),
                ('reason', models.CharField(blank=True, max_length=1000)),
                ('address', models.CharField(blank=True, max_length=64)),
                ('details', models.JSONField(default=dict)),
                ('undoes', models.BigIntegerField(null=True)),
            ],
            options={
                'ordering': ['-id'],
                'permissions': [('handle_reports', 'Handle reports, and read what was reported'), ('moderate_messages', 'Delete, restore and approve messages'), ('moderate_people', 'Warn, silence, remove and ban people'), ('moderate_chats', 'Close, lock and slow chats, and revoke codes'), ('read_log', 'Read the moderation log'), ('export_log', 'Export the moderation log'), ('appoint_staff', 'Appoint and dismiss staff'), ('set_rules', "Set the word filter's rules"), ('see_system', "See sessions, all chats' facts and browsers' errors")],
                'default_permissions': (),
            },
        ),
        migrations.AlterModelOptions(
            name='report',
            options={'default_permissions': ()},
        ),
        migrations.AddField(
            model_name='membership',
            name='silenced_until',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='report',
            name='claimed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='report',
            name='claimed_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='report',
            name='closed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='report',
            name='closed_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='report',
            name='state',
            field=models.CharField(choices=[('open', 'Open'), ('escalated', 'Escalated'), ('resolved', 'Resolved'), ('rejected', 'Rejected')], default='open', max_length=10),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(fields=['target_id', 'created_at'], name='report_of_target'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(fields=['reporter', 'created_at'], name='report_by_reporter'),
        ),
        migrations.AddIndex(
            model_name='report',
            index=models.Index(condition=models.Q(('claimed_by__isnull', False), ('state__in', ('open', 'escalated'))), fields=['claimed_by', 'created_at'], name='report_claimed'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'escalated', 'resolved', 'rejected'])), name='report_state_known'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('open', 'escalated')), ('closed_at__isnull', False), _connector='XOR'), name='report_closed_when_done'),
        ),
        migrations.AddConstraint(
            model_name='report',
            constraint=models.CheckConstraint(condition=models.Q(('claimed_by__isnull', True), ('claimed_at__isnull', False), _connector='XOR'), name='report_claimed_at_a_time'),
        ),
        migrations.AddIndex(
            model_name='moderationentry',
            index=models.Index(fields=['actor_id', '-id'], name='moderation_by_actor'),
        ),
        migrations.AddIndex(
            model_name='moderationentry',
            index=models.Index(fields=['person_id', '-id'], name='moderation_by_person'),
        ),
        migrations.AddIndex(
            model_name='moderationentry',
            index=models.Index(fields=['chat_id', '-id'], name='moderation_by_chat'),
        ),
        migrations.AddIndex(
            model_name='moderationentry',
            index=models.Index(condition=models.Q(('report_id__isnull', False)), fields=['report_id'], name='moderation_by_report'),
        ),
        migrations.AddIndex(
            model_name='moderationentry',
            index=models.Index(fields=['deed', '-id'], name='moderation_by_deed'),
        ),
        migrations.AddIndex(
            model_name='moderationentry',
            index=models.Index(fields=['at'], name='moderation_by_time'),
        ),
        migrations.AddConstraint(
            model_name='moderationentry',
            constraint=models.UniqueConstraint(condition=models.Q(('undoes__isnull', False)), fields=('undoes',), name='moderation_undone_once'),
        ),
        migrations.RunPython(guard, unguard),
    ]
